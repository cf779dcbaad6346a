"""Residue: whatever was treated is found in what is about to leave, however it is written."""

from __future__ import annotations

import ast
import base64
import hashlib
import html
import json
import quopri
from pathlib import Path
from time import process_time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.canon import PSEUDONYMISE, REDACT, Category, Outcome, Role, dumps
from comity.material import StixObject, deterministic_id
from comity.privacy.detection import Detection
from comity.privacy.pseudonyms import Pseudonyms
from comity.privacy.residue import Residue
from comity.privacy.treatments import Gone, treat
from comity.privacy.treatments.markers import every_marker

ATTACKS = Path(__file__).parent.parent / "vectors" / "attacks"
TRAPS = json.loads((ATTACKS / "minimisation_traps.json").read_text())["cases"]
PSEUDONYM_CASES = json.loads((ATTACKS / "pseudonyms.json").read_text())["cases"]


def gone(category, value, text=None):
    return Gone(category=category, value=value, text=text or value)


ADDRESS = gone(Category.IPV4_ADDRESS, "198.51.100.23")
NAME = gone(Category.PERSON_NAME, "Jan Novák")
EMAIL = gone(Category.EMAIL_ADDRESS, "jan.novak@example.cz")
PHONE = gone(Category.PHONE_NUMBER, "+420601234567", "+420 601 234 567")
TIME = gone(Category.TRAFFIC_DATA, "2024-01-01T08:13:27.412Z")
LOGIN = gone(Category.USERNAME, "jnovak")


def verdicts(residue, text, **more):
    return [hit.verdict for hit in residue.search({"description": text}, **more)]


def refused(residue, text):
    return Outcome.DENY in verdicts(residue, text)


# The published traps


@pytest.mark.parametrize("case", TRAPS, ids=lambda case: case["case"])
def test_every_leak_of_the_traps_is_found(case):
    treated = [ADDRESS, NAME, EMAIL, PHONE] + ([TIME] if case["case"] == "timestamps" else [])
    residue = Residue(treated)
    found = {
        f"[{number}]" + "".join(f".[{step}]" if step.isdecimal() else f".{step}" for step in hit.path.split("/")[1:])
        for number, content in enumerate(case["bundle"])
        for hit in residue.search(content)
    }
    assert set(case["leaks"]) <= found
    if case["case"] != "timestamps":  # whose creation is as telling as the sighting, and rewritten by the crossing
        assert set(case["leaks"]) == found


@pytest.mark.parametrize("case", PSEUDONYM_CASES, ids=lambda case: case["case"])
@pytest.mark.parametrize("place", ["description", "id", "src_ref"])
def test_every_recoverable_pseudonym_is_refused(case, place):
    originals = [
        (Category.PHONE_NUMBER if "phone" in case["case"] else Category.IPV4_ADDRESS, "+420601234567"),
        *((Category.IPV4_ADDRESS, f"198.51.100.{last}") for last in (23, 200)),
        (Category.IPV4_ADDRESS, "203.0.113.77"),
        (Category.EMAIL_ADDRESS, "jan.novak@example.cz"),
        (Category.USERNAME, "jnovak"),
    ]
    residue = Residue([gone(*one) for one in originals], salts=[b"salt2024"])
    hits = residue.search({place: case["pseudonym"]})
    assert (bool(hits) and all(hit.verdict is Outcome.DENY for hit in hits)) == case["recoverable"]


# Spellings of one value

WRITTEN = [
    (ADDRESS, ["198.51.100.23", "198[.]51[.]100[.]23", "198(dot)51(dot)100(dot)23", "198 dot 51 dot 100 dot 23",
               "198.051.100.023", "3325256727", "0xC6336417", "c6336417", "0xc6.0x33.0x64.0x17", "0306.063.0144.027",
               "23.100.51.198.in-addr.arpa", "ip-198-51-100-23.compute.example", "::ffff:198.51.100.23",
               "::ffff:c633:6417", "2002:c633:6417::1", "http://198.51.100.23:8080/x", "198.51.100.23/32",
               "198\\.51\\.100\\.23", "host.198.51.100.23.nip.io"]),
    (NAME, ["Jan Novák", "JAN NOVÁK", "jan novak", "Jan Nova\u0301k", "Ｊａｎ　Ｎｏｖáｋ", "Jаn Nоvák",
            "Jan\u200bNovák", "Jan  Novák", "Novák, Jan", "jan_novak", "jan.novak", "NovákJan", "Jan&nbsp;Nov&aacute;k",
            "Jan%20Nov%C3%A1k", "Jan\\u0020Nov\\u00e1k", "Jan=20Nov=C3=A1k", "=?utf-8?q?Jan_Nov=C3=A1k?=",
            "J\u00adan Novák"]),
    (EMAIL, ["jan.novak@example.cz", "Jan.Novak@EXAMPLE.CZ", "jan.novak[at]example[.]cz", "jan.novak%40example.cz",
             "mailto:jan.novak@example.cz?x", "jan dot novak at example dot cz", "jan.novak&#64;example.cz",
             "jan.novak%2540example.cz"]),
    (PHONE, ["+420 601 234 567", "+420601234567", "00420 601234567", "601 234 567", "601-234-567", "(601) 234/567",
             "tel:+420.601.234.567", "call 601234567 12"]),
    (gone(Category.IBAN, "GB29NWBK60161331926819"), ["GB29 NWBK 6016 1331 9268 19", "gb29nwbk60161331926819",
                                                     "60161331926819", "GB29-NWBK-6016-1331-9268-19"]),
    (gone(Category.PAYMENT_CARD, "4111111111111111"), ["4111 1111 1111 1111", "4111-1111-1111-1111",
                                                       "4111.1111.1111.1111", "4111 1111 1111 1111 12/27"]),
    (gone(Category.NATIONAL_ID, "800101/1238"), ["8001011238", "800101/1238", "800101 1238"]),
    (gone(Category.MAC_ADDRESS, "00:1b:44:11:3a:b7"), ["00-1B-44-11-3A-B7", "001b.4411.3ab7", "001B44113AB7",
                                                       "fe80::21b:44ff:fe11:3ab7"]),
    (gone(Category.IPV6_ADDRESS, "2001:db8:7:9::23"), ["2001:DB8:7:9:0:0:0:23", "2001:0db8:0007:0009::0023",
                                                       "[2001:db8:7:9::23]:443"]),
    (gone(Category.HOSTNAME, "ws7.ward.klinika.example"), ["WS7.ward.klinika.example", "ws7[.]ward[.]klinika[.]example",
                                                           "example.klinika.ward.ws7", "ws7.ward.klinika.example."]),
    (gone(Category.DOMAIN_NAME, "novákova-klinika.example"), ["xn--novkova-klinika-pjb.example"]),
    (gone(Category.USERNAME, "KLINIKA\\mkowal7"), ["mkowal7", "C:\\Users\\mkowal7\\x", "/home/mkowal7/x", "mkowal7@x"]),
    (gone(Category.TRAFFIC_DATA, "2024-01-01T08:13:27.412Z"), ["2024-01-01 08:13:27", "1704096807", "1704096807412"]),
    (gone(Category.PASSWORD, "S0mmer!2024"), ["S0mmer!2024", "-p S0mmer!2024", "user:S0mmer%212024@host"]),
    (gone(Category.PERSON_NAME, "山田太郎"), ["山田太郎さんが", "担当:山田太郎"]),
    (gone(Category.PERSON_NAME, "Олена Шевченко"), ["ШЕВЧЕНКО Олена", "олена шевченко"]),
    (gone(Category.HEALTH, "is treated for asthma"), ["She is treated for ASTHMA now"]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), [(v, t) for v, texts in WRITTEN for t in texts], ids=lambda v: str(v)[:30])
def test_every_spelling_is_refused(value, text):
    assert refused(Residue([value]), f"seen: {text}")


def quoted_printable(text):
    return quopri.encodestring(text.encode(), quotetabs=True).decode()


ENCODINGS = {
    "percent": lambda text: quote(text, safe=""),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "every byte in percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "HTML decimal": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "HTML hexadecimal": lambda text: "".join(f"&#x{ord(c):x};" for c in text),
    "HTML names": html.escape,
    "JSON": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "base64, first alignment": lambda text: base64.b64encode(f"name: {text} or so".encode()).decode(),
    "base64, second alignment": lambda text: base64.b64encode(f"a name: {text} or so".encode()).decode(),
    "base64, third alignment": lambda text: base64.b64encode(f"my name: {text} or so".encode()).decode(),
    "base64 over lines": lambda text: base64.encodebytes(f"{'x ' * 30}{text} and so on{' x' * 30}".encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"??>> {text} ~~ÿ".encode()).decode().rstrip("="),
    "base64 of UTF-16": lambda text: base64.b64encode(f"echo {text} x".encode("utf-16-le")).decode(),
    "base64 in a path": lambda text: "/get/" + base64.b64encode(f"a name: {text}".encode()).decode(),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(f"a: {text} b".encode())).decode(),
    "base64 of percent": lambda text: base64.b64encode(f"q={quote(text)}&r=1".encode()).decode(),
    "hexadecimal": lambda text: f"value {text}".encode().hex(),
    "hexadecimal with blanks": lambda text: f"value {text}".encode().hex(" "),
    "quoted-printable": quoted_printable,
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "upper case": str.upper,
}
CARRIED = [
    ADDRESS,
    NAME,
    EMAIL,
    gone(Category.HOSTNAME, "ws7.ward.klinika.example"),
    gone(Category.USERNAME, "mkowal7"),
]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("value", CARRIED, ids=lambda value: str(value.category))
def test_every_encoding_is_refused(encoding, value):
    assert refused(Residue([value]), ENCODINGS[encoding](value.value))


@settings(max_examples=150)
@given(st.from_regex(r"[a-z]{5,9}[0-9]{2}", fullmatch=True), st.sampled_from(sorted(ENCODINGS)), st.text(max_size=12))
def test_a_planted_secret_is_found_in_every_encoding(secret, encoding, around):
    text = around.replace("=", "") + " " + ENCODINGS[encoding](secret) + " and more"
    assert refused(Residue([gone(Category.USERNAME, secret)]), text)


@settings(max_examples=60)
@given(st.from_regex(r"[a-z]{4,9}[0-9]{3}", fullmatch=True), st.sampled_from(["base64", "hex"]))
def test_even_where_the_encoded_value_is_short_and_stands_alone(secret, encoding):
    said = base64.b64encode(secret.encode()).decode() if encoding == "base64" else secret.encode().hex()
    assert refused(Residue([gone(Category.USERNAME, secret)]), f"x {said} y")


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("value", [ADDRESS, EMAIL, PHONE, NAME], ids=lambda value: str(value.category))
def test_unkeyed_hashes_are_refused(algorithm, value):
    for spelling in (value.value, value.text):
        digest = hashlib.new(algorithm, spelling.encode()).hexdigest()
        assert refused(Residue([value]), digest) and refused(Residue([value]), f"id:{digest.upper()}")


def test_the_id_of_an_observable_of_any_type_that_was_treated():
    file = {"type": "file", "name": "Marta Kowalczyk.docx"}
    source = deterministic_id(file)
    residue = Residue([], source_ids=[source])
    hits = residue.search({"type": "note", "object_refs": ["a", source], "content": f"see {source}"})
    assert [(hit.path, hit.verdict) for hit in hits] == [("/object_refs/1", Outcome.DENY), ("/content", Outcome.DENY)]


# What is not a hit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ADDRESS, "198.51.100.230 and 1198.51.100.23 and 7.198.51.100.23 in version 98.51.100.23"),
        (gone(Category.IPV4_ADDRESS, "198.51.100.0"), "the network 198.51.100.0/24"),
        (NAME, "on 12 Jan 2024, Jan. 7 and Jan-2024"),
        (NAME, "the supernova of January"),
        (PHONE, "60123456 and 6012345678 and 1601234567"),
        (LOGIN, "jnovakova and xjnovak"),
        (gone(Category.PERSON_NAME, "Mark Price"), "will mark the price"),
        (gone(Category.HOSTNAME, "pc7.klinika.example"), "somewhere at klinika.example"),
        (EMAIL, "somebody at example.cz"),
    ],
)  # fmt: skip
def test_what_only_looks_like_it(value, text):
    assert verdicts(Residue([value]), text) == []


def test_our_own_markers_and_pseudonyms_are_nobodys_data():
    words = ["user", "person", "name", "link", "host", "mail", "message", "removed", "address", "review", "national"]
    residue = Residue([gone(Category.USERNAME, word) for word in words])
    ours = [*every_marker(), *(Pseudonyms(b"\x05" * 32, "1").of(category, "x") for category in Category)]
    assert [hit for text in ours for hit in residue.search({"x": text})] == []
    assert verdicts(residue, "ssh user@host") == [Outcome.REFER] * 2


def test_a_login_that_is_a_word_is_a_word_in_prose_and_a_login_where_logins_stand():
    residue = Residue([gone(Category.USERNAME, "agents")])
    assert verdicts(residue, "Their agents beacon to /agents/list.php every hour") == []
    for text in ("CORP\\agents", "mail to agents@klinika.example", "C:\\Users\\agents\\x", "user=agents failed"):
        assert verdicts(residue, text) == [Outcome.REFER], text


def test_a_part_of_a_name_is_told_from_words_of_machines():
    residue = Residue([gone(Category.PERSON_NAME, "Mari Tamm")])
    assert verdicts(residue, "see https://files.example/tamm/x.pdf, dated 2017") == []
    assert verdicts(residue, "as Tamm said.") == [Outcome.REFER]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (gone(Category.USERNAME, "bob"), "login bob failed"),  # short
        (gone(Category.USERNAME, "admin"), "login admin failed"),  # a dictionary word
        (gone(Category.PERSON_NAME, "Rose"), "ask Rose"),
        (NAME, "ask Mr Novák"),  # a part
        (NAME, "C:\\Users\\novak\\x"),
        (NAME, "account jnovak"),
        (gone(Category.HEALTH, "asthma"), "has asthma"),
        (gone(Category.DATE_OF_BIRTH, "1984-05-03"), "born 3.5.1984"),
        (gone(Category.DATE_OF_BIRTH, "1984-05-03"), "born on May 3, 1984"),
        (gone(Category.DOMAIN_NAME, "klinika.example"), "klinika.example.org"),  # perhaps another
        (gone(Category.EMAIL_ADDRESS, "marta.k@klinika.example"), "marta.k logged in"),
    ],
)
def test_what_could_be_chance_goes_to_a_person(value, text):
    hits = Residue([value]).search({"description": text})
    assert hits and all(hit.verdict is Outcome.REFER for hit in hits)
    for hit in hits:
        assert text[slice(*hit.span)].strip(" .,") != ""


def kept(value, text, path="/description", category=Category.IPV4_ADDRESS):
    start = text.index(value)
    return Detection(
        path=path, start=start, end=start + len(value), value=value, text=value, category=category, role=Role.ATTACKER,
        confidence=1.0, detector="test", why="invented",
    )  # fmt: skip


def test_a_value_kept_by_decision_is_listed_and_not_a_hit():
    text = "C2 at 198.51.100.23"
    assert verdicts(Residue([ADDRESS]), text, kept=[kept("198.51.100.23", text)]) == [Outcome.PERMIT]
    assert verdicts(Residue([ADDRESS]), text, kept=[kept("192.0.2.1", "192.0.2.1")]) == [Outcome.DENY]
    url = "C2 at http://198.51.100.23/gate.php"
    whole = kept("http://198.51.100.23/gate.php", url, category=Category.URL)
    assert verdicts(Residue([ADDRESS]), url, kept=[whole]) == [Outcome.PERMIT]


# Where it looks


def test_keys_numbers_and_nested_values():
    residue = Residue([EMAIL, gone(Category.ACCOUNT_ID, "77120044"), gone(Category.GPS_POSITION, "49.19522, 16.60796")])
    content = {"x": {"jan.novak@example.cz": [1, {"n": 77120044}]}, "latitude": 49.19522, "ok": [True, None]}
    assert [(hit.path, hit.verdict) for hit in residue.search(content)] == [
        ("/x/#0", Outcome.DENY), ("/x/#0/1/n", Outcome.DENY), ("/latitude", Outcome.REFER),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["C:\\novak7x\\x", "a\nnovak7x", "a\tnovak7x\r\n", 'a"novak7x"', "\\\\novak7x\\n", "\x01novak7x", "é novak7x"],
)
def test_bytes_and_content_say_the_same(text):
    residue = Residue([gone(Category.USERNAME, "novak7x")])
    content = {"a": text}
    assert residue.search(dumps(content)) == residue.search(content) == residue.search(json.dumps(content).encode())
    assert len(residue.search(content)) == 1


@pytest.mark.parametrize("text", ["Zpráva: Jan Novák!", "ß Jan Novák", "ﬁ Ｊan Novák", "山 Jan Novák"])
def test_the_span_shows_the_value_where_it_stands(text):
    (hit,) = Residue([NAME]).search({"x": text})
    assert text[slice(*hit.span)].replace("Ｊ", "J") == "Jan Novák"


def test_a_hit_never_shows_the_value():
    for hit in Residue([NAME, EMAIL]).search({"jan.novak@example.cz": "Jan Novák"}):
        assert "ovak" not in repr(hit) and "ovák" not in repr(hit)


@given(st.text(max_size=200), st.text(min_size=1, max_size=20), st.sampled_from(list(Category)))
def test_no_text_and_no_value_breaks_the_search(text, value, category):
    Residue([gone(category, value)]).search({"x": text})


HOSTILE = [
    "%",
    "%41",
    "A",
    "=",
    "=41",
    "\\u",
    "&#1;",
    "1 ",
    "::",
    "1.",
    "[.]",
    "山",
    "Jan ",
    "Jan Novák ",
    "é",
    "AAAA/",
    "aB1-",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_time_by_its_length(piece):
    residue = Residue([ADDRESS, NAME, EMAIL, PHONE, gone(Category.IPV6_ADDRESS, "2001:db8::7")])
    began = process_time()
    residue.search({"x": piece * (60_000 // len(piece))})
    assert process_time() - began < 5  # a second of this machine at most; squared it would be hours


# Treatment and residue together


@settings(max_examples=80)
@given(st.data())
def test_what_was_treated_is_not_in_the_output_in_any_encoding(data):
    secret = data.draw(st.from_regex(r"[a-z]{6,10}[0-9]{2}", fullmatch=True))
    how = data.draw(st.sampled_from([REDACT, PSEUDONYMISE]))
    before, after = data.draw(st.text(max_size=10)), data.draw(st.text(max_size=10))
    text = f"{before} {secret} {after}"
    content = {"type": "note", "id": "note--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "content": text}
    obj = StixObject(id=content["id"], type="note", content=content, place="objects/0")
    found = Detection(
        path="/content", start=len(before) + 1, end=len(before) + 1 + len(secret), value=secret, text=secret,
        category=Category.USERNAME, role=Role.VICTIM, confidence=1.0, detector="test", why="invented",
    )  # fmt: skip
    result = treat(obj, [(found, how)], Pseudonyms(b"\x03" * 32, "1"))
    residue = Residue(result.gone)
    assert residue.search(content) and not residue.search(result.content)
    # And where the same value stands a second time, in any encoding, it is seen.
    again = ENCODINGS[data.draw(st.sampled_from(sorted(ENCODINGS)))](secret)
    assert residue.search({**result.content, "abstract": again})


def test_residue_gives_no_hash_out():
    """`unkeyed` is used where hits are looked for, and nowhere else in the program."""
    room = Path(__file__).parent.parent.parent / "src" / "comity"
    users = {
        file.relative_to(room).as_posix()
        for file in room.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("residue.unkeyed")
    }
    assert users == {"privacy/residue/spellings.py"}

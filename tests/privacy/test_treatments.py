"""Treatments: every category under every treatment, in every sort of place, leaves STIX or nothing."""

from __future__ import annotations

import copy
import json
import random
from itertools import product

import pytest
import stix2
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import KEEP, PSEUDONYMISE, REDACT, WITHHOLD, Category, Kind, Remains, Role, Treatment
from comity.material import StixObject, breaches, patterns
from comity.privacy.detection import Detection
from comity.privacy.pseudonyms import Pseudonyms
from comity.privacy.treatments import Because, treat
from comity.privacy.treatments.markers import removed

PSEUDONYMS = Pseudonyms(b"\x07" * 32, "2026")
GENERALISE = Treatment(Kind.GENERALISE, Remains(ipv4=24, ipv6=48, email=1, host=1, phone=1, date=1, place=1))
EVERY = (KEEP, GENERALISE, PSEUDONYMISE, REDACT, WITHHOLD)
NOW = "2026-03-01T00:00:00.000Z"

# One invented value of each category.
VALUES = {
    Category.PERSON_NAME: "Marta Kowalczyk",
    Category.EMAIL_ADDRESS: "marta.kowalczyk@klinika.example",
    Category.PHONE_NUMBER: "+420 601 234 567",
    Category.POSTAL_ADDRESS: "Dlouha 7, Brno",
    Category.SOCIAL_HANDLE: "@martak77",
    Category.IPV4_ADDRESS: "198.51.100.23",
    Category.IPV6_ADDRESS: "2001:db8:7:9::23",
    Category.MAC_ADDRESS: "00:1b:44:11:3a:b7",
    Category.HOSTNAME: "ws-0412.ward3.klinika.example",
    Category.DOMAIN_NAME: "portal.klinika.example",
    Category.URL: "https://portal.klinika.example/p/8841",
    Category.USERNAME: "mkowalczyk",
    Category.ACCOUNT_ID: "S-1-5-21-77-1104",
    Category.DEVICE_ID: "356938035643809",
    Category.DATE_OF_BIRTH: "1984-05-03",
    Category.IBAN: "CZ6508000000192000145399",
    Category.PAYMENT_CARD: "4111 1111 1111 1111",
    Category.TRAFFIC_DATA: "2024-01-01T08:13:27.412Z",
    Category.HEALTH: "is being treated for asthma",
}
TEXTS = [VALUES.get(category, f"invented {category}") for category in Category]


def detection(path, string, found, category, *, value=None, start=None, **more):
    begin = string.index(found) if start is None else start
    return Detection(
        path=path, start=begin, end=begin + len(found), value=value or found, text=found, category=category,
        role=more.pop("role", Role.VICTIM), confidence=0.95, detector="test", why="invented", **more,
    )  # fmt: skip


def stix(**content):
    content = {"spec_version": "2.1", "id": f"{content['type']}--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", **content}
    return StixObject(id=content["id"], type=content["type"], content=content, place="objects/0")


def sdo(**content):
    return stix(created=NOW, modified=NOW, **content)


def note(text, **more):
    return sdo(type="note", content=text, object_refs=["indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd30"], **more)


def indicator(pattern, pattern_type="stix"):
    return sdo(type="indicator", pattern=pattern, pattern_type=pattern_type, valid_from=NOW)


def one(obj, path, found, category, treatment, **more):
    """Treat one detection of one string."""
    string = obj.content
    for step in path.split("/")[1:]:
        string = string[int(step)] if isinstance(string, list) else string[step]
    doubtful = more.pop("doubtful", False)
    seen = detection(path, str(string), found, category, **more)
    return treat(obj, [(seen, treatment)], PSEUDONYMS, doubtful=[seen] if doubtful else [])


def is_stix(content):
    """By our own rules, but for the id, and by the OASIS library, which knows nothing of us."""
    found = breaches(content)
    assert [one for one in found if one.place not in {"/id", "id"}] == [], found
    return stix2.parse(json.loads(json.dumps(content)), allow_custom=True, version="2.1")


# Every category x every treatment


@pytest.mark.parametrize(("category", "treatment"), list(product(Category, EVERY)), ids=str)
def test_in_free_text(category, treatment):
    value = VALUES.get(category, f"invented {category}")
    obj = note(f"Seen by the ward: {value}. Please block.")
    before = copy.deepcopy(obj.content)
    result = one(obj, "/content", value, category, treatment)
    assert obj.content == before
    if treatment is WITHHOLD:
        assert result.content is None and result.withheld_because.because is Because.RULE
        return
    is_stix(result.content)
    text = result.content["content"]
    assert text.startswith("Seen by the ward: ") and text.endswith(". Please block.")
    assert result.changed == (treatment is not KEEP) == (value not in text)
    if treatment is REDACT:
        assert text[18:-15] == removed(category)
    if treatment is PSEUDONYMISE:
        assert PSEUDONYMS.of(category, value) in text


TYPED = [
    ("ipv4-addr", "value", Category.IPV4_ADDRESS, {}),
    ("ipv6-addr", "value", Category.IPV6_ADDRESS, {}),
    ("mac-addr", "value", Category.MAC_ADDRESS, {}),
    ("domain-name", "value", Category.DOMAIN_NAME, {}),
    ("domain-name", "value", Category.HOSTNAME, {}),
    ("email-addr", "value", Category.EMAIL_ADDRESS, {}),
    ("email-addr", "display_name", Category.PERSON_NAME, {"value": "a@b.example"}),
    ("url", "value", Category.URL, {}),
    ("user-account", "account_login", Category.USERNAME, {"account_type": "unix"}),
    ("user-account", "user_id", Category.ACCOUNT_ID, {}),
    ("user-account", "credential", Category.PASSWORD, {"user_id": "0"}),
    ("directory", "path", Category.USERNAME, {}),
    ("file", "name", Category.PERSON_NAME, {}),
    ("file", "name", Category.PERSON_NAME, {"hashes": {"MD5": "cead3f77f6cda6ec00f57d76c9a6879f"}}),
    ("mutex", "name", Category.USERNAME, {}),
    ("software", "name", Category.PERSON_NAME, {}),
    ("process", "command_line", Category.PASSWORD, {"pid": 7}),
    ("windows-registry-key", "key", Category.USERNAME, {}),
    ("x509-certificate", "subject", Category.PERSON_NAME, {"serial_number": "77"}),
    ("email-message", "subject", Category.PERSON_NAME, {"is_multipart": False}),
    ("email-message", "body", Category.MESSAGE_CONTENT, {"is_multipart": False}),
    ("artifact", "url", Category.URL, {"hashes": {"MD5": "cead3f77f6cda6ec00f57d76c9a6879f"}}),
    ("artifact", "payload_bin", Category.UNREADABLE, {}),
]


@pytest.mark.parametrize(("kind", "name", "category", "rest"), TYPED, ids=lambda v: str(v)[:24])
@pytest.mark.parametrize("treatment", EVERY, ids=str)
def test_in_a_typed_property(kind, name, category, rest, treatment):
    value = "SmFuIE5vdmFr" if name == "payload_bin" else VALUES.get(category, f"invented {category}")
    obj = stix(type=kind, **{name: value}, **rest)
    result = one(obj, f"/{name}", value, category, treatment, whole=True)
    assert (result.content is None) == (result.withheld_because is not None)
    if result.content is None:
        return
    is_stix(result.content)
    assert (result.content.get(name) == value) == (treatment is KEEP or not result.changed)
    if treatment is PSEUDONYMISE and name != "payload_bin":
        assert name in result.content


@pytest.mark.parametrize(
    ("kind", "category", "treatment", "left"),
    [
        ("ipv4-addr", Category.IPV4_ADDRESS, GENERALISE, "198.51.100.0/24"),
        ("ipv6-addr", Category.IPV6_ADDRESS, GENERALISE, "2001:db8:7::/48"),
        ("domain-name", Category.HOSTNAME, GENERALISE, "klinika.example"),
        ("url", Category.URL, GENERALISE, "https://klinika.example/"),
        ("email-addr", Category.EMAIL_ADDRESS, GENERALISE, None),  # a domain is no mailbox
        ("mac-addr", Category.MAC_ADDRESS, GENERALISE, None),
        ("ipv4-addr", Category.IPV4_ADDRESS, REDACT, None),
    ],
)
def test_what_is_left_of_an_observable(kind, category, treatment, left):
    result = one(stix(type=kind, value=VALUES[category]), "/value", VALUES[category], category, treatment, whole=True)
    assert (result.content or {}).get("value") == left
    if left is None:
        assert result.withheld_because.because is Because.REQUIRED


def test_a_network_that_is_wider_already_stays():
    result = one(
        stix(type="ipv4-addr", value="198.51.0.0/16"), "/value", "198.51.0.0/16", Category.IPV4_ADDRESS, GENERALISE
    )
    assert not result.changed and result.content["value"] == "198.51.0.0/16"


# Free text


def test_the_markers_are_for_people():
    obj = note("Marta Kowalczyk <marta.kowalczyk@klinika.example> called from +420 601 234 567, born 1984-05-03")
    wanted = [
        (VALUES[Category.PERSON_NAME], Category.PERSON_NAME, REDACT),
        (VALUES[Category.EMAIL_ADDRESS], Category.EMAIL_ADDRESS, GENERALISE),
        (VALUES[Category.PHONE_NUMBER], Category.PHONE_NUMBER, GENERALISE),
        (VALUES[Category.DATE_OF_BIRTH], Category.DATE_OF_BIRTH, GENERALISE),
    ]
    seen = [(detection("/content", obj.content["content"], text, category), how) for text, category, how in wanted]
    assert treat(obj, seen, PSEUDONYMS).content["content"] == (
        "[person name removed] <[e-mail address: klinika.example]> called from [telephone number: +420], "
        "born [date of birth: 1984]"
    )


def test_a_doubtful_span_waits_for_a_person():
    result = one(note("Ask Rose about it"), "/content", "Rose", Category.PERSON_NAME, KEEP, doubtful=True)
    assert result.content["content"] == "Ask [withheld for review] about it"
    whole = one(sdo(type="identity", name="Rose"), "/name", "Rose", Category.PERSON_NAME, REDACT, doubtful=True)
    assert whole.content["name"] == "[withheld for review]"


def test_a_special_category_is_not_named_by_its_marker():
    result = one(note("She is a Catholic nurse"), "/content", "Catholic", Category.RELIGION, REDACT)
    assert result.content["content"] == "She is a [special category of data removed] nurse"


def test_a_country_is_told_only_when_one_is_known():
    text = note("Lives at Dlouha 7, Brno")
    told = one(text, "/content", "Dlouha 7, Brno", Category.POSTAL_ADDRESS, GENERALISE, countries=frozenset({"CZ"}))
    assert told.content["content"] == "Lives at [postal address: CZ]"
    silent = one(
        text, "/content", "Dlouha 7, Brno", Category.POSTAL_ADDRESS, GENERALISE, countries=frozenset({"CZ", "SK"})
    )
    assert silent.content["content"] == "Lives at [postal address removed]"


# Overlapping spans


def overlapping(first, second):
    text = "mail jan.novak@klinika.example now"
    obj = note(text)
    a = detection("/content", text, "jan.novak", Category.USERNAME)
    b = detection("/content", text, "jan.novak@klinika.example", Category.EMAIL_ADDRESS)
    results = [treat(obj, marked, PSEUDONYMS) for marked in ([(a, first), (b, second)], [(b, second), (a, first)])]
    assert results[0] == results[1]
    return results[0].content and results[0].content["content"]


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (KEEP, KEEP, "mail jan.novak@klinika.example now"),
        (KEEP, GENERALISE, "mail [e-mail address: klinika.example] now"),
        (GENERALISE, GENERALISE, "mail [e-mail address: klinika.example] now"),
        (GENERALISE, PSEUDONYMISE, "mail [e-mail address removed] now"),
        (REDACT, PSEUDONYMISE, "mail [e-mail address removed] now"),
        (WITHHOLD, KEEP, None),
        (REDACT, KEEP, "mail [user name removed]@klinika.example now"),
    ],
    ids=str,
)
def test_overlapping_spans_are_joined(first, second, text):
    assert overlapping(first, second) == text


def test_a_union_that_is_nobodys_value_is_redacted():
    text = "Marta Nowak Kowalczyk"
    obj = note(text + " called")
    a = detection("/content", text, "Marta Nowak", Category.PERSON_NAME)
    b = detection("/content", text, "Nowak Kowalczyk", Category.PERSON_NAME)
    result = treat(obj, [(a, PSEUDONYMISE), (b, PSEUDONYMISE)], PSEUDONYMS)
    assert result.content["content"] == "[person name removed] called"


@given(st.permutations(range(4)), st.lists(st.sampled_from(EVERY), min_size=4, max_size=4))
def test_the_order_of_detections_does_not_matter(order, how):
    text = "Marta Kowalczyk (mkowalczyk, marta.kowalczyk@klinika.example) at 198.51.100.23"
    found = ["Marta Kowalczyk", "mkowalczyk", "marta.kowalczyk@klinika.example", "198.51.100.23"]
    category = [Category.PERSON_NAME, Category.USERNAME, Category.EMAIL_ADDRESS, Category.IPV4_ADDRESS]
    marked = [(detection("/content", text, found[n], category[n]), how[n]) for n in range(4)]
    assert treat(note(text), marked, PSEUDONYMS) == treat(note(text), [marked[n] for n in order], PSEUDONYMS)


@given(st.data())
def test_no_treated_character_stays_and_no_other_goes(data):
    text = data.draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
    spans = data.draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 8)), max_size=4))
    marked = []
    gone = set()
    for start, length in spans:
        end = min(start + length, len(text))
        marked.append((detection("/content", text, text[start:end], Category.HEALTH, start=start), REDACT))
        gone |= set(range(start, end))
    result = treat(note(text), marked, PSEUDONYMS)
    rest = result.content["content"].replace("[special category of data removed]", "\x00")
    expected = "".join("\x00" if n in gone else c for n, c in enumerate(text))
    while "\x00\x00" in expected:
        expected = expected.replace("\x00\x00", "\x00")
    while "\x00\x00" in rest:
        rest = rest.replace("\x00\x00", "\x00")
    assert rest == expected


# URLs, paths, command lines, headers, certificates


@pytest.mark.parametrize(
    ("url", "found", "category", "treatment", "left"),
    [
        ("https://b.example/?m=jan%40x.example&n=1", "jan%40x.example", Category.EMAIL_ADDRESS, REDACT,
         "https://b.example/?m=e-mail-address-removed&n=1"),
        ("https://b.example/?m=jan%40x.example", "jan%40x.example", Category.EMAIL_ADDRESS, PSEUDONYMISE,
         "https://b.example/?m=" + PSEUDONYMS.of(Category.EMAIL_ADDRESS, "jan%40x.example").replace("@", "%40")),
        ("ftp://jan:geheim7@b.example/x", "geheim7", Category.PASSWORD, REDACT, "ftp://jan:password-removed@b.example/x"),
        ("https://198.51.100.23:8080/x", "198.51.100.23", Category.IPV4_ADDRESS, PSEUDONYMISE,
         f"https://{PSEUDONYMS.of(Category.IPV4_ADDRESS, '198.51.100.23')}:8080/x"),
        ("https://198.51.100.23/x", "198.51.100.23", Category.IPV4_ADDRESS, GENERALISE, "https://ip-address-removed.invalid/x"),
        ("https://pc7.klinika.example/x", "pc7.klinika.example", Category.HOSTNAME, GENERALISE, "https://klinika.example/x"),
        ("https://b.example/u/Marta%20K", "Marta%20K", Category.PERSON_NAME, REDACT, "https://b.example/u/person-name-removed"),
    ],
)  # fmt: skip
def test_a_part_of_a_url(url, found, category, treatment, left):
    typed = one(stix(type="url", value=url), "/value", found, category, treatment)
    assert typed.content["value"] == left
    is_stix(typed.content)
    prose = one(note(f"See {url} there"), "/content", found, category, treatment)
    assert prose.content["content"] == f"See {left} there"


def test_only_the_user_folder_of_a_path():
    path = "C:\\Users\\mkowalczyk\\AppData\\Local\\evil.exe"
    result = one(stix(type="directory", path=path), "/path", "mkowalczyk", Category.USERNAME, REDACT)
    assert result.content["path"] == "C:\\Users\\user-name-removed\\AppData\\Local\\evil.exe"


def test_a_command_line_keeps_its_arguments_apart():
    line = "net user mkowalczyk Sommer2024 /add"
    obj = stix(type="process", command_line=line)
    seen = [
        (detection("/command_line", line, "mkowalczyk", Category.USERNAME), PSEUDONYMISE),
        (detection("/command_line", line, "Sommer2024", Category.PASSWORD), REDACT),
    ]
    words = treat(obj, seen, PSEUDONYMS).content["command_line"].split(" ")
    assert words == ["net", "user", PSEUDONYMS.of(Category.USERNAME, "mkowalczyk"), "password-removed", "/add"]


def test_only_the_name_in_a_certificate_subject():
    obj = stix(type="x509-certificate", subject="C=CZ, O=Klinika, CN=Marta Kowalczyk", serial_number="1")
    result = one(obj, "/subject", "Marta Kowalczyk", Category.PERSON_NAME, REDACT)
    assert result.content["subject"] == "C=CZ, O=Klinika, CN=[person name removed]"


def test_an_email_header():
    line = "from pc7.klinika.example (198.51.100.23)"
    obj = stix(
        type="email-message", is_multipart=False, received_lines=[line], additional_header_fields={"X-Orig": line}
    )
    for path in ("/additional_header_fields/X-Orig", "/received_lines/0"):
        content = one(obj, path, "198.51.100.23", Category.IPV4_ADDRESS, GENERALISE).content
        headers = [*content["received_lines"], *content["additional_header_fields"].values()]
        assert sorted(headers) == ["from pc7.klinika.example (198.51.100.0/24)", line]
        is_stix(content)


# Removing


def test_an_optional_property_goes_and_a_required_one_says_so():
    who = sdo(type="identity", name="Marta Kowalczyk", contact_information="+420 601 234 567")
    seen = [
        (detection("/name", who.content["name"], "Marta Kowalczyk", Category.PERSON_NAME, whole=True), REDACT),
        (detection("/contact_information", "+420 601 234 567", "+420 601 234 567", Category.PHONE_NUMBER), REDACT),
    ]
    result = treat(who, seen, PSEUDONYMS)
    assert "contact_information" not in result.content
    assert result.content["name"] == "[name removed]"
    assert [change.removed for change in result.spans] == [True, False]
    is_stix(result.content)


def test_the_last_member_of_a_list_takes_the_list_with_it():
    obj = note("x", authors=["Marta Kowalczyk"], labels=["a", "Marta Kowalczyk", "b"])
    result = one(obj, "/authors/0", "Marta Kowalczyk", Category.PERSON_NAME, REDACT)
    assert "authors" not in result.content
    result = one(obj, "/labels/1", "Marta Kowalczyk", Category.PERSON_NAME, REDACT)
    assert result.content["labels"] == ["a", "b"]


def test_markings_follow_what_they_mark():
    """STIX 2.1 section 7.2.3: selectors name existing content; a marking never moves to its neighbour."""
    red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
    obj = note(
        "x",
        labels=["Marta Kowalczyk", "a", "b"],
        authors=["Marta Kowalczyk"],
        granular_markings=[
            {"marking_ref": red, "selectors": ["labels.[2]", "labels.[0]", "authors.[0]", "content"]},
            {"marking_ref": green, "selectors": ["authors"]},
        ],
    )
    seen = [
        (detection(path, "Marta Kowalczyk", "Marta Kowalczyk", Category.PERSON_NAME), REDACT)
        for path in ("/labels/0", "/authors/0")
    ]
    result = treat(obj, seen, PSEUDONYMS).content
    assert result["granular_markings"] == [{"marking_ref": red, "selectors": ["labels.[1]", "content"]}]
    is_stix(result)


def test_a_reference_without_anything_to_refer_to_goes():
    obj = note("x", external_references=[{"source_name": "ward", "url": "https://b.example/u/marta"}])
    url = "https://b.example/u/marta"
    assert "external_references" not in one(obj, "/external_references/0/url", url, Category.URL, REDACT).content


@pytest.mark.parametrize("name", ["latitude", "longitude"])
def test_a_position_goes_in_whole(name):
    obj = sdo(type="location", country="CZ", latitude=49.19522, longitude=16.60796, precision=10.0)
    result = one(obj, f"/{name}", str(obj.content[name]), Category.GPS_POSITION, GENERALISE, whole=True)
    assert not {"latitude", "longitude", "precision"} & set(result.content)
    is_stix(result.content)
    bare = sdo(type="location", latitude=49.19522, longitude=16.60796)
    assert one(bare, "/latitude", "49.19522", Category.GPS_POSITION, REDACT).withheld_because.because is Because.HOLLOW


def test_a_time_is_coarsened_to_its_year_and_pairs_stay_in_order():
    obj = sdo(
        type="sighting", sighting_of_ref="indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        first_seen="2024-03-01T08:13:27.412Z", last_seen="2024-03-01T09:00:00Z",
    )  # fmt: skip
    both = [
        (detection(f"/{name}", obj.content[name], obj.content[name], Category.TRAFFIC_DATA, whole=True), GENERALISE)
        for name in ("first_seen", "last_seen")
    ]
    result = treat(obj, both, PSEUDONYMS).content
    assert (result["first_seen"], result["last_seen"]) == ("2024-01-01T00:00:00.000Z",) * 2
    is_stix(result)
    later = treat(obj, both[1:], PSEUDONYMS).content
    assert "last_seen" not in later  # it would lie before the first
    is_stix(later)


def test_ids_and_references_are_not_treated_here():
    obj = stix(type="ipv4-addr", value="198.51.100.23")
    for path, text in (("/id", obj.content["id"]), ("/spec_version", "2.1")):
        assert one(obj, path, text, Category.IPV4_ADDRESS, REDACT).withheld_because.because is Because.STRUCTURE


@pytest.mark.parametrize("path", ["/nowhere", "/labels/9", "/content/x", "", "/#99"])
def test_a_detection_without_a_place_withholds(path):
    obj = note("Marta", labels=["a"])
    seen = detection(path, "Marta", "Marta", Category.PERSON_NAME)
    assert treat(obj, [(seen, REDACT)], PSEUDONYMS).withheld_because.because is Because.UNREADABLE


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (2, 2), (3, 99)])
def test_a_span_outside_its_text_withholds(start, end):
    seen = Detection(
        path="/content", start=start, end=end, value="Marta", text="Marta", category=Category.PERSON_NAME,
        role=Role.VICTIM, confidence=1.0, detector="test", why="invented",
    )  # fmt: skip
    assert treat(note("Marta"), [(seen, REDACT)], PSEUDONYMS).withheld_because.because is Because.UNREADABLE


# Keys, translations, embedded observables


def test_a_key_is_renamed_or_goes():
    obj = note("x", x_people={"marta.kowalczyk@klinika.example": "on call", "other": 1})
    key = "marta.kowalczyk@klinika.example"
    seen = detection("/x_people/#0", key, key, Category.EMAIL_ADDRESS)
    assert treat(obj, [(seen, REDACT)], PSEUDONYMS).content["x_people"] == {"other": 1}
    renamed = treat(obj, [(seen, PSEUDONYMISE)], PSEUDONYMS).content["x_people"]
    assert "on call" in renamed.values() and key not in renamed
    assert all(name.replace("_", "").isalnum() for name in renamed)


def test_a_value_under_an_unspeakable_key():
    obj = note("x", x_people={"7 b": "Marta Kowalczyk"})
    seen = detection("/x_people/#0", "Marta Kowalczyk", "Marta Kowalczyk", Category.PERSON_NAME)
    assert treat(obj, [(seen, REDACT)], PSEUDONYMS).content["x_people"] == {"7 b": "[person name removed]"}


def test_a_translation():
    obj = sdo(
        type="language-content", object_ref="indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        contents={"de": {"description": "Frau Marta Kowalczyk", "labels": ["Marta Kowalczyk", "b"]}},
    )  # fmt: skip
    result = one(obj, "/contents/de/labels/0", "Marta Kowalczyk", Category.PERSON_NAME, REDACT).content
    assert result["contents"]["de"]["labels"] == ["[person name removed]", "b"]  # beside the original's
    is_stix(result)


def test_an_observable_inside_an_old_observed_data():
    obj = sdo(
        type="observed-data", first_observed=NOW, last_observed=NOW, number_observed=1,
        objects={"0": {"type": "ipv4-addr", "value": "198.51.100.23"}},
    )  # fmt: skip
    result = one(obj, "/objects/0/value", "198.51.100.23", Category.IPV4_ADDRESS, GENERALISE)
    assert result.content["objects"]["0"]["value"] == "198.51.100.0/24"
    redacted = one(obj, "/objects/0/value", "198.51.100.23", Category.IPV4_ADDRESS, REDACT)
    assert redacted.withheld_because.because is Because.REQUIRED


# Patterns

NET = "198.51.100.0/24"
FAKE = PSEUDONYMS.of(Category.IPV4_ADDRESS, "198.51.100.23")
PATTERNS = [
    ("[ipv4-addr:value = '198.51.100.23']", PSEUDONYMISE, f"[ipv4-addr:value = '{FAKE}']"),
    ("[ipv4-addr:value = '198.51.100.23']", GENERALISE, f"[ipv4-addr:value ISSUBSET '{NET}']"),
    ("[ipv4-addr:value = '198.51.100.23']", REDACT, None),
    ("[ipv4-addr:value != '198.51.100.23']", GENERALISE, f"[ipv4-addr:value NOT ISSUBSET '{NET}']"),
    ("[ipv4-addr:value NOT = '198.51.100.23']", GENERALISE, f"[ipv4-addr:value NOT ISSUBSET '{NET}']"),
    ("[ipv4-addr:value = '198.51.100.23' OR url:value = 'http://e.example/']", REDACT, "[url:value = 'http://e.example/']"),
    ("[ipv4-addr:value = '198.51.100.23' AND url:value = 'http://e.example/']", REDACT, None),
    ("[ipv4-addr:value = '198.51.100.23'] OR [url:value = 'http://e.example/']", REDACT, "[url:value = 'http://e.example/']"),
    ("[ipv4-addr:value = '198.51.100.23'] AND [url:value = 'http://e.example/']", REDACT, None),
    ("[ipv4-addr:value = '198.51.100.23'] FOLLOWEDBY [url:value = 'http://e.example/']", REDACT, None),
    ("[ipv4-addr:value = '198.51.100.23'] WITHIN 5 SECONDS OR [url:value = 'http://e.example/']", REDACT, None),
    ("[ipv4-addr:value IN ('198.51.100.23', '192.0.2.7')]", REDACT, "[ipv4-addr:value IN ('192.0.2.7')]"),
    ("[ipv4-addr:value NOT IN ('198.51.100.23', '192.0.2.7')]", REDACT, None),
    ("[ipv4-addr:value IN ('198.51.100.23', '192.0.2.7')]", GENERALISE,
     f"[(ipv4-addr:value IN ('192.0.2.7') OR ipv4-addr:value ISSUBSET '{NET}')]"),
    ("[ipv4-addr:value IN ('198.51.100.23', '192.0.2.7')]", PSEUDONYMISE,
     f"[ipv4-addr:value IN ('{FAKE}', '192.0.2.7')]"),
    ("[ipv4-addr:value ISSUBSET '198.51.100.23/32']", GENERALISE, f"[ipv4-addr:value ISSUBSET '{NET}']"),
    ("[network-traffic:src_ref.value = '198.51.100.23' AND network-traffic:dst_port = 445]", GENERALISE,
     f"[network-traffic:src_ref.value ISSUBSET '{NET}' AND network-traffic:dst_port = 445]"),
    ("[file:hashes[*].'x' = 'a' OR ipv4-addr:value = '198.51.100.23']", REDACT, "[file:hashes[*].'x' = 'a']"),
    ("[url:value = 'http://198.51.100.23/gate.php']", PSEUDONYMISE, f"[url:value = 'http://{FAKE}/gate.php']"),
    ("[url:value = 'http://198.51.100.23/gate.php']", REDACT, None),
    ("[url:value LIKE 'http://e.example/%?victim=198.51.100.23']", REDACT, "[url:value LIKE 'http://e.example/%?victim=%']"),
    ("[url:value MATCHES 'x198.51.100.23y']", PSEUDONYMISE,
     "[url:value MATCHES 'x" + FAKE.replace(".", "\\\\.") + "y']"),
    ("[process:command_line MATCHES '198.51.100.23']", REDACT, None),
    ("[x-app:code = 198 OR x-app:code = '198.51.100.23']", REDACT, "[x-app:code = 198]"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "treatment", "left"), PATTERNS)
def test_an_address_in_a_pattern(text, treatment, left):
    address = "198.51.100.23/32" if "/32" in text else "198.51.100.23"
    result = one(indicator(text), "/pattern", address, Category.IPV4_ADDRESS, treatment)
    assert (result.content or {}).get("pattern") == left
    if left is None:
        assert result.withheld_because.because is Because.MATCHING
    else:
        is_stix(result.content)
        assert patterns.read(left)


@pytest.mark.parametrize(
    ("text", "found", "category", "treatment", "left"),
    [
        (r"[directory:path = 'C:\\Users\\mkowalczyk\\AppData\\x']", "mkowalczyk", Category.USERNAME, REDACT,
         r"[directory:path LIKE 'C:\\Users\\%\\AppData\\x']"),
        (r"[directory:path = 'C:\\Users\\mkowalczyk\\AppData\\x']", "mkowalczyk", Category.USERNAME, PSEUDONYMISE,
         r"[directory:path = 'C:\\Users\\" + PSEUDONYMS.of(Category.USERNAME, "mkowalczyk") + r"\\AppData\\x']"),
        ("[file:name = 'mk.doc']", "mk", Category.USERNAME, REDACT, None),  # '%.doc' would match every document
        ("[email-addr:value = 'm@klinika.example']", "m@klinika.example", Category.EMAIL_ADDRESS, GENERALISE,
         "[email-addr:value LIKE '%@klinika.example']"),
        ("[domain-name:value = 'pc7.klinika.example']", "pc7.klinika.example", Category.HOSTNAME, GENERALISE,
         "[domain-name:value = 'klinika.example']"),
        ("[user-account:display_name = 'Mara O\\'Neil']", "Mara O\\'Neil", Category.PERSON_NAME, PSEUDONYMISE,
         "[user-account:display_name = '" + PSEUDONYMS.of(Category.PERSON_NAME, "Mara O\\'Neil") + "']"),
        ("[x-marta:value = 'x']", "x-marta", Category.PERSON_NAME, REDACT, None),
    ],
)  # fmt: skip
def test_other_values_in_a_pattern(text, found, category, treatment, left):
    result = one(indicator(text), "/pattern", found, category, treatment)
    assert (result.content or {}).get("pattern") == left


def test_a_pattern_that_cannot_be_read_withholds():
    result = one(
        indicator("[ipv4-addr:value = '198.51.100.23'"), "/pattern", "198.51.100.23", Category.IPV4_ADDRESS, REDACT
    )
    assert result.withheld_because.because is Because.UNREADABLE


def test_the_author_of_a_rule_goes_and_what_it_looks_for_does_not():
    rule = 'rule x { meta: author\n  author = "Marta Kowalczyk"\n strings: $a = "mkowalczyk" condition: $a }'
    result = one(indicator(rule, "yara"), "/pattern", "Marta Kowalczyk", Category.PERSON_NAME, REDACT)
    assert 'author = "person-name-removed"' in result.content["pattern"]
    for treatment, fine in ((REDACT, False), (PSEUDONYMISE, True)):
        result = one(indicator(rule, "yara"), "/pattern", "mkowalczyk", Category.USERNAME, treatment)
        assert (result.content is not None) == fine


@given(st.data())
def test_whatever_constants_are_treated_a_pattern_stays_a_pattern(data):
    rng = random.Random(data.draw(st.integers(0, 10_000)))
    names = ["198.51.100.23", "192.0.2.7", "203.0.113.9", "Marta \\'K\\' \\\\ x"]
    joints = [" OR ", " AND ", "] OR [", "] FOLLOWEDBY ["]
    shapes = ["x:v = '{}'", "x:v != '{}'", "x:v IN ('{}', 'q')"]
    text = "[" + "".join(
        ("" if n == 0 else rng.choice(joints)) + rng.choice(shapes).format(name)
        for n, name in enumerate(names)
    ) + "]"  # fmt: skip
    kinds = [Category.IPV4_ADDRESS] * 3 + [Category.PERSON_NAME]
    marked = [
        (detection("/pattern", text, name, kind), data.draw(st.sampled_from(EVERY[:4])))
        for name, kind in zip(names, kinds, strict=True)
    ]
    result = treat(indicator(text), marked, PSEUDONYMS)
    if result.content is None:
        assert result.withheld_because.because is Because.MATCHING
        return
    assert patterns.read(result.content["pattern"])
    for seen, treatment in marked:
        assert treatment is KEEP or seen.text not in result.content["pattern"]


# The report


def test_what_was_done_is_told_without_the_values():
    result = one(note("Call Marta Kowalczyk"), "/content", "Marta Kowalczyk", Category.PERSON_NAME, REDACT)
    assert [(change.path, change.category, change.treatment) for change in result.spans] == [
        ("/content", Category.PERSON_NAME, REDACT)
    ]
    assert [(gone.category, gone.value) for gone in result.gone] == [(Category.PERSON_NAME, "Marta Kowalczyk")]
    assert "Marta" not in repr(result)


def test_a_generalisation_that_fits_nowhere_is_told_as_the_redaction_it_was():
    result = one(note("Call Marta Kowalczyk"), "/content", "Marta Kowalczyk", Category.PERSON_NAME, GENERALISE)
    assert result.spans[0].treatment == REDACT

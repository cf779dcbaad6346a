"""A01 to A30 as far as they apply to a command line: each test carries the number of its attack.

Not here: A07, A11 and A13 need a store of what others sent, A23 and A26 pages and uploads: they come with the node.
A17 and A18 are in tests/promises, A21 and A22 there and in tests/privacy, A24 in tests/material.
"""

from __future__ import annotations

import base64
import gzip
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from promises.cti import GREEN, Content, indicator, named, relationship, sco, sdo

from attacks.desk import BUNDLE, Desk, Stopwatch, _read_once, bundled, desk, refused

__all__ = ["_read_once", "desk"]

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "attacks"
C2 = indicator("c2", "[domain-name:value = 'c2.attacker.example']")


def cases(name: str) -> list[dict[str, Any]]:
    return json.loads((VECTORS / f"{name}.json").read_bytes())["cases"]


def nested(levels: int) -> bytes:
    """A bundle whose only object holds a list of this depth; the value stands at level `levels` of the document."""
    inner = b"[" * (levels - 3) + b"1" + b"]" * (levels - 3)
    content = json.dumps({**C2, "x_deep": "HERE"}).encode().replace(b'"HERE"', inner)
    return b'{"type":"bundle","id":"' + BUNDLE.encode() + b'","objects":[' + content + b"]}"


@pytest.mark.parametrize("levels", [65, 100, 100_000, 1_000_000])
def test_a01_deep_nesting_is_refused_before_any_recursive_code(desk: Desk, levels: int):
    watch = Stopwatch()
    assert refused(desk, desk.screen(nested(levels))) == []
    assert refused(desk, desk.detect(nested(levels))) == []
    assert watch.seconds < 10


@pytest.mark.parametrize("levels", [63, 64])
def test_a01_what_is_just_not_too_deep_is_read(desk: Desk, levels: int):
    assert desk.screen(nested(levels)).status == 0
    assert [content["type"] for content in desk.crossed() if "x_deep" not in content]


def test_a02_too_many_objects_are_refused(desk: Desk):
    many = [{**C2, "id": named("indicator", str(n))} for n in range(20_001)]
    assert refused(desk, desk.screen(bundled(many))) == []


def test_a02_too_many_bytes_are_refused(desk: Desk):
    watch = Stopwatch()
    assert refused(desk, desk.screen(bundled([C2]) + b" " * (50 * 1024 * 1024))) == []
    assert watch.seconds < 10


@pytest.mark.parametrize("command", ["screen", "detect"])
def test_a03_a_compression_bomb_is_refused(desk: Desk, command: str):
    bomb = gzip.compress(b" " * (60 * 1024 * 1024), mtime=0)
    watch = Stopwatch()
    assert refused(desk, getattr(desk, command)(bomb, "sent.json.gz")) == []
    assert watch.seconds < 10


def test_a03_one_coding_only(desk: Desk):
    twice = gzip.compress(gzip.compress(bundled([C2]), mtime=0), mtime=0)
    assert refused(desk, desk.screen(twice, "sent.json.gz")) == []


def test_a03_one_coding_is_read(desk: Desk):
    assert desk.screen(gzip.compress(bundled([C2]), mtime=0), "sent.json.gz").status == 0


def test_a08_one_version_with_two_contents_is_refused(desk: Desk):
    said = desk.screen(bundled([C2, {**C2, "pattern": "[domain-name:value = 'bank.example']"}]))
    assert refused(desk, said) == []
    assert C2["id"] in said.err


def test_a09_a_version_from_the_future_stays_home(desk: Desk):
    future = {**C2, "modified": "2026-11-23T00:05:01.000Z"}
    assert desk.screen(bundled([future])).status == 3
    assert [line["reasons"] for line in desk.decisions()] == [["from-the-future"]]


def test_a10_an_older_version_beside_a_newer_one_stays_home(desk: Desk):
    newer = {**C2, "modified": "2026-11-02T00:00:00.000Z", "revoked": True}
    desk.screen(bundled([newer, C2]))
    assert [c["revoked"] for c in desk.crossed() if c["type"] == "indicator"] == [True]


def test_a12_an_observable_under_the_id_of_another_value_is_refused(desk: Desk):
    """The id is made of the value (STIX 2.1 section 2.9); whoever trusts the id would see another address."""
    wrong = {**sco("ipv4-addr", value="203.0.113.77"), "value": "198.51.100.1"}
    assert desk.screen(bundled([wrong])).status == 3
    assert [line["outcome"] for line in desk.decisions()] == ["deny"]


def above_the_ceiling(case: dict[str, Any]) -> list[str]:
    return [selector for selector, level in case["expect"].items() if level in ("red", "unknown")]


@pytest.mark.parametrize(
    "case", list(filter(above_the_ceiling, cases("effective_markings"))), ids=lambda case: case["case"]
)
def test_a14_a_marking_is_never_lowered(desk: Desk, case: dict[str, Any]):
    """What is marked above AMBER+STRICT, or in a way nobody can read, does not cross, nor does the part that is."""
    desk.screen(bundled([case["object"]]))
    for content in desk.crossed():
        for selector in above_the_ceiling(case):
            value = str(case["object"].get(selector.split(".")[0], selector))
            assert value not in json.dumps(content, ensure_ascii=False), selector


@pytest.mark.parametrize("case", cases("forged_markings"), ids=lambda case: case["case"])
def test_a15_a_forged_marking_opens_nothing(desk: Desk, case: dict[str, Any]):
    """An object that bears it stays home, unless the definition is the published one or a statement."""
    definition = case["object"]
    marked = {**C2, "object_marking_refs": [definition["id"]]}
    desk.screen(bundled([definition, marked]))
    crossed = {content["id"]: content for content in desk.crossed()}
    tlp = "tlp" in json.dumps(definition).lower()
    if not case["accept"] and tlp:
        assert definition["id"] not in crossed or crossed[definition["id"]] != definition
        if "red" in case["case"] or "new-id" in case["case"]:
            assert C2["id"] not in crossed


@pytest.mark.parametrize("case", cases("selectors"), ids=lambda case: case["case"])
def test_a16_a_selector_that_selects_nothing_refuses_the_object(desk: Desk, case: dict[str, Any]):
    content = json.loads((VECTORS / "selectors_object.json").read_bytes())
    content["granular_markings"] = [{"marking_ref": GREEN, "selectors": [case["selector"]]}]
    content["object_marking_refs"] = [GREEN]
    status = desk.screen(bundled([content])).status
    assert (status == 0) == case["valid"], next(desk.decisions())["explanations"]


@pytest.mark.parametrize("case", cases("redos"), ids=lambda case: case["case"])
def test_a19_a_regular_expression_in_a_pattern_costs_nothing(desk: Desk, case: dict[str, Any]):
    """It is never run; neither is it by what searches the pattern and its subject for personal data."""
    regex = case["regex"].replace("\\", "\\\\").replace("'", "\\'")
    subject = case["subject"] or case["subject_repeat"][0] * case["subject_repeat"][1]
    hostile = indicator("redos", f"[file:name MATCHES '{regex}']", description=subject)
    watch = Stopwatch()
    assert desk.screen(bundled([hostile])).status in (0, 3, 4)
    assert watch.seconds < 5


@pytest.mark.parametrize(
    "pattern",
    [
        "(" * 400 + "[file:size = 1]" + ")" * 400,
        "[" + " OR ".join(f"file:size = {n}" for n in range(2000)) + "]",
        " AND ".join(f"[file:size = {n}]" for n in range(2000)),
        "[file:size = 1" + "(" * 5000,
        "[file:name = '" + "\\" * 3999 + "']",
    ],
    ids=["parentheses", "terms", "observations", "open", "escapes"],
)
def test_a20_a_pattern_that_would_exhaust_the_parser_is_refused(desk: Desk, pattern: str):
    watch = Stopwatch()
    assert desk.screen(bundled([indicator("deep", pattern)])).status == 3
    assert watch.seconds < 5


CONTROLS = "\x1b[2J\x1b]0;owned\x07\r\nerror: nothing\u202e\u2066\x9b31m\u200b\ufeff[bold red]x[/]"


@pytest.mark.parametrize("command", ["screen", "detect"])
def test_a25_nothing_that_was_sent_steers_the_terminal(desk: Desk, command: str):
    """Names, ids, types, property names and places are untrusted; so is the name of the file."""
    hostile = [
        {**C2, "name": CONTROLS, "x_\x1b[31m": CONTROLS, "labels": [CONTROLS]},
        sdo("x-\x1b]0;owned", "odd", name=CONTROLS),
        {**C2, "id": f"indicator--{CONTROLS}"},
        sdo("identity", "i", name=f"Mari {CONTROLS}", identity_class="individual", contact_information="m@a.example"),
    ]
    for objects in ([content] for content in hostile):
        said = getattr(desk, command)(bundled(objects))
        seen = said.out + said.err
        bad = {hex(ord(c)) for c in seen if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Co")}
        assert not bad, seen[:300]


EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def test_a27_a_sample_is_neither_decoded_nor_passed_on(desk: Desk):
    sample = base64.b64encode(EICAR.encode()).decode()
    artifact = sco("artifact", mime_type="application/x-dosexec", payload_bin=sample)
    desk.screen(bundled([C2, artifact]))
    assert sample not in (desk.folder / "crossed.json").read_text()
    for path in desk.folder.iterdir():
        assert EICAR.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "extra",
    [
        {"labels": [f"l{n}" for n in range(100_000)]},
        {"object_refs": [named("indicator", str(n)) for n in range(50_000)]},
        {f"x_{n}": n for n in range(20_000)},
        {"granular_markings": [{"marking_ref": GREEN, "selectors": ["name"]}] * 5_000},
    ],
    ids=["labels", "references", "properties", "markings"],
)
def test_a28_counts_are_limited(desk: Desk, extra: Content):
    watch = Stopwatch()
    assert desk.screen(bundled([{**C2, **extra}])).status in (2, 3)
    assert watch.seconds < 10


def test_a28_time_is_linear_in_what_is_sent(desk: Desk):
    """Four times the text in many small pieces takes about four times as long, not sixteen times."""

    def spent(count: int) -> float:
        words = " ".join(f"person{n}@host{n}.example 192.0.2.{n % 255}" for n in range(count))
        watch = Stopwatch()
        desk.screen(bundled([C2, sdo("malware", "m", name="m", is_family=True, description=words)]))
        assert "@" not in json.dumps(desk.crossed())
        return watch.seconds

    spent(50)
    one, four = (min(spent(count) for _ in range(3)) for count in (250, 1000))  # the least is the least disturbed
    assert four < 6 * one, (one, four)


def test_a29_cycles_end(desk: Desk):
    """Relationships in a ring, reports of each other, a definition marked with itself."""
    a, b = (sdo("malware", name, name=name, is_family=True) for name in "ab")
    one, other = (
        sdo("report", name, name=name, published="2026-11-01T08:00:00Z", object_refs=[a["id"]]) for name in ("r", "s")
    )
    one["object_refs"].append(other["id"])
    other["object_refs"].append(one["id"])
    marking = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": named("marking-definition", "self"),
        "created": "2026-11-01T08:00:00.000Z",
        "definition_type": "statement",
        "definition": {"statement": "x"},
    }
    marking["object_marking_refs"] = [marking["id"]]
    loop = relationship(a, "related-to", a)
    ring = [relationship(a, "related-to", b), relationship(b, "related-to", a), loop]
    watch = Stopwatch()
    assert desk.screen(bundled([a, b, one, other, marking, *ring])).status == 0
    assert watch.seconds < 10
    assert marking["id"] not in {content["id"] for content in desk.crossed()}


def test_a29_only_a_cycle_of_reports_is_a_report_of_nothing(desk: Desk):
    one, other = (sdo("report", name, name=name, published="2026-11-01T08:00:00Z") for name in ("r", "s"))
    one["object_refs"], other["object_refs"] = [other["id"]], [one["id"]]
    assert desk.screen(bundled([one, other])).status in (0, 3)


def test_a30_a_translation_does_not_bring_back_what_was_taken_out(desk: Desk):
    person = "mari.maasikas@kannatanu.example"
    told = sdo("malware", "m", name="a", is_family=True, description=f"Reported by {person}.")
    translation = sdo(
        "language-content",
        "et",
        object_ref=told["id"],
        object_modified=told["modified"],
        contents={"et": {"description": f"Teatas {person}.", "name": "a"}},
    )
    assert desk.screen(bundled([told, translation])).status == 0
    assert "maasikas" not in (desk.folder / "crossed.json").read_text()
    assert {content["type"] for content in desk.crossed()} >= {"malware", "language-content"}

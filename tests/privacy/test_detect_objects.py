"""Personal data in unusual places of STIX objects (attacks A22, A30), MISP events and tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity.canon import Category as C
from comity.canon import Role
from comity.material import StixObject
from comity.privacy import detect, detect_event, detect_table, rows, survey

TRAPS = json.loads((Path(__file__).parents[1] / "vectors/attacks/minimisation_traps.json").read_text())["cases"]
# Leaks of ids, references and times are residue's and the crossing's business; these are places of data.
PLACES = {
    "note-author",
    "custom-property",
    "pattern-keeps-address",
    "language-content",
    "extension-property",
    "email-body",
}


def found(content):
    obj = StixObject(id=content["id"], type=content["type"], content=content, place="objects/0")
    return obj, detect(obj, survey([obj], lambda value: "tag of " + value))


@pytest.mark.parametrize("case", [case for case in TRAPS if case["case"] in PLACES], ids=lambda case: case["case"])
def test_unusual_places_are_searched(case):
    _, detections = found(case["bundle"][0])
    paths = {detection.path for detection in detections}
    wanted = {leak.removeprefix("[0].").replace(".[", "/").replace("]", "").replace(".", "/") for leak in case["leaks"]}
    if case["case"] == "email-body":
        wanted = {"body"}  # a bare given name in a subject is beyond what lists and structure tell
    assert {"/" + place for place in wanted} <= paths


def test_a_constant_of_a_pattern_is_found_in_its_place():
    pattern = "[user-account:user_id = 'o\\'brien7'] AND [ipv4-addr:value = '198.51.100.23']"
    _, detections = found({"type": "indicator", "id": "indicator--1", "pattern": pattern, "pattern_type": "stix"})
    said = {(d.category, pattern[d.start : d.end]) for d in detections}
    assert said == {(C.USERNAME, "o\\'brien7"), (C.IPV4_ADDRESS, "198.51.100.23")}


def test_an_organisation_is_not_a_person_and_an_individual_is():
    name = "John Lewis"
    person = {"type": "identity", "id": "identity--1", "name": name, "identity_class": "individual"}
    firm = {"type": "identity", "id": "identity--2", "name": name, "identity_class": "organization"}
    assert [d.category for d in found(person)[1]] == [C.PERSON_NAME]
    assert found(firm)[1] == ()


def test_published_credits_are_left_and_unpublished_sources_are_not():
    reference = {"source_name": "Talk", "description": "Interview with Dr Jane Doe"}
    content = {"type": "malware", "id": "malware--1", "name": "X", "external_references": [reference]}
    assert [d.path for d in found(content)[1]] == ["/external_references/0/description"]
    reference["url"] = "https://news.example/x"
    assert found(content)[1] == ()


def test_a_misp_attribute_is_read_by_its_type_and_the_words_beside_it():
    event = {"Event": {"info": "Phish", "Attribute": [
        {"type": "target-user", "category": "Targeting data", "value": "jdoe", "comment": ""},
        {"type": "email-src", "category": "Payload delivery", "value": "boss@evil.example", "comment": ""},
        {"type": "ip-src", "category": "Network activity", "value": "192.0.2.9", "comment": "line of the victim"},
        {"type": "sha1", "category": "Payload delivery", "value": "0" * 40, "comment": ""},
    ]}}  # fmt: skip
    said = {(d.path, d.category, d.role) for d in detect_event(event)}
    assert said == {
        ("/Event/Attribute/0/value", C.USERNAME, Role.VICTIM),
        ("/Event/Attribute/1/value", C.EMAIL_ADDRESS, Role.ATTACKER),
        ("/Event/Attribute/2/value", C.IPV4_ADDRESS, Role.VICTIM),
    }


def test_a_table_is_read_by_its_header():
    table = rows('employee,login,remark,c2\n"Doe, Jane",xyz,reset,198.51.100.9\n')
    said = {(d.path, d.category, d.role) for d in detect_table(table)}
    assert {(path, category) for path, category, _ in said} == {
        ("/1/0", C.PERSON_NAME), ("/1/1", C.USERNAME), ("/1/3", C.IPV4_ADDRESS),
    }  # fmt: skip
    assert ("/1/3", C.IPV4_ADDRESS, Role.ATTACKER) in said


@pytest.mark.parametrize(
    ("text", "said", "role"),
    [
        ("the victim's address 198.51.100.9", "198.51.100.9", Role.VICTIM),
        ("C2 server 198.51.100.9", "198.51.100.9", Role.ATTACKER),
        ("10.0.7.9:5555 -> 198.51.100.9:443", "198.51.100.9", Role.ATTACKER),
        ("10.0.7.9:5555 -> 198.51.100.9:443", "10.0.7.9", Role.VICTIM),
        ("Return-Path: <x@evil.example>", "x@evil.example", Role.ATTACKER),
        ("Delivered-To: x@shop.example", "x@shop.example", Role.VICTIM),
        ("被害者のアドレス 198.51.100.9", "198.51.100.9", Role.VICTIM),
        ("хто: зловмисник 198.51.100.9", "198.51.100.9", Role.ATTACKER),
    ],
)
def test_the_grammar_around_a_mention_says_whose_it_is(text, said, role):
    from comity.privacy import detect_text

    assert {d.role for d in detect_text(text) if d.text == said} == {role}


def test_in_a_table_about_people_a_bare_id_is_the_persons_own():
    people = detect_table(rows("id,name\nC888713,Jane Doe\n"))
    assert {(d.path, d.category) for d in people} == {("/1/0", C.ACCOUNT_ID), ("/1/1", C.PERSON_NAME)}
    assert detect_table(rows("id,verdict\nC888713,blocked\n")) == ()


@pytest.mark.parametrize(
    ("stix_type", "description", "role"),
    [
        ("malware", "It decrypts itself with password: Tr0ub4dor&3", Role.ATTACKER),
        ("malware", "It sent home the victim's password: Tr0ub4dor&3", Role.VICTIM),
        ("campaign", "They came in with password: Tr0ub4dor&3", Role.UNKNOWN),
    ],
)
def test_a_programs_secret_is_its_own_and_a_campaigns_may_be_stolen(stix_type, description, role):
    content = {"type": stix_type, "id": f"{stix_type}--1", "name": "M", "description": description}
    obj = StixObject(id=content["id"], type=stix_type, content=content, place="")
    (detection,) = detect(obj, survey([obj], str))
    assert (detection.category, detection.role) == (C.PASSWORD, role)

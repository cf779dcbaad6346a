"""Whose a value is, from the graph (DESIGN section 7)."""

from __future__ import annotations

import pytest

from comity.canon import Role, dumps, loads
from comity.material import StixObject
from comity.privacy import STRICTNESS, Neighbourhood, detect, strictest, survey


def tag(value):
    return f"tag({value})"


def graph(*objects):
    made = [
        StixObject(
            id=o["id"], type=o["id"].partition("--")[0], content={"type": o["id"].partition("--")[0], **o}, place=""
        )
        for o in objects
    ]
    return made, survey(made, tag)


def link(number, source, kind, target):
    return {"id": f"relationship--{number}", "source_ref": source, "relationship_type": kind, "target_ref": target}


ADDRESS = {"id": "ipv4-addr--1", "value": "198.51.100.23"}
MALWARE = {"id": "malware--1", "name": "M"}
ACTOR = {"id": "threat-actor--1", "name": "T"}
PERSON = {"id": "identity--1", "name": "Jane", "identity_class": "individual"}
INDICATOR = {
    "id": "indicator--1",
    "pattern": "[ipv4-addr:value = '198.51.100.23']",
    "pattern_type": "stix",
    "created_by_ref": "identity--cert",
}


@pytest.mark.parametrize(
    ("others", "role"),
    [
        ([INDICATOR], Role.ATTACKER),
        ([{**INDICATOR, "indicator_types": ["compromised"]}], Role.ABUSED_HOST),
        ([MALWARE, link(1, "malware--1", "communicates-with", "ipv4-addr--1")], Role.ATTACKER),
        ([ACTOR, link(1, "threat-actor--1", "compromises", "ipv4-addr--1")], Role.ABUSED_HOST),
        (
            [{"id": "infrastructure--1", "infrastructure_types": ["command-and-control"]},
             link(1, "infrastructure--1", "consists-of", "ipv4-addr--1")],
            Role.ATTACKER,
        ),
        (
            [{"id": "observed-data--1", "object_refs": ["ipv4-addr--1"]},
             {"id": "sighting--1", "sighting_of_ref": "indicator--9", "observed_data_refs": ["observed-data--1"]}],
            Role.VICTIM,
        ),
        (
            [PERSON, link(1, "malware--1", "targets", "identity--1"),
             link(2, "ipv4-addr--1", "related-to", "identity--1")],
            Role.VICTIM,
        ),
        ([{"id": "network-traffic--1", "src_ref": "ipv4-addr--1", "dst_ref": "ipv4-addr--2"}], Role.VICTIM),
        ([], Role.UNKNOWN),
    ],
)  # fmt: skip
def test_the_graph_says_whose_an_address_is(others, role):
    objects, neighbourhood = graph(ADDRESS, *others)
    (detection,) = detect(objects[0], neighbourhood)
    assert detection.role is role


def test_mail_goes_from_the_attacker_to_the_victim():
    objects, neighbourhood = graph(
        {"id": "email-addr--1", "value": "boss@evil.example"},
        {"id": "email-addr--2", "value": "jane@shop.example"},
        {"id": "email-message--1", "from_ref": "email-addr--1", "to_refs": ["email-addr--2"]},
    )
    assert [detect(obj, neighbourhood)[0].role for obj in objects[:2]] == [Role.ATTACKER, Role.VICTIM]


def test_two_roles_stand_and_the_stricter_decides():
    objects, neighbourhood = graph(ADDRESS, INDICATOR, link(1, "malware--1", "targets", "ipv4-addr--1"))
    (detection,) = detect(objects[0], neighbourhood)
    assert detection.role is Role.VICTIM
    assert neighbourhood.roles_of_value(neighbourhood.tag_of("198.51.100.23")) == {Role.ATTACKER, Role.VICTIM}


def test_a_victim_claim_from_another_source_is_contested():
    """So that nobody can hide a C2 by claiming it: both roles stand, and a person decides."""
    claim = {**link(1, "malware--1", "targets", "ipv4-addr--1"), "created_by_ref": "identity--stranger"}
    _, neighbourhood = graph(ADDRESS, INDICATOR, claim)
    assert neighbourhood.contested == {tag("198.51.100.23")}
    claim["created_by_ref"] = "identity--cert"
    assert graph(ADDRESS, INDICATOR, claim)[1].contested == frozenset()


def test_a_tie_to_a_victim_from_another_source_is_a_claim_too():
    """Whoever ties a C2 to a victim cannot hide it: a person decides."""
    victim = {"id": "identity--1", "name": "Shop", "identity_class": "organization", "roles": ["victim"]}
    tie = {**link(1, "ipv4-addr--1", "related-to", "identity--1"), "created_by_ref": "identity--stranger"}
    _, neighbourhood = graph(ADDRESS, INDICATOR, victim, tie)
    assert neighbourhood.roles_of_value(neighbourhood.tag_of("198.51.100.23")) == {Role.ATTACKER, Role.VICTIM}
    assert neighbourhood.contested == {tag("198.51.100.23")}
    tie["created_by_ref"] = "identity--cert"
    assert graph(ADDRESS, INDICATOR, victim, tie)[1].contested == frozenset()


def test_authors_are_analysts_and_creators_reporters():
    objects, neighbourhood = graph(
        {"id": "note--1", "content": "x", "authors": ["Jane Doe"], "created_by_ref": "identity--1"},
        {"id": "identity--1", "name": "John Roe", "identity_class": "individual"},
    )
    assert detect(objects[0], neighbourhood)[0].role is Role.ANALYST
    assert detect(objects[1], neighbourhood)[0].role is Role.REPORTER


def test_countries_come_from_where_a_subject_is():
    objects, neighbourhood = graph(
        {"id": "identity--1", "name": "Jane Doe", "identity_class": "individual"},
        {"id": "location--1", "country": "ee"},
        link(1, "identity--1", "located-at", "location--1"),
    )
    assert detect(objects[0], neighbourhood)[0].countries == {"EE"}


def test_names_of_the_bundles_threats_are_not_people():
    objects, neighbourhood = graph(
        {"id": "report--1", "description": "Kevin Mitra was used again."},
        {"id": "malware--1", "name": "Kevin Mitra"},
    )
    assert detect(objects[0], neighbourhood) == ()


def test_a_neighbourhood_survives_canonical_json_and_keeps_no_value():
    _, neighbourhood = graph(ADDRESS, INDICATOR)
    secret = survey([StixObject(id="ipv4-addr--1", type="ipv4-addr", content=ADDRESS, place="")], lambda value: "t")
    assert "198.51" not in str(secret.to_json())
    document = dumps(neighbourhood.to_json())
    assert Neighbourhood.from_json(loads(document), tag) == neighbourhood


def test_the_order_of_roles_is_total():
    assert set(STRICTNESS) == set(Role)
    assert strictest([Role.ATTACKER, Role.VICTIM]) is Role.VICTIM
    assert strictest([]) is Role.UNKNOWN

"""What the standard does not define is named, at every depth, so that nothing passes by accident (A22, A30)."""

from __future__ import annotations

from typing import Any

import pytest
import stix2.registry
import stix2.v21
from tests.material.samples import UUID, document, indicator, sco, sdo, vectors

from comity.material import breaches, known_properties, read_bundle, required_properties, unknown_properties

STIX2 = stix2.registry.STIX2_OBJ_MAPS["2.1"]
TYPES = {name: cls for part in ("objects", "observables") for name, cls in STIX2[part].items() if name != "bundle"}
EXTENSION = "extension-definition--d83fce45-ef58-4c6c-a3f4-1fbc32e98c6e"

# Where python-stix2 and the standard's tables differ.
MORE_IN_PYTHON_STIX2 = {"incident": {"kill_chain_phases"}}  # section 4.6 has name and description only


@pytest.mark.parametrize("stix_type", sorted(TYPES))
def test_known_properties_are_those_of_the_reference_library(stix_type: str) -> None:
    expected = set(TYPES[stix_type]._properties) - MORE_IN_PYTHON_STIX2.get(stix_type, set())
    assert known_properties(stix_type) == expected


@pytest.mark.parametrize("stix_type", sorted(set(TYPES) - {"marking-definition", "process", "observed-data"}))
def test_required_properties_cover_those_of_the_reference_library(stix_type: str) -> None:
    required = {name for name, kind in TYPES[stix_type]._properties.items() if kind.required}
    # python-stix2 fills in spec_version of an observable; the standard makes it optional.
    assert required - {"spec_version"} <= required_properties(stix_type) <= known_properties(stix_type)


UNKNOWN: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    (indicator(), ()),
    (indicator(x_analyst="a", labels=["b"]), ("/x_analyst",)),
    (
        indicator(external_references=[{"source_name": "a", "url": "https://a.example/", "note": "b"}]),
        ("/external_references/0/note",),
    ),
    (
        indicator(kill_chain_phases=[{"kill_chain_name": "k", "phase_name": "p", "x_by": "c"}]),
        ("/kill_chain_phases/0/x_by",),
    ),
    (indicator(extensions={EXTENSION: {"extension_type": "property-extension"}}), (f"/extensions/{EXTENSION}",)),
    (sco("file", hashes={"MD5": "0" * 32, "customer": "Jan"}), ("/hashes/customer",)),
    (sco("file", name="a", extensions={"ntfs-ext": {"sid": "1", "owner": "b"}}), ("/extensions/ntfs-ext/owner",)),
    (sco("file", name="a", extensions={"ntfs-ext": {"sid": "1"}, "own-ext": {"a": 1}}), ("/extensions/own-ext",)),
    (sco("process", environment_variables={"USER": "data, not a name"}), ()),
    (
        sco("email-message", is_multipart=True, body_multipart=[{"body": "x", "x_read_by": "y"}]),
        ("/body_multipart/0/x_read_by",),
    ),
    (
        sdo("observed-data", objects={"0": {"type": "url", "value": "https://a.example/", "x_seen": "b"}}),
        ("/objects/0/x_seen",),
    ),
    (sdo("x-acme-thing", x_note="a", name="b"), ("/x_note", "/name")),
    ({"type": "marking-definition", "definition": {"own": "a"}}, ("/definition/own",)),
    (indicator(**{"a/b~c": 1}), ("/a~1b~0c",)),
    (indicator(name=[{"a": 1}]), ("/name",)),
]


@pytest.mark.parametrize(("content", "expected"), UNKNOWN)
def test_each_unknown_property_is_named_by_its_place(content: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert unknown_properties(content) == expected


@pytest.mark.parametrize("name", ["custom-property", "extension-property"])
def test_a22_minimisation_traps_that_hide_in_unknown_properties(name: str) -> None:
    case = next(c for c in vectors("attacks/minimisation_traps.json")["cases"] if c["case"] == name)
    (leak,) = case["leaks"]
    place = "/" + leak.removeprefix("[0].").replace(".", "/")
    assert any(place.startswith(unknown) for unknown in unknown_properties(case["bundle"][0]))


def test_a30_a_translation_is_data_that_is_screened_not_a_name() -> None:
    content = sdo("language-content", object_ref=f"tool--{UUID}", contents={"de": {"description": "Herr Novák"}})
    assert unknown_properties(content) == ()


def test_the_incident_extension_is_an_extension_like_any_other() -> None:
    incident = next(o for o in read_bundle(document("oasis-incident/incident_pii_report.json")) if o.type == "incident")
    assert breaches(incident.content) == ()
    assert unknown_properties(incident.content) == (
        "/extensions/extension-definition--ef765651-680c-498d-9894-99799f2fa126",
    )


def test_att_ck_s_own_properties_are_all_named() -> None:
    for obj in read_bundle(document("attack/ics-attack-18.1.json.gz")):
        named = {place for place in unknown_properties(obj.content) if place.startswith("/x_mitre")}
        assert {f"/{name}" for name in obj.content if name.startswith("x_mitre")} == named

"""Every embedded reference is found, wherever it stands."""

from __future__ import annotations

import json
import re

import pytest
from tests.material.samples import UUID, document, documents, sdo

from comity.material import is_identifier, read_bundle, references

ID = re.compile(r"[a-z][a-z0-9-]*--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOOL, MARKING = f"tool--{UUID}", f"marking-definition--{UUID}"


def test_each_kind_of_reference_with_its_pointer() -> None:
    content = sdo(
        "report",
        created_by_ref=f"identity--{UUID}",
        object_refs=[TOOL, f"malware--{UUID}"],
        object_marking_refs=[MARKING],
        granular_markings=[{"marking_ref": MARKING, "selectors": ["name"]}],
        name=f"a text that mentions {TOOL} is not a reference",
        extensions={"extension-definition--1": {"task_refs": [f"task--{UUID}"]}},
        x_owner_ref=f"identity--{UUID}",
    )
    assert references(content) == (
        ("/created_by_ref", f"identity--{UUID}"),
        ("/object_refs/0", TOOL),
        ("/object_refs/1", f"malware--{UUID}"),
        ("/object_marking_refs/0", MARKING),
        ("/granular_markings/0/marking_ref", MARKING),
        ("/extensions/extension-definition--1/task_refs/0", f"task--{UUID}"),
        ("/x_owner_ref", f"identity--{UUID}"),
    )


def test_local_names_of_embedded_observables_are_no_references() -> None:
    assert references({"objects": {"0": {"type": "network-traffic", "src_ref": "1"}}}) == ()


def test_a29_objects_that_refer_to_each_other_are_read_and_end() -> None:
    first = sdo("report", object_refs=[f"grouping--{UUID}", f"report--{UUID}"])
    assert [target for _, target in references(first)] == [f"grouping--{UUID}", f"report--{UUID}"]


@pytest.mark.parametrize("name", [*documents("oasis-examples"), *documents("oasis-incident")])
def test_no_id_of_a_real_object_is_overlooked(name: str) -> None:
    """Every identifier that stands alone in a property is the object's own or a reference."""
    for obj in read_bundle(document(name)):
        alone = set(re.findall(f'"({ID.pattern})"', json.dumps(obj.content))) - set(obj.content.get("extensions", {}))
        found = {target for _, target in references(obj.content)} | {obj.id}
        assert {identifier for identifier in alone if is_identifier(identifier)} <= found

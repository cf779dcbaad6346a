"""Markings on an object, and marking definitions themselves (STIX 2.1 section 7.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comity.material.identifiers import type_of
from comity.material.limits import MAX_SELECTORS
from comity.material.markings import ForgedMarking, check_definition
from comity.material.rules.breach import Breach, Content, breach
from comity.material.selectors import BadSelector, find


def granular(content: Content) -> Iterator[Breach]:
    """Section 7.2.3.1: one of lang and marking_ref, selectors that point at what is there (A16); 200 of them (A28)."""
    markings = [marking for marking in _list(content.get("granular_markings")) if isinstance(marking, Mapping)]
    selectors = [selector for marking in markings for selector in _list(marking.get("selectors"))]
    if len(selectors) > MAX_SELECTORS:
        yield breach("ours", "/granular_markings", f"has {len(selectors)} selectors, more than {MAX_SELECTORS}")
        return
    for selector in selectors:
        try:
            find(content, selector)
        except BadSelector as error:
            yield breach("7.2.3.1", "/granular_markings", str(error.fields["reason"]))


def references_to_markings(content: Content) -> Iterator[Breach]:
    """Section 3.2: object_marking_refs names marking definitions."""
    for ref in _list(content.get("object_marking_refs")):
        if not isinstance(ref, str) or type_of(ref) != "marking-definition":
            yield breach("3.2", "/object_marking_refs", "names something that is no marking definition")


def definition(content: Content) -> Iterator[Breach]:
    """Section 7.2.1, attacks A15 and A29: no forged TLP, no marking of itself, and a definition that says something."""
    try:
        check_definition(content)
    except ForgedMarking as error:
        yield breach("7.2.1.4", "", str(error.fields["reason"]))
    itself = content.get("id")
    refs = [
        *_list(content.get("object_marking_refs")),
        *(
            marking.get("marking_ref")
            for marking in _list(content.get("granular_markings"))
            if isinstance(marking, Mapping)
        ),
    ]
    if itself in refs:
        yield breach("7.2.1", "", "marks itself")
    if "extensions" not in content and ("definition" not in content or "definition_type" not in content):
        yield breach("7.2.1", "", "has neither a definition with its type nor an extension")


def _list(value: Any) -> list[Any]:
    """What a schema says is a list, or nothing where an object says otherwise."""
    return value if isinstance(value, list) else []

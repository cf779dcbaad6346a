"""Where an object names another: every embedded reference, with its place (STIX 2.1 section 3.7 and each type)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comity.material.identifiers import is_identifier


def references(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Each identifier this object refers to, as (JSON Pointer, identifier), in document order.

    Finds every property named `*_ref` or `*_refs` at any depth, so those of extensions and of custom properties too,
    and the markings, granular ones included. Keys that an embedded `objects` of old observed-data uses as local
    names are not identifiers and not given; a text that merely mentions an id is not a reference.
    """
    return tuple(_within(content, ""))


def pointer_step(name: str) -> str:
    """One reference token, escaped (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def _within(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            here = f"{place}/{pointer_step(name)}" if "/" in name or "~" in name else f"{place}/{name}"
            if isinstance(item, str):
                if name.endswith("_ref") and is_identifier(item):
                    yield here, item
            elif isinstance(item, list):
                if name.endswith("_refs"):
                    yield from ((f"{here}/{index}", text) for index, text in enumerate(item) if is_identifier(text))
                yield from _within(item, here)
            elif isinstance(item, Mapping):
                yield from _within(item, here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (Mapping, list)):
                yield from _within(item, f"{place}/{index}")

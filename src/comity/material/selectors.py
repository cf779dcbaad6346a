"""Granular marking selectors (STIX 2.1 section 7.2.3.1): strict grammar, and content that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import re2

from comity.canon import InputError
from comity.material.references import pointer_step

# Components joined by dots: a property name or dictionary key, or a list index in brackets. No leading zeros, no
# signs, no `*`, no `$`, ASCII only (A16).
_GRAMMAR = re2.compile(r"^[a-zA-Z0-9_-]{1,250}(?:\.(?:[a-zA-Z0-9_-]{1,250}|\[(?:0|[1-9][0-9]{0,5})\]))*$")


class BadSelector(InputError):
    what = "a granular marking selects nothing that can be marked"
    why = "{reason}"
    do = "ask the sender to correct the marking; until then the whole object is refused"


def find(content: Mapping[str, Any], selector: str) -> str:
    """The JSON Pointer of what a selector points at.

    Raises: BadSelector when the grammar is broken, nothing is there, or it points at the markings themselves.
    """
    if not isinstance(selector, str) or not _GRAMMAR.match(selector):
        raise BadSelector(reason="a selector is not property names and list indexes joined by dots")
    steps = selector.split(".")
    if steps[0] in {"granular_markings", "object_marking_refs"}:
        raise BadSelector(reason="a selector points at the markings themselves")
    value: Any = content
    pointer = ""
    for step in steps:
        if step[0] == "[":
            index = int(step[1:-1])
            if not isinstance(value, list) or index >= len(value):
                raise BadSelector(reason="a selector gives an index that is not there")
            value, pointer = value[index], f"{pointer}/{index}"
        else:
            if not isinstance(value, Mapping) or step not in value:
                raise BadSelector(reason="a selector names a property that is not there")
            value, pointer = value[step], f"{pointer}/{pointer_step(step)}"
    return pointer

"""What a record may say of an object as it came: its names where they are names, and nothing where they are values.

INVARIANT: no record holds a detected value (promise 5), not even where a sender wrote it into an id, a version, or the
name of a property.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from comity.canon import NaiveTime, parse_instant
from comity.material import StixObject, is_identifier
from comity.privacy import detect_text

_TYPE = re.compile(r"[a-z][a-z0-9-]{0,249}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,250}")  # STIX 2.1 sections 2.5 and 3.1
MALFORMED = "malformed"
UNSAID = "#"  # in a place: a name that is not told


class Said(NamedTuple):
    id: str
    type: str
    version: str | None


def object_said(obj: StixObject) -> Said:
    """Its id, type and version; for a malformed id its place in the material, which nobody else has."""
    return Said(
        id=obj.id if is_identifier(obj.id) else obj.place,
        type=obj.type if _TYPE.fullmatch(obj.type) else MALFORMED,
        version=obj.version if obj.version is not None and _is_instant(obj.version) else None,
    )


def place_said(pointer: str) -> str:
    """A JSON Pointer in which names that are no names of STIX, or hold personal data, are not told."""
    return "/".join(step if step == "" or _may_be_said(step) else UNSAID for step in pointer.split("/"))


@lru_cache(maxsize=4096)
def _may_be_said(name: str) -> bool:
    if _NAME.fullmatch(name) is None:
        return False
    return name.isdigit() or is_identifier(name) or not detect_text(name.replace("_", " "))


def _is_instant(text: str) -> bool:
    try:
        parse_instant(text)
    except NaiveTime:
        return False
    return True

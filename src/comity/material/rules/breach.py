"""What a rule says when an object breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One rule that one object breaks. Holds no value of the object, so it may be shown and kept."""

    section: str  # of STIX 2.1, "3.2"; "ours" for the project's own limits; "schema" for a JSON schema
    place: str  # JSON Pointer of known names, "" for the whole object
    says: str  # what is wrong


ObjectRule = Callable[[Content], Iterable[Breach]]
ValueRule = Callable[[Any], str | None]  # -> what is wrong


def breach(section: str, place: str, says: str) -> Breach:
    return Breach(section=section, place=place, says=says)

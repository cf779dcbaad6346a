"""A STIX 2.1 object as the rooms pass it around: the parsed content, never changed in place, and its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StixObject:
    """One object of a bundle. `content` keeps what we do not know, so nothing is lost by reading."""

    id: str
    type: str
    content: Mapping[str, Any]
    place: str  # where it stood in the input, as "objects/3": for messages to people

    @property
    def version(self) -> str | None:
        """`modified`, or `created` where the type has no versions, or None for a cyber-observable."""
        return self.content.get("modified") or self.content.get("created")

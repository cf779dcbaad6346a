"""What treating an object gave: the object, what was done where, or why it stays home."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from comity.canon import Category, Treatment


class Because(StrEnum):
    """Why an object is withheld; the words are shown to people."""

    RULE = "a rule withholds every object that holds this"
    REQUIRED = "the standard requires this property, and its type has no neutral value"
    HOLLOW = "nothing that the standard requires at least one of is left"
    STRUCTURE = "this place holds the object together and cannot be treated"
    MATCHING = "without this constant the pattern would match something else"
    UNREADABLE = "the place or the pattern cannot be read, so nothing in it can be treated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Why an object stays home, and the detection that it stays for."""

    because: Because
    path: str  # JSON Pointer, as in the detection
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was done to one detection: `treatment` as it was carried out, which can be stricter than was asked."""

    path: str
    start: int
    category: Category
    treatment: Treatment
    removed: bool = False  # the property or list member went, rather than its text changing


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A value that no longer stands in the release; residue searches for it."""

    category: Category
    value: str = field(repr=False)  # normalised
    text: str = field(repr=False)  # as it stood


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """One object after treatment. `content` is None exactly when `withheld_because` says why."""

    content: dict[str, Any] | None
    changed: bool
    withheld_because: Withheld | None = None
    spans: tuple[Change, ...] = ()
    gone: tuple[Gone, ...] = ()

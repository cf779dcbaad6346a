"""A detection: one piece of personal data found in an object. Its value is never shown, logged or recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from comity.canon import Category, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Where it is, what it is, whose it is and how sure we are."""

    path: str  # JSON Pointer (RFC 6901) of the string in the object
    start: int  # half-open span in Unicode code points of that string, original spelling
    end: int
    value: str = field(repr=False)  # normalised (refanged, folded); for treatment and residue only
    text: str = field(repr=False)  # the characters as they stand
    category: Category
    role: Role
    confidence: float  # 0 to 1, that this is personal data of this category
    detector: str  # name of the detector's table entry
    why: str  # one clause for a person, without the value: "checksum of an Estonian isikukood holds"
    whole: bool = False  # the string is this datum and nothing else (a typed property)
    countries: frozenset[str] = frozenset()  # where the subject is known to be, from the graph

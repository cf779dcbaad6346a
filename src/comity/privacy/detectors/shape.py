"""The one shape of a detector: a name, when to ask it, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from comity.canon import Category, Role

NEEDS_COMPANY = 0.3  # a finding that counts only beside a person's other data; else it is dropped
TEXT = frozenset({"text", "title", "path", "command-line", "url", "email-header", "x509-subject", "value"})
PROSE = frozenset({"text", "email-header", "x509-subject"})


class Found(NamedTuple):
    """One span of the folded text. `value` is the datum in one spelling: lower case, refanged, without separators."""

    start: int
    end: int
    category: Category
    confidence: float  # 0 to 1
    why: str  # one clause for a person, without the value
    value: str
    role: Role | None = None  # when the place itself says whose it is ("rip=" in a log)
    named: bool = False  # its name stands beside it: "IMEI 35...", so that its looks do not disprove it


@dataclass(frozen=True, slots=True)
class Place:
    """What a detector may know beside the text."""

    reader: str = "text"  # see catalogue.toml
    label: str = ""  # the property, column or object relation the text stands under
    not_people: frozenset[str] = frozenset()  # folded names of malware, groups and tools in this bundle


@dataclass(frozen=True, slots=True)
class Detector:
    """INVARIANT: `find` is asked only where `trigger` matches, and the engine runs no detector by name."""

    name: str
    version: int
    trigger: str  # RE2; "" asks always
    find: Callable[[str, Place], Iterable[Found]]
    readers: frozenset[str] = TEXT

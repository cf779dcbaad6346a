"""The small words of the grammar: ids, countries, durations, markings, kinds of data, classes of material."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

import msgspec

from comity.canon import FAMILIES, Category

_END = r"(?![\s\S])"  # the end of the text in every dialect; `$` would let a line break through


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """One mapping of the grammar: names are written with hyphens, unknown names are errors."""


Id = Annotated[
    str, msgspec.Meta(pattern=rf"^[a-z0-9][a-z0-9-]{{0,62}}{_END}", description="lower-case letters, digits, hyphens")
]
ClauseId = Annotated[
    str, msgspec.Meta(pattern=rf"^[A-Za-z][A-Za-z0-9-]{{0,31}}{_END}", description="how decisions cite it, as P2")
]
Word = Annotated[
    str, msgspec.Meta(pattern=rf"^[a-z][a-z0-9-]{{0,62}}{_END}", description="a word of the harmonised vocabulary")
]
# One word or several. Without a pattern: msgspec 0.22 corrupts memory where a text with a pattern is one of several
# alternatives (`Word | tuple[Word, ...]`), so unions hold plain texts and the vocabulary check judges them.
Words = str | tuple[str, ...]
FactId = Annotated[
    str, msgspec.Meta(pattern=rf"^[a-z0-9]{{2,5}}(\.[A-Za-z0-9_-]+)+{_END}", description="id of a fact in the law pack")
]
Country = Annotated[
    str, msgspec.Meta(pattern=rf"^([A-Z]{{2}}|EEA){_END}", description="ISO 3166-1 alpha-2 code, EU or EEA")
]
Digest = Annotated[str, msgspec.Meta(pattern=rf"^sha256:[0-9a-f]{{64}}{_END}", description="sha256: and 64 hex digits")]
PublicKey = Annotated[
    str, msgspec.Meta(pattern=rf"^ed25519:[A-Za-z0-9+/]{{43}}={_END}", description="ed25519: and 32 bytes in base64")
]
Url = Annotated[str, msgspec.Meta(pattern=rf"^https?://[!-~]{{1,500}}{_END}", description="http(s) address")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Language = Annotated[str, msgspec.Meta(pattern=rf"^[a-z]{{2,3}}(-[A-Z]{{2}})?{_END}", description="as en or pt-BR")]
SPAN = (
    r"^P(?=[0-9T])([1-9]\d{0,2}Y)?([1-9]\d{0,2}M)?([1-9]\d{0,2}W)?([1-9]\d{0,4}D)?"
    rf"(T(?=\d)([1-9]\d{{0,4}}H)?([1-9]\d{{0,4}}M)?)?{_END}"
)
Span = Annotated[str, msgspec.Meta(pattern=SPAN, description="an ISO 8601 duration, as PT72H, P30D, P1M or P2Y")]
Allowance = Annotated[
    str,
    msgspec.Meta(pattern=rf"^[1-9]\d{{0,3}}/P[1-9]\d{{0,2}}[YMWD]{_END}", description="so many per period, as 3/P1Y"),
]
Marking = Literal["clear", "green", "amber", "amber+strict", "red"]
Share01 = Annotated[float, msgspec.Meta(ge=0, le=1)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]

# A family, as `contact`, or one category, as `email-address`.
DataWord = StrEnum(  # type: ignore[misc]
    "DataWord", {word.upper().replace("-", "_"): word for word in dict.fromkeys((*FAMILIES, *Category))}
)

MaterialClass = Literal[
    "file-hashes",
    "vulnerabilities",
    "techniques",
    "detection-rules",
    "indicators",
    "malware",
    "tools",
    "infrastructure",
    "threat-actors",
    "campaigns",
    "reports",
    "incidents",
    "sightings",
    "observed-data",
    "observables",
    "identities",
    "locations",
    "notes",
    # Object types outside STIX that are shared in earnest; each is a class of its own, by the name of its type.
    "x-mitre-tactic",
    "x-mitre-matrix",
    "x-mitre-data-source",
    "x-mitre-data-component",
    "x-mitre-asset",
    "x-mitre-collection",
    "x-mitre-analytic",
    "x-mitre-detection-strategy",
    "x-misp-object",
    "x-misp-attribute",
    "x-misp-event-report",
]

T = TypeVar("T")


def many(value: T | tuple[T, ...] | None) -> tuple[T, ...]:
    """One word or a list of them, as a tuple; empty when the text is silent."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def categories(words: Iterable[str]) -> frozenset[Category]:
    """The categories that words name; a family covers its members. Raises: ValueError for another word."""
    found: set[Category] = set()
    for word in words:
        found.update(FAMILIES[word] if word in FAMILIES else (Category(word),))
    return frozenset(found)

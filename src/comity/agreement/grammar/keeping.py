"""How it is kept: how long, with what proof, of what quality, in which form, how marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from comity.agreement.grammar.words import SPAN, Percent, Span, Term
from comity.canon import Duration


class ProofFloor(Term, frozen=True, kw_only=True):
    """The longest an annex may allow."""

    witnessed_within: Span


class Proof(Term, frozen=True, kw_only=True):
    """A node whose log nobody witnessed for this long stops releasing."""

    witnessed_within: Span
    adaptable: ProofFloor | None = None


Extension = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(extension-definition--[0-9a-f-]{36}|x_[a-z0-9_]{1,100}\*?|x-[a-z0-9-]{1,100}\*?)(?![\s\S])",
        description="id of an extension definition, or the name of a custom property (x_...) or object (x-...); "
        "a final * stands for any ending",
    ),
]


class Extensions(Term, frozen=True, kw_only=True):
    """STIX extensions and custom properties that are let through; all others stay home."""

    allowed: tuple[Extension, ...]


class QualityFloor(Term, frozen=True, kw_only=True):
    """The least confidence an annex may ask for."""

    confidence_at_least: Percent


class Quality(Term, frozen=True, kw_only=True):
    """What intelligence must be worth to be sent. A grade never rises on relay."""

    confidence_at_least: Percent | None = None
    grade: Literal["admiralty", "mispgrade"] | None = None
    kind: tuple[Literal["fact", "assessment"], ...] | None = None
    adaptable: QualityFloor | None = None


ON_SUNSET = ("delete", "keep-until-expiry")

# `retention` is one map: its names are ids of share clauses, `personal-data`, `on-sunset` and `adaptable`.
RetentionName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,31}(?![\s\S])")]
# Values without a pattern: see `Words`; `retention` reads them.
RetentionMap = dict[RetentionName, str | dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long the receiver keeps what came, from its first receipt."""

    clauses: Mapping[str, Duration]  # by share clause: what came under it
    personal_data: Duration | None
    on_sunset: str  # delete, or keep-until-expiry
    adaptable: Mapping[str, Duration]  # by share clause or `personal-data`: the longest an annex may set instead


def retention(terms: RetentionMap) -> Retention:
    """Read the map. Raises: ValueError with the name in it that is wrong, as `S1` or `adaptable/S1`."""
    clauses: dict[str, Duration] = {}
    adaptable: dict[str, Duration] = {}
    on_sunset = "delete"
    for name, value in terms.items():
        if isinstance(value, dict):
            if name != "adaptable":
                raise ValueError(name)
            adaptable = {key: _span(f"adaptable/{key}", span) for key, span in value.items()}
        elif name == "on-sunset":
            if value not in ON_SUNSET:
                raise ValueError(name)
            on_sunset = value
        else:
            clauses[name] = _span(name, value)
    personal = clauses.pop("personal-data", None)
    return Retention(clauses=clauses, personal_data=personal, on_sunset=on_sunset, adaptable=adaptable)


def _span(name: str, text: str) -> Duration:
    if name == "adaptable" or not re.match(SPAN, text):
        raise ValueError(name)
    return Duration(text)


Format = Literal["stix-2.1", "misp", "csv"]


class Markings(Term, frozen=True, kw_only=True):
    """What an object without a marking counts as; never `clear`."""

    unmarked: Literal["green", "amber", "amber+strict", "red"]

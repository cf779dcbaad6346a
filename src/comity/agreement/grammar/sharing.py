"""What is shared, and what never is."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from comity.agreement.grammar.lawfulness import Regime
from comity.agreement.grammar.parties import Capacity
from comity.agreement.grammar.words import ClauseId, DataWord, Marking, MaterialClass, Term, Words

CollectedBy = Literal[
    "victim-log",
    "sinkhole",
    "honeypot",
    "own-sensor",
    "malware-analysis",
    "open-source",
    "partner",
    "voluntary-report",
    "isp-traffic",
    "interception",
]
PropertyName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{2,250}(?![\s\S])", description="a STIX property")]


class Consent(Term, frozen=True, kw_only=True):
    """Whose permission is needed. Only the data subject's is consent in the sense of data protection law."""

    of: Literal["originator", "victim-organisation", "data-subject"]


class Collected(Term, frozen=True, kw_only=True):
    """How the material came to the party that shares it."""

    by: tuple[CollectedBy, ...] | None = None
    never: tuple[CollectedBy, ...] | None = None


class Share(Term, frozen=True, kw_only=True):
    """A grant: material of these classes, for these purposes, up to this marking."""

    id: ClauseId
    what: MaterialClass | tuple[MaterialClass, ...]
    for_: Words | None = msgspec.field(name="for", default=None)
    """Purposes; all of the agreement's when the clause is silent."""
    ceiling: Marking
    release: Literal["automatic", "approved"]
    personal_data: Literal["none", "as-protected"] = "as-protected"
    on_detect: Literal["withhold-and-refer", "treat"] = "withhold-and-refer"
    """What happens where `personal-data: none` and some is found after all."""
    regime: Regime | None = None
    consent: Consent | None = None
    collected: Collected | None = None
    properties: tuple[PropertyName, ...] | None = None
    """Necessity: of each object only these properties (and those STIX requires) cross."""


class Unless(Term, frozen=True, kw_only=True):
    """The one case in which a prohibition gives way; it must be provably true of both parties."""

    capacity: Capacity | None = None
    regime: Regime | None = None


class Never(Term, frozen=True, kw_only=True):
    """A prohibition: data of a kind, or whatever bears a marking."""

    id: ClauseId
    data: DataWord | tuple[DataWord, ...] | None = None
    marked: Marking | None = None
    unless: Unless | None = None

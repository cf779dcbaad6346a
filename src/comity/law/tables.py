"""The shape of the pack's common tables: who recognises whom, the shared words, and the pack's own data sheet."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta

from comity.law.shapes import Actor, Code, Confidence, Period, Row, Token

Form = Literal["any", "public-authority", "private-company", "private-nonprofit", "international-organisation"]
Capacity = Literal["csirt", "law-enforcement", "intelligence", "regulator", "isac", "operator"]


class AdequacyRow(Row, frozen=True, kw_only=True):
    """`by` recognises `recognises` under `regime`: directional, dated, and no wider than its scope."""

    by: Code
    recognises: Token
    coverage: Literal["full", "partial"]
    regime: str
    instrument: str
    status: Literal["in_force", "pending"]
    confidence: Confidence
    scope_note: str | None = None
    decided: dt.date | None = None
    expires: dt.date | None = None
    covers_forms: tuple[Form, ...] | None = None  # legal forms of recipients inside the scope
    covers_capacities: tuple[Capacity, ...] | None = None
    excludes_capacities: tuple[Capacity, ...] = ()
    excludes: tuple[str, ...] = ()  # kinds of processing outside the scope
    requires: str | None = None  # a certification that the recipient must hold

    @property
    def id(self) -> str:
        return f"adequacy.{self.by.lower()}.{self.recognises.lower().lstrip('*')}.{self.regime}"


class Gap(Row, frozen=True, kw_only=True):
    by: tuple[Code, ...]
    note: str


class AdequacyTable(Row, frozen=True, kw_only=True):
    schema_version: Literal["1.0"]
    as_of: dt.date
    evidence_horizon: dt.date
    group_tokens: tuple[str, ...]
    notes: tuple[str, ...]
    decisions: tuple[AdequacyRow, ...]
    gaps: tuple[Gap, ...] = ()


class Concept(Row, frozen=True, kw_only=True):
    """A word that agreements, pages and messages share, with its counterpart in a published standard."""

    id: Annotated[str, Meta(pattern=r"^[a-z]+(\.[a-z0-9_]+)+$")]
    family: str
    standard: str  # "local": the standard has no such term, see `broader`
    name: str  # IRI or label in that standard
    definition: str
    broader: str | None = None
    gdpr: str | None = None
    stix: str | None = None
    label: str | None = None
    word: str = ""  # as agreements write it; empty: made from the id
    terms: tuple[str, ...] = ()  # legal_basis: the terms of the jurisdiction files that it reaches
    mechanisms: tuple[str, ...] = ()  # transfer_tool: the ids under which jurisdictions list it
    jurisdictions: tuple[str, ...] = ()  # regime: where it is the law, with those that inherit it
    police: bool = False  # regime: of police and prosecutors only
    transfers: bool = True  # regime: its adequacy rows are findings about transfers

    def __post_init__(self) -> None:
        if self.standard == "local" and not self.broader:
            raise ValueError("a local term names its broader one")

    @property
    def prefix(self) -> str:
        return self.id.partition(".")[0]

    @property
    def spelled(self) -> str:
        """The word that agreements write: the id without its prefix, with hyphens."""
        return self.word or self.id.partition(".")[2].replace("_", "-")


class ActorRow(Row, frozen=True, kw_only=True):
    """Which parties an `actor` of the jurisdiction files is; an absent list means any."""

    id: Actor
    forms: tuple[Form, ...] | None = None
    capacities: tuple[Capacity, ...] | None = None


class CrosswalkRow(Row, frozen=True, kw_only=True):
    """A word for data in the jurisdiction files, as the categories and families it reaches (`*`: all)."""

    word: str
    data: tuple[str, ...]


class VocabularyTable(Row, frozen=True, kw_only=True):
    schema_version: Literal["1.0"]
    as_of: dt.date
    dpv_version: str
    rsit_version: str
    tlp_stix_extension: str
    prefixes: dict[str, str]
    concept: tuple[Concept, ...]
    actor: tuple[ActorRow, ...]
    crosswalk: tuple[CrosswalkRow, ...]


class InternalRow(Row, frozen=True, kw_only=True):
    """A group inside which exchange under a regime is no transfer."""

    group: Code
    regime: str
    fact: str


class PackSheet(Row, frozen=True, kw_only=True):
    """pack.toml."""

    schema_version: Literal["1.0"]
    id: str
    version: str
    date: dt.date
    evidence_horizon: dt.date
    title: str
    licence: str
    planning: dict[str, Period]  # open deadline -> what planning takes it for: a product choice, not law
    internal: tuple[InternalRow, ...]
    zones: dict[str, str]  # jurisdiction -> IANA time zone of its capital

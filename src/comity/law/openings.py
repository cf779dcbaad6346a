"""What the law opens to a kind of actor: legal bases to process, and tools to transfer abroad."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from comity.law.facts import LegalBasis, Mechanism
from comity.law.jurisdiction import Jurisdiction
from comity.law.shapes import Availability, Confidence
from comity.law.tables import Concept
from comity.law.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisFinding:
    """A legal basis of a jurisdiction that answers to the word asked for."""

    fact: str
    dpv: str
    actor: str
    availability: Availability
    open: bool  # to an actor of this legal form and capacity; False also where the law's answer is unknown
    detail: str
    citation: str
    confidence: Confidence
    use: tuple[str, ...]
    conditions: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanismFinding:
    """What a jurisdiction says of a transfer tool for this kind of exporter: the best that is open to it."""

    tool: str
    availability: Availability  # "yes" and "conditional" permit; "no" and "unknown" do not
    detail: str
    facts: tuple[str, ...]
    citation: str
    confidence: Confidence
    note: str | None = None

    @property
    def open(self) -> bool:
        return self.availability in _PERMITS


_PERMITS = ("yes", "conditional")
_BEST: tuple[Availability, ...] = ("yes", "conditional", "unknown", "no")


def bases(
    home: Jurisdiction, terms: Collection[str], form: str | None, capacity: str | None, vocabulary: Vocabulary
) -> tuple[BasisFinding, ...]:
    """Every basis under these DPV terms, open or not, best first, so that a refusal can name what is missing."""
    found = [_basis(home, row, form, capacity, vocabulary) for row in home.facts.legal_bases if row.dpv in terms]
    return tuple(sorted(found, key=lambda finding: (not finding.open, _BEST.index(finding.availability), finding.fact)))


def _basis(
    home: Jurisdiction, row: LegalBasis, form: str | None, capacity: str | None, vocabulary: Vocabulary
) -> BasisFinding:
    fact = home.cite(row)
    fits = vocabulary.fits(row.actor, form, capacity)
    answered = row.availability in _PERMITS
    if not fits:
        detail = f"open to {row.actor.replace('_', ' ')} only"
    else:
        detail = f"open to {form or 'any form'}" if answered else f"availability: {row.availability}"
    return BasisFinding(
        fact=fact,
        dpv=row.dpv,
        actor=row.actor,
        availability=row.availability,
        open=fits and answered,
        detail=detail,
        citation=row.citation,
        confidence=home.confidence(fact),
        use=row.use,
        conditions=row.conditions,
    )


def mechanism(
    home: Jurisdiction,
    tool: Concept,
    form: str | None,
    capacity: str | None,
    *,
    on: dt.date,
    vocabulary: Vocabulary,
) -> MechanismFinding:
    """INVARIANT: a tool that the law pack does not list for a jurisdiction is `unknown`, which permits nothing."""
    listed = [row for row in home.facts.transfers.mechanisms if row.id in tool.mechanisms]
    fitting = [row for row in listed if vocabulary.fits(row.actor, form, capacity) and _applies(row, on)]
    if fitting:
        best = min(fitting, key=lambda row: _BEST.index(row.availability))
        return _found(home, tool, best, best.availability, best.note or f"listed as {best.id}")
    if listed:
        actors = " or ".join(sorted({row.actor.replace("_", " ") for row in listed}))
        detail = f"{home.code} opens it to {actors}, not to {form or 'a party of no stated form'} on {on}"
        return _found(home, tool, listed[0], "no", detail)
    transfers = home.cite_section("transfers")
    return MechanismFinding(
        tool=tool.spelled,
        availability="unknown",
        detail=f"the law pack lists no {tool.spelled} for {home.code}",
        facts=(transfers,),
        citation=home.facts.transfers.citation,
        confidence=home.confidence(transfers),
    )


def _applies(row: Mechanism, on: dt.date) -> bool:
    return (row.applies_from is None or row.applies_from <= on) and (
        row.applies_until is None or on <= row.applies_until
    )


def _found(
    home: Jurisdiction, tool: Concept, row: Mechanism, availability: Availability, detail: str
) -> MechanismFinding:
    fact = home.cite(row)
    return MechanismFinding(
        tool=tool.spelled,
        availability=availability,
        detail=detail,
        facts=(fact,),
        citation=row.citation,
        confidence=home.confidence(fact),
        note=row.note,
    )

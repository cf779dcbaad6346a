"""Adequacy: whether one jurisdiction recognises another as protecting personal data enough, for this recipient.

Directional (A recognising B says nothing about B recognising A), dated, under one regime (a decision under the GDPR
does not cover police), and no wider than its scope, which is data: legal forms, capacities, a certification.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from comity.law.shapes import Confidence
from comity.law.tables import AdequacyRow, Concept


class Standing(StrEnum):
    """How a recognition stands for this recipient on this day."""

    COVERED = "covered"
    NO_TRANSFER = "no-transfer"  # inside one regime: there is nothing to cover
    NEEDS_CERTIFICATION = "needs-certification"
    OUT_OF_SCOPE = "out-of-scope"
    PENDING = "pending"
    NOT_YET = "not-yet"  # decided on a later day
    EXPIRED = "expired"
    NOT_COVERED = "not-covered"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdequacyFinding:
    standing: Standing
    detail: str  # one sentence
    facts: tuple[str, ...]
    confidence: Confidence
    regime: str
    citation: str
    expires: dt.date | None = None
    excludes: tuple[str, ...] = ()  # kinds of processing that it does not cover even so
    scope_note: str | None = None

    @property
    def covered(self) -> bool:
        return self.standing in (Standing.COVERED, Standing.NO_TRANSFER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who is to receive: legal form and capacity as agreements write them, and certifications it states it holds."""

    form: str | None
    capacity: str | None
    certifications: Collection[str] = ()


# Who a decision under a general regime never covers: their processing has a law of its own, or none.
_POLICE = "law-enforcement"
_OUTSIDE_GENERAL_LAW = (_POLICE, "intelligence")


def nearest(rows: Collection[AdequacyRow], lineage: Collection[str]) -> Iterator[AdequacyRow]:
    """The rows that speak for a jurisdiction: its own, and those of its regimes that it does not answer itself."""
    answered: set[tuple[str, str]] = set()
    for code in lineage:
        own = [row for row in rows if row.by == code and (row.recognises, row.regime) not in answered]
        yield from own
        answered.update((row.recognises, row.regime) for row in own)


def judge(row: AdequacyRow, recipient: Recipient, on: dt.date, regime: Concept | None) -> AdequacyFinding:
    """How one row stands for this recipient on this day; `regime` is the row's own, None when it is unknown."""
    standing, detail = _stand(row, recipient, on, regime)
    return AdequacyFinding(
        standing=standing,
        detail=detail,
        facts=(row.id,),
        confidence=row.confidence,
        regime=row.regime,
        citation=row.instrument,
        expires=row.expires,
        excludes=row.excludes,
        scope_note=row.scope_note,
    )


def _stand(row: AdequacyRow, recipient: Recipient, on: dt.date, regime: Concept | None) -> tuple[Standing, str]:
    if row.status == "pending":
        return Standing.PENDING, "the decision is not adopted yet"
    if row.decided and on < row.decided:
        return Standing.NOT_YET, f"the decision dates from {row.decided}"
    if row.expires and on >= row.expires:  # on the day itself too: the cautious reading of "expires on"
        return Standing.EXPIRED, f"the decision expired on {row.expires}"
    outside = _outside(row, recipient, regime)
    if outside:
        return Standing.OUT_OF_SCOPE, outside
    if row.requires and row.requires not in recipient.certifications:
        return Standing.NEEDS_CERTIFICATION, f"only recipients that state {row.requires} are covered"
    return Standing.COVERED, f"{row.by} recognises {row.recognises}"


def _outside(row: AdequacyRow, recipient: Recipient, regime: Concept | None) -> str | None:
    if regime is None or not regime.transfers:
        return f"`{row.regime}` is no regime of transfers"
    if not regime.police and recipient.capacity in _OUTSIDE_GENERAL_LAW:
        return f"a decision under {row.regime} does not cover {recipient.capacity}"
    if regime.police and recipient.capacity != _POLICE:
        return f"a decision under {row.regime} covers law-enforcement authorities only"
    if row.covers_forms is None and row.coverage == "partial":
        return "the decision is partial and its scope is not known here"
    if row.covers_forms and not {"any", recipient.form} & set(row.covers_forms):
        return f"it covers {', '.join(row.covers_forms)}, and the recipient is {recipient.form or 'of no stated form'}"
    if row.covers_capacities is not None and recipient.capacity not in row.covers_capacities:
        return f"it covers {', '.join(row.covers_capacities)} only"
    if recipient.capacity in row.excludes_capacities:
        return f"it leaves {recipient.capacity} out"
    return None

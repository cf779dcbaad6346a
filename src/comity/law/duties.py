"""Duties: who must tell whom after an event, and whether the law that says so runs on a day."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from comity.canon import printable
from comity.law.facts import BreachDuty
from comity.law.jurisdiction import Jurisdiction
from comity.law.shapes import Confidence, Event
from comity.law.vocabulary import UnknownTerm


class DutyStanding(StrEnum):
    RUNS = "in force"
    ASSUMED = "assumed"  # whether it is in force is unknown: the cautious branch counts it
    PENDING = "pending"  # adopted, and not yet due to apply: a warning, no clock
    PROPOSED = "proposed"  # no law yet: a warning, no clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty of one jurisdiction, and how it stands on the day it was asked about."""

    jurisdiction: str
    fact: str
    standing: DutyStanding
    confidence: Confidence
    row: BreachDuty

    @property
    def counts(self) -> bool:
        """Whether its clocks start."""
        return self.standing in (DutyStanding.RUNS, DutyStanding.ASSUMED)

    @property
    def addressee(self) -> tuple[str, str, str]:
        """Whom it is owed to: duties to different addressees all stand."""
        return self.jurisdiction, self.row.to, self.row.recipient


def read_event(word: str) -> Event:
    """`personal-data-breach` as the jurisdiction files write it. Raises: UnknownTerm."""
    event: Event
    for event in get_args(Event):
        if event.replace("_", "-") == word:
            return event
    known = [event.replace("_", "-") for event in get_args(Event)]
    near = difflib.get_close_matches(word, known, 1, 0.4)
    hint = f"the nearest word is `{near[0]}`" if near else f"there are {', '.join(known)}"
    raise UnknownTerm(word=printable(word), family="event that starts duties", hint=hint)


def duties(home: Jurisdiction, event: Event, on: dt.date, who: str | None) -> Iterator[Duty]:
    """The duties of a jurisdiction after an event, by fact id; lapsed and inapplicable ones are left out.

    Args:    who: the duty bearer, as in the files or with hyphens (`controller`, `financial-entity`); None: all.
    """
    for row in sorted(home.facts.breach_duties, key=lambda row: row.id):
        standing = _standing(row, on)
        if row.regime == event and standing and (who is None or row.who == who.replace("-", "_")):
            yield Duty(
                jurisdiction=home.code,
                fact=home.cite(row),
                standing=standing,
                confidence=row.confidence,
                row=row,
            )


def _standing(row: BreachDuty, on: dt.date) -> DutyStanding | None:
    if row.applies_until is not None and row.applies_until < on:
        return None
    later = row.applies_from is not None and on < row.applies_from
    match row.status:
        case "in_force":
            return DutyStanding.PENDING if later else DutyStanding.RUNS
        case "unknown":
            return DutyStanding.PENDING if later else DutyStanding.ASSUMED
        case "pending":
            # Its day came after the pack was written: whether it did start is unknown, so it counts.
            began = row.applies_from is not None and not later
            return DutyStanding.ASSUMED if began else DutyStanding.PENDING
        case "proposed" | "not_commenced":
            return DutyStanding.PROPOSED
        case "lapsed" | "not_applicable":
            return None

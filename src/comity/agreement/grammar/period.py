"""When: the term, its sunset, and the reviews."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from comity.agreement.grammar.words import Span, Term

ReviewEvent = Literal[
    "law-changed",
    "adequacy-withdrawn",
    "personal-data-breach",
    "complaint-upheld",
    "new-threat",
    "no-feedback",
]
Surviving = Literal["use", "confidentiality", "rights", "retention", "onward"]


class Period(Term, frozen=True, kw_only=True):
    """In force from the first day to the sunset, both included (UTC)."""

    from_: dt.date = msgspec.field(name="from")
    sunset: dt.date | None = None
    notice: Span | None = None
    survives_end: tuple[Surviving, ...] | None = None


class Review(Term, frozen=True, kw_only=True):
    """The parties look at the agreement again: regularly, and when something happens."""

    every: Span
    last: dt.date | None = None
    """The day the last one was concluded; the first day of the term when none was."""
    when: tuple[ReviewEvent, ...] | None = None

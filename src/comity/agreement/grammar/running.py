"""What only a running node can honour: crisis, inquiries, reciprocity, shared insight, suspension.

They parse and are checked; an agreement that uses one does not compile until it has its evaluator (see `coverage`).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from comity.agreement.grammar.period import ReviewEvent
from comity.agreement.grammar.words import ClauseId, Id, Span, Term, Word

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


class Crisis(Term, frozen=True, kw_only=True):
    """What goes faster when a crisis is declared. Faster, never unapproved (promise 4)."""

    declared_by: Id
    confirmed_by: Id
    within: Span
    lasts: Span
    speeds: tuple[ClauseId, ...]
    approval: Literal["afterwards", "one-person", "two-persons"] = "one-person"
    templates: tuple[Id, ...] | None = None


class Request(Term, frozen=True, kw_only=True):
    """A question that one party may put to the other, and who answers it."""

    id: ClauseId
    asks: Word
    for_: Word = msgspec.field(name="for")
    answer_within: Span
    approve: Id


class Reciprocity(Term, frozen=True, kw_only=True):
    """Giving back: feedback in time, and a review when none comes."""

    feedback_within: Span
    review_if: Annotated[str, msgspec.Meta(pattern=r"^no-feedback-P[1-9]\d{0,3}[DMY](?![\s\S])")] | None = None


class Statistics(Term, frozen=True, kw_only=True):
    """Differentially private counts."""

    epsilon: Annotated[float, msgspec.Meta(gt=0, le=10)]
    per: Span
    unit: Literal["incident", "organisation", "person"]


class Matching(Term, frozen=True, kw_only=True):
    """Private set intersection."""

    reveal: Literal["intersection", "size"]
    at_most: Count
    queries_per_day: Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Sums(Term, frozen=True, kw_only=True):
    """Secure sums over several parties."""

    contributors_at_least: Annotated[int, msgspec.Meta(ge=2, le=1000)]


class Insight(Term, frozen=True, kw_only=True):
    """Knowing without seeing, and its limits."""

    statistics: Statistics | None = None
    matching: Matching | None = None
    sums: Sums | None = None


SuspendEvent = ReviewEvent | Literal["compelled-access", "proof-stale"]

"""before_and_after: what an officer is shown of a question, with the digest that a yes is bound to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from comity.canon import InputError, Json, digest_of
from comity.crossing import Decision
from comity.node.border.codes import ACCESS_REASONS, known
from comity.node.border.deciding import Decided, decide
from comity.node.border.facts import Supposing
from comity.node.border.models import Question
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.people.models import Person

SEEN = "border:submission:seen"


class NotAsked(InputError):
    what = "this question is no longer open"
    why = "it was answered, its time ran out, or what it asked about has changed"
    do = "look at the queue for what is asked now"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A detection in the object as it is: where, what, whose, how sure, and what the clauses ask for."""

    path: str
    category: str
    role: str
    confidence: float
    treatment: str
    asked: bool  # it is what this question is about
    waits: bool  # it is stripped until somebody answers
    why: str
    clauses: tuple[str, ...]
    law: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAndAfter:
    """What an officer sees. Objects are STIX content, as untrusted as whoever sent them."""

    question: Question
    before: Mapping[str, Json]  # as submitted
    marks: tuple[Mark, ...]
    now_leaves: Mapping[str, Json] | None  # as it leaves without this yes; None: not at all
    would_leave: Mapping[str, Json] | None  # as it would leave with it
    also: tuple[str, ...]  # ids of other objects that would go with it
    reasons: tuple[str, ...]  # sentences
    clauses: tuple[str, ...]
    law: tuple[str, ...]
    shown: str  # digest: `approve` takes it back


def before_and_after(question: Question, *, by: Person, now: dt.datetime, reason: str = "approval") -> BeforeAndAfter:
    """Cross the submission as it stands, and as it would with a yes. The look is in the ledger, with its reason.

    Raises: NotAllowed; UnknownCode for a reason that is no code; NotAsked; SourceGone.
    """
    people.require(by, "read-material", now)
    known(reason, ACCESS_REASONS, "reason to look at material")
    asked = open_question(question, now)
    without, granted = decide_question(asked, now, yes=False), decide_question(asked, now, yes=True)
    decision = decision_on(asked, without)
    with transaction.atomic():
        facts: dict[str, Json] = {"submission": str(asked.submission_id), "question": str(asked.pk), "reason": reason}
        journal.record(SEEN, str(asked.submission_id), kind="access", facts=facts, now=now, actor=by)
    would = decision_on(asked, granted)
    return BeforeAndAfter(
        question=asked,
        before=_source(asked, without),
        marks=tuple(_marks(asked, decision)),
        now_leaves=_leaving(without, decision),
        would_leave=_leaving(granted, would),
        also=tuple(one.id for one in granted.delta.going if one.id != would.outgoing_id),
        reasons=decision.explanations,
        clauses=decision.clauses,
        law=decision.law,
        shown=shown_digest(asked, granted),
    )


def open_question(question: Question, now: dt.datetime) -> Question:
    """As it is now. Raises: NotAsked."""
    rows = Question.objects.select_related("submission", "submission__source", "flow", "flow__text")
    found = rows.get(pk=question.pk)
    if found.state != Question.ASKED or found.expires <= now:
        raise NotAsked()
    return found


def decide_question(question: Question, now: dt.datetime, *, yes: bool) -> Decided:
    submission = question.submission
    return decide(
        submission,
        question.flow,
        purpose=submission.purpose,
        collected_by=submission.collected_by or None,
        now=now,
        supposing=Supposing(approved=frozenset((question.referral,))) if yes else Supposing(),
    )


def shown_digest(question: Question, granted: Decided) -> str:
    """Of all that a yes would let go, and of what it would take back: nothing else crosses by it (attack A76)."""
    off = sorted(one.row for one in granted.delta.off)
    return digest_of({"question": str(question.pk), "goes": granted.delta.shown, "off": off})


def decision_on(question: Question, decided: Decided) -> Decision:
    """The one on the object that is asked about: of several versions, the one that asks, or that crosses.

    Raises: NotAsked, where it is no longer in what crosses.
    """
    found = [one for one in decided.crossing.decisions() if one.id == question.object_id]
    for one in found:
        if question.referral == one.referral or any(d.referral == question.referral for d in one.detections):
            return one
    for one in found:
        if one.crossed:
            return one
    raise NotAsked()


def _source(question: Question, decided: Decided) -> Mapping[str, Json]:
    versions = [obj for obj in decided.source if obj.id == question.object_id]
    return max(versions, key=lambda obj: obj.version or "").content


def _leaving(decided: Decided, decision: Decision) -> Mapping[str, Json] | None:
    if decision.outgoing_id is None:
        return None
    return next(content for content in decided.crossing.objects() if content["id"] == decision.outgoing_id)


def _marks(question: Question, decision: Decision) -> list[Mark]:
    return [
        Mark(
            path=one.path,
            category=one.category,
            role=one.role,
            confidence=one.confidence,
            treatment=one.treatment,
            asked=one.referral == question.referral,
            waits=one.outcome == "refer",
            why=one.why,
            clauses=one.clauses,
            law=one.law,
        )
        for one in decision.detections
    ]

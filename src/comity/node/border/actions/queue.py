"""queue: what waits for an officer; answers: what became of questions about one's own submissions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from comity.node.border.models import Question, Submission
from comity.node.people import actions as people
from comity.node.people.models import Person

TOLD_FOR = dt.timedelta(days=30)  # after it was asked
MOST_TOLD = 200
ANSWERED = (Question.APPROVED, Question.REJECTED, Question.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A question, and whether whoever looks may answer it."""

    question: Question
    own: bool  # about a submission of their own: another has to answer


def queue(
    by: Person, *, now: dt.datetime, submission: Submission | None = None, partner: str | None = None
) -> list[Waiting]:
    """Open questions, those that expire first before the others. Ids and codes only: looking at material is `show`.

    Raises: NotAllowed.
    """
    people.require(by, "queue", now)
    rows = Question.objects.filter(state=Question.ASKED, expires__gt=now)
    rows = rows.select_related("submission", "flow", "flow__partner", "flow__text")
    if submission is not None:
        rows = rows.filter(submission=submission)
    if partner is not None:
        rows = rows.filter(flow__partner=partner)
    return [
        Waiting(question=question, own=question.submission.submitter_id == by.pk)
        for question in rows.order_by("expires", "asked_at", "object_id", "path")
    ]


def answers(by: Person, *, now: dt.datetime) -> list[Question]:
    """What was answered about this person's submissions, the newest first: every refusal is told (promise 4).

    Raises: NotAllowed.
    """
    people.require(by, "queue", now)
    rows = Question.objects.filter(submission__submitter=by, state__in=ANSWERED, asked_at__gt=now - TOLD_FOR)
    rows = rows.select_related("submission", "flow", "flow__partner", "flow__text", "answer")
    told = sorted(rows, key=lambda one: one.answer.at if hasattr(one, "answer") else one.expires, reverse=True)
    return told[:MOST_TOLD]

"""expire_questions: an unanswered question escalates, and then expires to no (promise 4). Due work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from comity.canon import Json
from comity.node.border.deletions import forget_submission
from comity.node.border.keeping import ANSWER_WITHIN
from comity.node.border.models import Question
from comity.node.journal import actions as journal

ESCALATED, EXPIRED = "border:question:escalated", "border:question:expired"
ESCALATE_AFTER = ANSWER_WITHIN / 3


def expire_questions(now: dt.datetime) -> tuple[int, int]:
    """How many were escalated, and how many expired. Each is told in the ledger, and so to whoever submitted it."""
    escalated = _each(
        Question.objects.filter(
            state=Question.ASKED, escalated_at=None, asked_at__lte=now - ESCALATE_AFTER, expires__gt=now
        ).values_list("pk", flat=True),
        ESCALATED,
        {"escalated_at": now},
        now,
    )
    expired = _each(
        Question.objects.filter(state=Question.ASKED, expires__lte=now).values_list("pk", flat=True),
        EXPIRED,
        {"state": Question.EXPIRED},
        now,
    )
    return escalated, expired


def _each(ids: Any, event: str, changes: dict[str, Any], now: dt.datetime) -> int:
    """One transaction each: whoever is stopped half-way has done some of them, and does the others next time."""
    count = 0
    for question_id in list(ids):
        with transaction.atomic():
            waiting = Question.objects.filter(pk=question_id, state=Question.ASKED, escalated_at=None)
            if event == EXPIRED:
                waiting = Question.objects.filter(pk=question_id, state=Question.ASKED, expires__lte=now)
            if not waiting.update(**changes):
                continue
            question = Question.objects.select_related("submission").get(pk=question_id)
            facts: dict[str, Json] = {"submission": str(question.submission_id), "question": str(question.pk)}
            if event == EXPIRED:
                facts |= {"yes": False, "ground": "unanswered"}
            journal.record(event, str(question_id), kind="approval", facts=facts, now=now)
            if event == EXPIRED:
                forget_submission(question.submission, now)
            count += 1
    return count


def expire_questions_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """`expire_questions` for the table of due work."""
    del facts
    expire_questions(now)

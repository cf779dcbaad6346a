"""reject: an officer's no. What was asked about stays home; the submitter is told the ground."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.node.border.actions.approve import may_answer, settle
from comity.node.border.codes import REFUSE_GROUNDS, known
from comity.node.border.deletions import forget_submission
from comity.node.border.models import Question
from comity.node.people import actions as people
from comity.node.people.models import Person


def reject(question: Question, *, ground: str, by: Person, now: dt.datetime) -> Question:
    """Say no to one question, with its ground: a code of `REFUSE_GROUNDS`.

    It moves nothing: without a yes the object, or the place in it, had stayed home already. Where nothing else of the
    submission waits or stands with a partner, its source goes, and what was decided about it.
    Raises: NotAllowed, OwnSubmission, UnknownCode, NotAsked.
    """
    people.require(by, "reject", now)
    known(ground, REFUSE_GROUNDS, "ground to refuse")
    may_answer(question, by)
    with transaction.atomic():
        settle(question, yes=False, ground=ground, by=by, now=now, shown="")
        forget_submission(question.submission, now)
    return Question.objects.get(pk=question.pk)

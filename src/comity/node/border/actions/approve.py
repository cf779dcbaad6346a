"""approve: an officer's yes, bound to exactly what was shown; what it lets go follows at once."""

from __future__ import annotations

import datetime as dt

from comity.canon import InputError, Json
from comity.node.border.actions.before_and_after import NotAsked, decide_question, open_question, shown_digest
from comity.node.border.codes import APPROVE_GROUNDS, known
from comity.node.border.deciding import Decided
from comity.node.border.keeping import decide_and_keep
from comity.node.border.models import Approval, Crossing, Question
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.people.models import Person

APPROVED = "border:question:approved"
MOST_A_MINUTE = 10  # answers of one person: nobody reads faster than six seconds a question (attack A77)
A_MINUTE = dt.timedelta(minutes=1)


class OwnSubmission(InputError):
    what = "you cannot answer this question"
    why = "you submitted what it is about, and another person has to decide"
    do = "ask another officer"
    http_status = 403


class NotAsShown(InputError):
    what = "nothing was approved"
    why = "what would cross now is not what you were shown"
    do = "look at it again; your answer counts for what you have seen"
    http_status = 409


class TooManyAtOnce(InputError):
    what = "nothing was approved"
    why = "you approved {most} questions within a minute, and nobody can have read them"
    do = "wait a moment, and read what is asked; in a crisis, let another officer help"
    http_status = 429


def approve(question: Question, *, shown: str, ground: str, by: Person, now: dt.datetime) -> Crossing:
    """Say yes to one question, and release the delta.

    Args:    shown: the digest that `before_and_after` gave.   ground: a code of `APPROVE_GROUNDS`.
    Returns: the crossing with the answer; what it let go is in `releases`. Where the proof of our log is stale it
             waits, and `release` sends it later.
    Raises:  NotAllowed, OwnSubmission, UnknownCode, NotAsked, NotAsShown, TooManyAtOnce; Moved.
    """
    people.require(by, "approve", now)
    known(ground, APPROVE_GROUNDS, "ground to approve")
    may_answer(question, by)

    def think() -> list[Decided]:
        asked = open_question(question, now)
        granted = decide_question(asked, now, yes=True)
        # INVARIANT: what crosses by a yes is what was shown with it, or nothing does (attack A76).
        if shown_digest(asked, granted) != shown:
            raise NotAsShown()
        return [granted]

    def answer() -> None:
        _not_too_many(by, now)
        settle(question, yes=True, ground=ground, by=by, now=now, shown=shown)

    (kept,) = decide_and_keep(think, by=by, now=now, also=answer)
    return kept.crossing


def may_answer(question: Question, by: Person) -> None:
    """INVARIANT: the approver is never the submitter (promise 4). Raises: OwnSubmission."""
    if question.submission.submitter_id == by.pk:
        raise OwnSubmission()


def settle(question: Question, *, yes: bool, ground: str, by: Person, now: dt.datetime, shown: str) -> None:
    """Write an answer, once. In the caller's transaction. Raises: NotAsked."""
    state = Question.APPROVED if yes else Question.REJECTED
    open_now = Question.objects.filter(pk=question.pk, state=Question.ASKED, expires__gt=now)
    if open_now.update(state=state) != 1:  # one statement: of two answers at the same time one counts (attack A48)
        raise NotAsked()
    Approval.objects.create(question=question, yes=yes, ground=ground, by=by, at=now, shown=shown)
    facts: dict[str, Json] = {
        "submission": str(question.submission_id),
        "question": str(question.pk),
        "yes": yes,
        "ground": ground,
    }
    if shown:
        facts["shown"] = shown
    event = APPROVED if yes else "border:question:rejected"
    journal.record(event, str(question.pk), kind="approval", facts=facts, now=now, actor=by)


def _not_too_many(by: Person, now: dt.datetime) -> None:
    """INVARIANT: one person's answers are counted one by one, whatever else is locked (attack A77)."""
    Person.objects.select_for_update().get(pk=by.pk)
    near = {"at__gt": now - A_MINUTE, "at__lt": now + A_MINUTE}  # of two at once the later may be written first
    recent = Approval.objects.filter(by=by, yes=True, **near).count()
    if recent >= MOST_A_MINUTE:
        raise TooManyAtOnce(most=MOST_A_MINUTE)

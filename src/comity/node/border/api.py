"""The border for programs: the same verbs as its pages have, each by the person's own token and no other name."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_list_or_404, get_object_or_404
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import ConfigDict, Field

from comity.canon import InputError
from comity.material import LIMITS
from comity.messages import Withdrawal as Why
from comity.node import clock
from comity.node.border import actions
from comity.node.border.models import Crossing, Question, Release, Submission
from comity.node.border.models import Withdrawal as WithdrawalRow
from comity.node.border.outcomes import stayed
from comity.node.people.access import verb
from comity.node.people.models import Person

router = Router(tags=["border"])
MOST = 200  # rows of a list: the newest ones
_FILE = {
    "requestBody": {
        "required": True,
        "description": "A STIX 2.1 bundle, a MISP event, CSV, or a list with one indicator a line; may be gzipped.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class TooLarge(InputError):
    what = "the file was not read"
    why = "it has more than {most} bytes"
    do = "send it in parts"
    http_status = 413


class Strict(Schema):
    """A body: its fields and no others, of exactly their types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LossOut(Schema):
    """Something that was in the file and is not in the objects any more, or is no valid STIX."""

    place: str
    what: str
    why: str


class QuestionOut(Schema):
    """What waits for an officer. Ids and codes only; `GET /questions/{id}` shows the material, and is in the ledger."""

    id: UUID
    submission: UUID
    partner: str
    agreement: str
    purpose: str
    object_id: str
    path: str  # JSON Pointer of a doubtful place; "": the whole object
    reasons: list[str]
    state: str
    ground: str  # of the answer; "": there is none yet
    asked_at: dt.datetime
    expires: dt.datetime
    own: bool  # about a submission of yours: another has to answer


class CrossingOut(Schema):
    """What came of a submission under one flow."""

    id: UUID
    partner: str
    agreement: str
    decided_at: dt.datetime
    counts: dict[str, int]
    waits: str  # a code: why nothing can be released yet; "": it was
    stayed: dict[str, int]  # why objects stayed home -> how many
    releases: list[UUID]


class SubmissionOut(Schema):
    id: UUID
    name: str
    format: str
    submitter: str
    submitted_at: dt.datetime
    purpose: str
    objects: int
    deleted_at: dt.datetime | None


class SubmissionWhole(SubmissionOut):
    losses: list[LossOut]
    invalid: list[LossOut]
    crossings: list[CrossingOut]
    questions: list[QuestionOut]


class SubmitIn(Strict):
    to: list[str] = Field(min_length=1, description="Ids of partners.")
    purpose: str
    collected_by: str | None = None


class ToldOut(Schema):
    partner: str
    agreement: str
    told: int
    unchanged: int
    stripped_spans: int
    waiting: int
    stayed: dict[str, int]
    waits: str


class TellOut(Schema):
    submission: UUID
    partners: list[ToldOut]


class MarkOut(Schema):
    path: str
    category: str
    role: str
    confidence: float
    treatment: str
    asked: bool
    waits: bool
    why: str
    clauses: list[str]
    law: list[str]


class ShownOut(Schema):
    """What an officer is shown. `shown` goes back with the approval, which counts for exactly this."""

    question: QuestionOut
    before: dict[str, Any]
    marks: list[MarkOut]
    now_leaves: dict[str, Any] | None
    would_leave: dict[str, Any] | None
    also: list[str]
    reasons: list[str]
    clauses: list[str]
    law: list[str]
    shown: str


class ApproveIn(Strict):
    shown: str
    ground: str = Field(description="One of: " + ", ".join(actions.APPROVE_GROUNDS))


class RejectIn(Strict):
    ground: str = Field(description="One of: " + ", ".join(actions.REFUSE_GROUNDS))


class StripIn(Strict):
    partner: str
    object_id: str
    path: str = Field(description='JSON Pointer, as /description; "" keeps the whole object home.')


class ReleaseOut(Schema):
    id: UUID
    partner: str
    agreement: str
    purpose: str
    bill: str
    root: str
    made_at: dt.datetime
    published_at: dt.datetime | None
    complete_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    standing: int  # objects that partners can still read
    deleted_there: int  # objects whose deletion the partner has proved


class WithdrawIn(Strict):
    why: Why = Field(strict=False)  # a code as text
    objects: list[str] | None = Field(None, description="Ids under which they left; all of the release when absent.")


class WithdrawalOut(Schema):
    id: str
    why: str
    at: dt.datetime
    delete_by: dt.datetime
    answered_at: dt.datetime | None


# -- proposing


@router.post("/submissions", response={201: SubmissionWhole}, auth=verb("import"), openapi_extra=_FILE)
def import_file(request: HttpRequest) -> Status[SubmissionWhole]:
    """Read a file that you propose to share, and keep it sealed. Nothing crosses by it."""
    person = _person(request)
    return Status(201, _whole(actions.import_file(_file(request), by=person, now=clock.now()), person))


@router.get("/submissions", response=list[SubmissionOut], auth=verb("queue"))
def submissions(request: HttpRequest) -> list[SubmissionOut]:
    """The newest submissions."""
    del request
    return [_submission(one) for one in Submission.objects.select_related("submitter").order_by("-received_at")[:MOST]]


@router.get("/submissions/{uuid:submission_id}", response=SubmissionWhole, auth=verb("queue"))
def submission(request: HttpRequest, submission_id: UUID) -> SubmissionWhole:
    """One submission: what was lost on the way in, what came of it for each partner, and what was answered."""
    return _whole(_found(submission_id), _person(request))


@router.post("/submissions/{uuid:submission_id}/submit", response=SubmissionWhole, auth=verb("submit"))
def submit(request: HttpRequest, submission_id: UUID, body: SubmitIn) -> SubmissionWhole:
    """Propose it for partners. What is a plain permit goes at once; doubt is stripped, and asked about."""
    person, found = _person(request), _found(submission_id)
    actions.submit(found, to=body.to, purpose=body.purpose, collected_by=body.collected_by, by=person, now=clock.now())
    return _whole(found, person)


@router.post("/tell", response=TellOut, auth=verb("tell"), openapi_extra=_FILE)
def tell(request: HttpRequest, purpose: str, reason: str, collected_by: str | None = None) -> TellOut:
    """Import a file, and send everything certain of it to every partner that it may go to."""
    found, told = actions.tell(
        _file(request),
        by=_person(request),
        purpose=purpose,
        reason=reason,
        collected_by=collected_by,
        now=clock.now(),
    )
    return TellOut(submission=found.pk, partners=[ToldOut.model_validate(one, from_attributes=True) for one in told])


# -- answering


@router.get("/questions", response=list[QuestionOut], auth=verb("queue"))
def queue(request: HttpRequest, submission: UUID | None = None, partner: str | None = None) -> list[QuestionOut]:
    """What waits for an officer, the most urgent first."""
    about = None if submission is None else _found(submission)
    person = _person(request)
    found = actions.queue(person, now=clock.now(), submission=about, partner=partner)
    return [_question(waiting.question, person) for waiting in found]


@router.get("/answers", response=list[QuestionOut], auth=verb("queue"))
def answers(request: HttpRequest) -> list[QuestionOut]:
    """What was answered about your own submissions lately, and on what ground."""
    person = _person(request)
    return [_question(question, person) for question in actions.answers(person, now=clock.now())]


@router.get("/questions/{uuid:question_id}", response=ShownOut, auth=verb("read-material"))
def show(request: HttpRequest, question_id: UUID, reason: str = "approval") -> ShownOut:
    """Before and after: the object as it came, as it leaves, and as it would leave with a yes. In the ledger."""
    person = _person(request)
    seen = actions.before_and_after(_asked(question_id), by=person, now=clock.now(), reason=reason)
    return ShownOut(
        question=_question(seen.question, person),
        before=dict(seen.before),
        marks=[MarkOut.model_validate(mark, from_attributes=True) for mark in seen.marks],
        now_leaves=None if seen.now_leaves is None else dict(seen.now_leaves),
        would_leave=None if seen.would_leave is None else dict(seen.would_leave),
        also=list(seen.also),
        reasons=list(seen.reasons),
        clauses=list(seen.clauses),
        law=list(seen.law),
        shown=seen.shown,
    )


@router.post("/questions/{uuid:question_id}/approve", response=CrossingOut, auth=verb("approve"))
def approve(request: HttpRequest, question_id: UUID, body: ApproveIn) -> CrossingOut:
    """Say yes to what you were shown. What it lets go follows at once. Not for your own submissions."""
    person = _person(request)
    crossing = actions.approve(_asked(question_id), shown=body.shown, ground=body.ground, by=person, now=clock.now())
    return _crossing(crossing)


@router.post("/questions/{uuid:question_id}/reject", response=QuestionOut, auth=verb("reject"))
def reject(request: HttpRequest, question_id: UUID, body: RejectIn) -> QuestionOut:
    """Say no, with its ground, which the submitter is told."""
    person = _person(request)
    return _question(actions.reject(_asked(question_id), ground=body.ground, by=person, now=clock.now()), person)


@router.post("/submissions/{uuid:submission_id}/strip", response=list[CrossingOut], auth=verb("strip"))
def strip(request: HttpRequest, submission_id: UUID, body: StripIn) -> list[CrossingOut]:
    """Take out more than the rules do, for one partner, under each agreement. What had left with it is retracted."""
    found = _found(submission_id)
    rows = found.crossings.filter(latest=True, flow__partner=body.partner).select_related("flow")
    crossings = actions.strip(
        found,
        flows=[one.flow for one in get_list_or_404(rows.order_by("flow__agreement"))],
        object_id=body.object_id,
        paths=[body.path],
        by=_person(request),
        now=clock.now(),
    )
    return [_crossing(one) for one in crossings]


# -- sending, and taking back


@router.post("/submissions/{uuid:submission_id}/release", response=list[CrossingOut], auth=verb("release"))
def release(request: HttpRequest, submission_id: UUID) -> list[CrossingOut]:
    """Cross it again as things stand today, and send each partner what it does not have yet."""
    found = actions.release(_found(submission_id), by=_person(request), now=clock.now())
    return [_crossing(one) for one in found]


@router.get("/releases", response=list[ReleaseOut], auth=verb("queue"))
def releases(request: HttpRequest, partner: str | None = None) -> list[ReleaseOut]:
    """The newest releases."""
    del request
    rows = Release.objects.select_related("flow").order_by("-made_at", "-entry_id")
    return [_release(one) for one in (rows if partner is None else rows.filter(flow__partner=partner))[:MOST]]


@router.post("/releases/{uuid:release_id}/withdraw", response=list[WithdrawalOut], auth=verb("withdraw"))
def withdraw(request: HttpRequest, release_id: UUID, body: WithdrawIn) -> list[WithdrawalRow]:
    """Take a release back, or some of its objects: off the shelf at once, and the partner is told to delete it."""
    found = get_object_or_404(Release, pk=release_id)
    return actions.withdraw(found, objects=body.objects, why=body.why, by=_person(request), now=clock.now())


# -- what is said of each


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 -- `verb` let nobody else in
    return request.user


def _file(request: HttpRequest) -> bytes:
    """The body. Raises: TooLarge."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LIMITS.max_bytes:
        raise TooLarge(most=LIMITS.max_bytes)
    return request.body


def _found(submission_id: UUID) -> Submission:
    return get_object_or_404(Submission.objects.select_related("submitter", "source"), pk=submission_id)


def _asked(question_id: UUID) -> Question:
    return get_object_or_404(Question.objects.select_related("submission", "flow"), pk=question_id)


def _submission(found: Submission) -> SubmissionOut:
    return SubmissionOut(**_facts(found))


def _facts(found: Submission) -> dict[str, Any]:
    return {
        "id": found.pk,
        "name": found.name,
        "format": found.format,
        "submitter": found.submitter.username,
        "submitted_at": found.submitted_at,
        "purpose": found.purpose,
        "objects": found.objects_count,
        "deleted_at": found.deleted_at,
    }


def _whole(found: Submission, person: Person) -> SubmissionWhole:
    crossings = found.crossings.filter(latest=True).select_related("flow", "record").order_by("flow__partner")
    questions = found.questions.select_related("flow", "submission", "answer").order_by("asked_at", "object_id", "path")
    return SubmissionWhole(
        **_facts(found),
        losses=[LossOut(place=place, what=what, why=why) for place, what, why in found.losses],
        invalid=[LossOut(place=place, what="invalid object", why=why) for place, why in found.invalid],
        crossings=[_crossing(one) for one in crossings],
        questions=[_question(one, person) for one in questions],
    )


def _question(question: Question, person: Person) -> QuestionOut:
    answer = getattr(question, "answer", None)
    ground = answer.ground if answer is not None else ""
    return QuestionOut(
        id=question.pk,
        submission=question.submission_id,
        partner=question.flow.partner_id,
        agreement=question.flow.agreement,
        purpose=question.submission.purpose,
        object_id=question.object_id,
        path=question.path,
        reasons=question.reasons,
        state=question.state,
        ground="unanswered" if question.state == Question.EXPIRED else ground,
        asked_at=question.asked_at,
        expires=question.expires,
        own=question.submission.submitter_id == person.pk,
    )


def _crossing(crossing: Crossing) -> CrossingOut:
    return CrossingOut(
        id=crossing.pk,
        partner=crossing.flow.partner_id,
        agreement=crossing.flow.agreement,
        decided_at=crossing.decided_at,
        counts=crossing.counts,
        waits=crossing.waits,
        stayed=stayed(crossing),
        releases=[one.pk for one in crossing.releases.order_by("entry_id")],
    )


def _release(found: Release) -> ReleaseOut:
    objects = found.items.filter(holding__isnull=False)
    return ReleaseOut(
        id=found.pk,
        partner=found.flow.partner_id,
        agreement=found.flow.agreement,
        purpose=found.purpose,
        bill=found.bill_id,
        root=found.root,
        made_at=found.made_at,
        published_at=found.published_at,
        complete_at=found.complete_at,
        withdrawn_at=found.withdrawn_at,
        standing=objects.filter(withdrawn_at=None, holding__deleted_at=None).count(),
        deleted_there=objects.exclude(deleted_there_at=None).count(),
    )

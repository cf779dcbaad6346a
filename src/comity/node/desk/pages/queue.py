"""The queue: what waits for an officer, and what became of one's own submissions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from comity.node import clock
from comity.node.border import actions as border
from comity.node.border.models import Question, Submission
from comity.node.desk import records, wording
from comity.node.desk.comparing import visible
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties.models import Flow

A_PAGE = 50  # questions
MOST_TOLD = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A question as the queue shows it."""

    question: Question
    asks: str
    short: str  # the beginning of the object's id: two of a type can be told apart
    path: str
    why: list[str]
    clauses: list[str]
    own: bool
    late: bool  # a third of its time is over, and nobody has answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions about one submission, on its way to one partner."""

    submission: Submission
    flow: Flow
    own: bool
    lines: list[Line]


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Sign-in leads here. Whoever has no verb for it is taken home."""
    assert isinstance(request.user, Person)  # noqa: S101 -- a whole session's
    now, person = clock.now(), request.user
    if not people.may(person, "queue", now):
        return HttpResponseRedirect(reverse("home"))
    waiting = border.queue(person, now=now)
    page = Paginator(waiting, A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "groups": list(_groups(list(page))),
        "page": page,
        "answered": list(_answered(person, now)),
        "may_answer": people.may(person, "approve", now) or people.may(person, "reject", now),
    }
    return render(request, "desk/queue.html", shown)


def _groups(waiting: list[border.Waiting]) -> Iterator[Group]:
    """In the order of what expires first."""
    clauses = records.asking(one.question for one in waiting)
    found: dict[tuple[UUID, UUID], Group] = {}
    for one in waiting:
        question = one.question
        group = Group(submission=question.submission, flow=question.flow, own=one.own, lines=[])
        group = found.setdefault((question.submission_id, question.flow_id), group)
        group.lines.append(
            Line(
                question=question,
                asks=wording.asked(question),
                short=question.object_id.partition("--")[2][:8],
                path=visible(question.path),
                why=wording.reasons(question),
                clauses=clauses.get(question.pk, []),
                own=one.own,
                late=question.escalated_at is not None,
            )
        )
    yield from found.values()


def _answered(person: Person, now: dt.datetime) -> Iterator[dict[str, object]]:
    """What became of questions about this person's submissions."""
    for question in border.answers(person, now=now)[:MOST_TOLD]:
        yield {"question": question, "asks": wording.asked(question), "outcome": wording.outcome(question)}

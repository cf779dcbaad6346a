"""Answers: a reason to look, a yes, a no, or to strip more. Each asks for the second factor again, but for the first.

A yes, a no or a strip sent twice is done once, and the second is told what the first did (attack A48).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from comity.canon import InputError
from comity.node import clock
from comity.node.border import actions as border
from comity.node.border.models import Question
from comity.node.desk import looking
from comity.node.desk.pages.refusing import told
from comity.node.people.access import again, staff
from comity.node.people.models import Person

Answer = Callable[[HttpRequest, Question], HttpResponse]
MOST_PLACES = 20  # that are stripped by one answer


class NothingChosen(InputError):
    what = "nothing was stripped"
    why = "no place was marked"
    do = "go back, and mark the places that shall not go"


class TooManyPlaces(InputError):
    what = "nothing was stripped"
    why = "{count} places were marked, and {most} are stripped at a time"
    do = "mark the object as a whole, or strip in several steps"


@require_POST
@staff("read-material")
@told
def look(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Why this person looks at the submission: a code, kept for the session and told to the ledger with each look."""
    asked = _found(question_id)
    code = request.POST.get("reason", "")
    if code not in border.ACCESS_REASONS:
        messages.error(request, "Choose a reason first.")
    else:
        looking.give_reason(request, asked.submission_id, code)
    return _to(asked)


def _answering(verb: str) -> Callable[[Answer], Callable[..., HttpResponse]]:
    """A POST by somebody who may do `verb` and gave the second factor again; a refusal is told on a page.

    Whoever has to give it first comes back to the question with the same ground chosen, and answers once more.
    """

    def decorate(answer: Answer) -> Callable[..., HttpResponse]:
        @require_http_methods(["GET", "HEAD", "POST"])
        @staff(verb)
        @told
        @wraps(answer)
        def page(request: HttpRequest, question_id: UUID) -> HttpResponse:
            asked = _found(question_id)
            if request.method != "POST":
                return _to(asked)
            looking.put_by(request, asked.pk, verb, request.POST.get("ground", ""))
            return sure(request, asked)

        @again
        def sure(request: HttpRequest, asked: Question) -> HttpResponse:
            looking.taken_up(request, asked.pk)
            return answer(request, asked)

        return page

    return decorate


@_answering("approve")
def approve(request: HttpRequest, asked: Question) -> HttpResponse:
    """Yes to exactly what was shown."""
    person, now = _person(request), clock.now()
    shown, ground = request.POST.get("shown", ""), request.POST.get("ground", "")
    try:
        crossing = border.approve(asked, shown=shown, ground=ground, by=person, now=now)
    except border.NotAsked:
        return _once_more(request, asked, yes=True)
    if crossing.waits:
        messages.info(request, "Approved. It waits until the node may release again.")
    else:
        messages.success(request, "Approved. It goes to the partner as you were shown it.")
    return _to(asked)


@_answering("reject")
def reject(request: HttpRequest, asked: Question) -> HttpResponse:
    """No, and the submitter is told the ground."""
    try:
        border.reject(asked, ground=request.POST.get("ground", ""), by=_person(request), now=clock.now())
    except border.NotAsked:
        return _once_more(request, asked, yes=False)
    messages.success(request, "Rejected. It stays here, and whoever submitted it is told why.")
    return _to(asked)


@_answering("strip")
def strip(request: HttpRequest, asked: Question) -> HttpResponse:
    """Take marked places out for this partner; the question is asked anew about what remains."""
    places = list(dict.fromkeys(request.POST.getlist("place")))
    whole = "" in places
    if not places:
        raise NothingChosen()
    if len(places) > MOST_PLACES:
        raise TooManyPlaces(count=len(places), most=MOST_PLACES)
    border.strip(
        asked.submission,
        flows=[asked.flow],
        object_id=asked.object_id,
        paths=[""] if whole else places,
        by=_person(request),
        now=clock.now(),
    )
    messages.success(request, "The whole object stays here." if whole else "What you marked stays here.")
    anew = Question.objects.filter(
        submission=asked.submission_id, flow=asked.flow_id, object_id=asked.object_id, state=Question.ASKED
    )
    found = anew.filter(path=asked.path).first() or anew.first()
    return HttpResponseRedirect(reverse("queue")) if found is None else _to(found)


def _once_more(request: HttpRequest, asked: Question, *, yes: bool) -> HttpResponse:
    """The same answer by the same person, sent twice, was taken once. Raises: NotAsked for anything else."""
    answer = getattr(_found(asked.pk), "answer", None)
    if answer is None or answer.by_id != _person(request).pk or answer.yes is not yes:
        raise border.NotAsked()
    messages.info(request, "Your answer was taken already; nothing was done twice.")
    return _to(asked)


def _found(question_id: UUID) -> Question:
    rows = Question.objects.select_related("submission", "flow__partner", "flow__text", "answer")
    return get_object_or_404(rows, pk=question_id)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 -- `staff` let nobody else in
    return request.user


def _to(asked: Question) -> HttpResponse:
    return HttpResponseRedirect(reverse("question", kwargs={"question_id": asked.pk}))

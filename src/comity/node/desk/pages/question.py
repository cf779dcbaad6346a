"""A question, with what an officer needs to answer it: the object before and after, and everything found in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from comity.agreement import Grounds
from comity.node import clock
from comity.node.border import actions as border
from comity.node.border.models import Question
from comity.node.desk import looking, records, wording
from comity.node.desk.comparing import compare, visible
from comity.node.desk.pages.refusing import told
from comity.node.people import actions as people
from comity.node.people.access import staff
from comity.node.people.models import Person
from comity.node.treaties import actions as treaties

MOST_ALSO = 20  # ids of other objects that are listed; the rest is counted
ANSWERS = ("approve", "reject", "strip")


@require_safe
@staff("read-material")
@told
def question(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Asks why you look, once for each submission; then shows. What is answered already, it only tells of."""
    rows = Question.objects.select_related("submission__submitter", "flow__partner", "flow__text__baseline", "answer")
    asked = get_object_or_404(rows, pk=question_id)
    now, person = clock.now(), request.user
    assert isinstance(person, Person)  # noqa: S101 -- `staff` let nobody else in
    if asked.state != Question.ASKED or asked.expires <= now:
        return render(request, "desk/answered.html", {"question": asked, **_answered(asked, _next(person, now))})
    reason = looking.reason(request, asked.submission_id)
    if reason is None:
        grounds = {"question": asked, "asks": wording.asked(asked), "reasons": border.ACCESS_REASONS}
        return render(request, "desk/look.html", grounds)
    seen = border.before_and_after(asked, by=person, now=now, reason=reason)
    return render(request, "desk/question.html", shown(request, asked, seen))


def _next(person: Person, now: dt.datetime) -> Question | None:
    """What this person may answer next."""
    if not people.may(person, "queue", now) or not people.may(person, "approve", now):
        return None
    return next((one.question for one in border.queue(person, now=now) if not one.own), None)


def shown(request: HttpRequest, asked: Question, seen: border.BeforeAndAfter) -> dict[str, Any]:
    """All that stands on the page."""
    now, person = clock.now(), request.user
    assert isinstance(person, Person)  # noqa: S101
    usual = records.usual_grounds(asked.flow, asked.submission.purpose, on=now.date())
    rows = compare(seen.before, seen.now_leaves, seen.would_leave)
    answer, ground = looking.taken_up(request, asked.pk)
    return {
        "question": asked,
        "asks": wording.asked(asked),
        "type": asked.object_id.partition("--")[0].replace("-", " "),
        "own": asked.submission.submitter_id == person.pk,
        "may": {verb for verb in ANSWERS if people.may(person, verb, now)},
        "why": wording.why(asked, seen.reasons),
        **_rests_on(asked, seen, usual),
        **_gets(seen),
        "rows": [row for row in rows if not row.paper],
        "paper": [row for row in rows if row.paper],
        **_found(asked, seen, usual),
        "shown": seen.shown,
        "approve_grounds": border.APPROVE_GROUNDS,
        "refuse_grounds": {code: text for code, text in border.REFUSE_GROUNDS.items() if code != "unanswered"},
        "chosen": answer,
        "chosen_ground": ground,
    }


def _rests_on(asked: Question, seen: border.BeforeAndAfter, usual: Grounds) -> dict[str, Any]:
    """The clauses and the law that make it a question, and those that every decision of this flow rests on."""
    of_places = {clause for mark in seen.marks if not mark.asked for clause in mark.clauses}
    asking = [one for one in wording.beyond(seen.clauses, usual.clauses) if one not in of_places]
    pack = treaties.law()
    return {
        "clauses": wording.clauses([one for one in asking if ":retention" not in one], asked.flow),
        "law": wording.law(wording.beyond(seen.law, usual.law), pack),
        "usual_clauses": wording.clauses(usual.clauses, asked.flow),
        "usual_law": wording.law(usual.law, pack),
    }


def _gets(seen: border.BeforeAndAfter) -> dict[str, Any]:
    """What the partner would get, with yes and with no."""
    types = Counter(one.partition("--")[0].replace("-", " ") for one in seen.also)
    return {
        "goes_already": seen.now_leaves is not None,
        "would_go": seen.would_leave is not None,
        "also": sorted(types.items()),
        "also_ids": seen.also[:MOST_ALSO],
        "also_more": max(0, len(seen.also) - MOST_ALSO),
    }


def _found(asked: Question, seen: border.BeforeAndAfter, usual: Grounds) -> dict[str, Any]:
    """Every detection: what is asked about first, then what waits, then the rest; and what their citations say.

    What differs in nothing but how sure it is stands in one line.
    """
    lines: dict[tuple[object, ...], dict[str, Any]] = {}
    for mark in sorted(seen.marks, key=lambda mark: (not mark.asked, not mark.waits)):
        clauses, law = wording.beyond(mark.clauses, usual.clauses), wording.beyond(mark.law, usual.law)
        same = (mark.path, mark.category, mark.role, mark.treatment, mark.asked, mark.waits, *clauses, *law)
        line = lines.setdefault(same, {"mark": mark, "path": visible(mark.path), "sure": [], "why": [], "times": 0})
        line |= {"what": mark.category.replace("-", " "), "clauses": clauses, "law": law, "times": line["times"] + 1}
        line["sure"].append(f"{mark.confidence:.0%}")
        line["why"] = list(dict.fromkeys((*line["why"], mark.why)))
    cited = dict.fromkeys(one for line in lines.values() for one in line["clauses"])
    laws = dict.fromkeys(one for line in lines.values() for one in line["law"])
    return {
        "marks": list(lines.values()),
        "mark_clauses": wording.clauses(cited, asked.flow),
        "mark_law": wording.law(laws, treaties.law()),
    }


def _answered(asked: Question, following: Question | None) -> dict[str, Any]:
    answer = getattr(asked, "answer", None)
    return {"asks": wording.asked(asked), "outcome": wording.outcome(asked), "answer": answer, "next": following}

"""Home: what this person can do here, and how the node is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comity.node import clock
from comity.node.border import actions as border
from comity.node.journal import actions as journal
from comity.node.journal.models import Alarm
from comity.node.people import actions as people
from comity.node.people.models import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the node is, for staff."""

    witnessed_at: dt.datetime | None  # up to when partners vouch for the log; None: never yet
    fresh: bool
    may_sign: bool
    alarms: list[Alarm]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Whoever is signed in sees it; what is on it follows their roles."""
    assert isinstance(request.user, Person)  # noqa: S101 -- a whole session's
    now, person = clock.now(), request.user
    verbs = people.verbs(person, now)
    waiting = border.queue(person, now=now) if "queue" in verbs else []
    shown = {
        "verbs": sorted(verbs),
        "roles": [one.role.title for one in person.assignments.filter(starts__lte=now, ends__gt=now)],
        "may_queue": "queue" in verbs,
        "waiting": sum(not one.own for one in waiting),
        "own": sum(one.own for one in waiting),
        "next": waiting[0].question.expires if waiting else None,
        "state": _state(now) if "status" in verbs else None,
    }
    return render(request, "desk/home.html", shown)


def _state(now: dt.datetime) -> State:
    return State(
        witnessed_at=journal.proof_time(now),
        fresh=journal.is_fresh(now),
        may_sign=journal.may_sign(),
        alarms=list(Alarm.objects.filter(cleared_at=None).order_by("raised_at", "pk")),
    )

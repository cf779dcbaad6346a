"""suspend: nothing is read under a flow from this moment on, until a person resumes it; and whether it is in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from comity.canon import InputError, Json, printable
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties.models import Flow

SUSPENDED, RESUMED = "treaties:flow:suspended", "treaties:flow:resumed"
REPLACED = "replaced-by-annex"

# What agreements name in `suspend-if` and `review.when`, and what a person can decide besides.
SUSPENSIONS: Mapping[str, str] = {
    "adequacy-withdrawn": "what made transfers of personal data lawful was withdrawn",
    "compelled-access": "an authority had a party hand over what came under the agreement",
    "complaint-upheld": "a complaint about it was upheld",
    "law-changed": "the law that it rests on has changed",
    "new-threat": "the threats are others than those it was assessed for",
    "no-feedback": "the partner gives no feedback",
    "personal-data-breach": "personal data was breached at a party",
    "proof-stale": "no checkpoint was witnessed in time",
    "proof-failed": "a proof of the partner's does not verify",
    "review-overdue": "its review is overdue",
    "officer-decided": "an officer stopped it, for reasons kept elsewhere",
}


class UnknownSuspension(InputError):
    what = "{code} is no reason to suspend"
    why = "the reasons are {known}"
    do = "name one of them"


class Replaced(InputError):
    what = "the flow from {origin} to {destination} under {agreement} is not resumed"
    why = "an annex between the two has taken its place, and what is stricter in the annex would be got round"
    do = "exchange under the annex"


def in_term(flow: Flow, on: dt.date) -> bool:
    """Whether the day lies between the first and the last one of the agreement, both included."""
    return flow.starts <= on <= flow.ends


def in_force(flow: Flow, on: dt.date) -> bool:
    """Whether anything may cross on that day: it is in its term, and not suspended."""
    return in_term(flow, on) and flow.suspended_at is None


def suspend(flow: Flow, why: str, *, now: dt.datetime, by: Person | None) -> Flow:
    """Stop it; whoever was about to release under it finds it stopped. Again with another reason: that one stands.

    Args:   why: a code of `SUSPENSIONS`. by: None where the node itself stops it.
    Raises: UnknownSuspension, NotAllowed.
    """
    if why not in SUSPENSIONS:
        raise UnknownSuspension(code=printable(why), known=", ".join(SUSPENSIONS))
    if by is not None:
        people.require(by, "suspend", now)
    with transaction.atomic():
        locked = Flow.objects.select_for_update().get(pk=flow.pk)
        if locked.suspended_why not in (why, REPLACED):
            locked.suspended_at, locked.suspended_why = locked.suspended_at or now, why
            locked.save(update_fields=["suspended_at", "suspended_why"])
            _record(SUSPENDED, locked, {"why": why}, now, by)
    return _told(flow, locked)


def resume(flow: Flow, *, now: dt.datetime, by: Person) -> Flow:
    """Let it run again. Raises: NotAllowed, Replaced."""
    people.require(by, "suspend", now)
    with transaction.atomic():
        locked = Flow.objects.select_for_update().get(pk=flow.pk)
        if locked.suspended_why == REPLACED:
            raise Replaced(origin=locked.origin, destination=locked.destination, agreement=locked.agreement)
        if locked.suspended_at is not None:
            before = locked.suspended_why
            locked.suspended_at, locked.suspended_why = None, ""
            locked.save(update_fields=["suspended_at", "suspended_why"])
            _record(RESUMED, locked, {"why": before}, now, by)
    return _told(flow, locked)


def _told(flow: Flow, locked: Flow) -> Flow:
    """The caller's own row says what is so now."""
    flow.suspended_at, flow.suspended_why = locked.suspended_at, locked.suspended_why
    return flow


def _record(event: str, flow: Flow, facts: dict[str, Json], now: dt.datetime, by: Person | None) -> None:
    said: dict[str, Json] = {"agreement": flow.agreement, "from": flow.origin, "to": flow.destination, **facts}
    journal.record(event, str(flow.pk), kind="suspension", facts=said, now=now, actor=by)

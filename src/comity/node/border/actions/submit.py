"""submit: propose a file for partners. What is a plain permit goes at once; doubt is stripped, and asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from comity.canon import InputError, printable
from comity.node.border.deciding import Decided, decide
from comity.node.border.keeping import Kept, decide_and_keep
from comity.node.border.models import Crossing, Submission
from comity.node.border.sources import Source, read_source
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow


class NoFlow(InputError):
    what = "nothing can be sent to {partner}"
    why = "no agreement in force today has a flow from here to there"
    do = "name a partner of an agreement in force, or have one agreed"
    http_status = 404


class NotYours(InputError):
    what = "this submission is somebody else's"
    why = "who imported a file is who submits it, so that whoever approves it is another"
    do = "import the file yourself, or ask who imported it"
    http_status = 403


class OtherPurpose(InputError):
    what = "this submission is for another purpose"
    why = "it was submitted for {theirs}, and questions about it were asked for that"
    do = "import the file again for the other purpose"
    http_status = 409


def submit(
    submission: Submission,
    *,
    to: Iterable[Flow | str],
    purpose: str,
    collected_by: str | None = None,
    by: Person,
    now: dt.datetime,
) -> list[Crossing]:
    """Cross under each flow, keep what came of it, ask what a rule cannot decide, and release what is plain.

    All of them, or none: where one cannot be decided nothing goes to any, and the error names its agreement; `tell`
    goes partner by partner. Where the proof of our log is stale nothing is released: `Crossing.waits` says so, and
    `release` does it later.

    Args:    to: flows, or ids of partners: then the annex with it where there is one, else the baseline.
             purpose: a word of the agreements.   collected_by: how it was collected, where a clause asks.
             now: business time.
    Returns: a crossing for each flow, in the order given.
    Raises:  NotAllowed, NotYours, NoFlow, OtherPurpose, SourceGone, UnknownTerm; CheckFailed, TextChanged; Moved.
    """
    people.require(by, "submit", now)
    if submission.submitter_id != by.pk:
        raise NotYours()
    flows = list(dict.fromkeys(flow_to(one, now) for one in to))
    return [kept.crossing for kept in cross_to(submission, flows, purpose, collected_by, by=by, now=now)]


def cross_to(
    submission: Submission,
    flows: Sequence[Flow],
    purpose: str,
    collected_by: str | None,
    *,
    by: Person,
    now: dt.datetime,
    source: Source | None = None,
) -> list[Kept]:
    """The same, once it is known that this person may. `source`: where it has been read already."""
    if submission.purpose not in ("", purpose):
        raise OtherPurpose(theirs=submission.purpose)
    treaties.law().term(purpose, "purpose")
    read = source or read_source(submission)

    def think() -> list[Decided]:
        return [
            decide(submission, flow, purpose=purpose, collected_by=collected_by, now=now, source=read) for flow in flows
        ]

    def note() -> None:
        submission.purpose, submission.collected_by, submission.submitted_at = purpose, collected_by or "", now
        submission.save(update_fields=["purpose", "collected_by", "submitted_at"])

    return decide_and_keep(think, by=by, now=now, also=note)


def flow_to(named: Flow | str, now: dt.datetime) -> Flow:
    """The flow itself; or of a partner's, in force today, the one of an annex before that of its baseline.

    Raises: NoFlow.
    """
    if isinstance(named, Flow):
        if not named.outward:
            raise NoFlow(partner=printable(named.partner_id))
        return named
    flows = [flow for flow in flows_out(now) if flow.partner_id == named]
    if not flows:
        raise NoFlow(partner=printable(named))
    return flows[0]


def flows_out(now: dt.datetime) -> list[Flow]:
    """Outward flows in force today and not suspended; annexes first, then in the order of partners."""
    rows = Flow.objects.filter(outward=True, suspended_at=None).select_related("text", "partner")
    found = [flow for flow in rows if treaties.in_force(flow, on=now.date())]
    return sorted(found, key=lambda flow: (flow.text.baseline_id is None, flow.partner_id, flow.agreement))

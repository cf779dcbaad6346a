"""release: cross a submission again, as things stand today, and send the partners what they do not have yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from comity.canon import InputError
from comity.node.border.deciding import Decided, decide
from comity.node.border.keeping import Kept, decide_and_keep
from comity.node.border.models import Crossing, Submission
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties.models import Flow


class NotSubmitted(InputError):
    what = "nothing of this submission can be released"
    why = "it was not submitted for any partner yet"
    do = "submit it first, naming partners and a purpose"
    http_status = 409


def release(what: Submission | Crossing, *, by: Person, now: dt.datetime) -> list[Crossing]:
    """Send the delta: what is not on the shelf in the same substance, with today's plan and today's approvals.

    What stands unchanged keeps its version and retention. What left more of itself before than it may now, or may not
    go any more, is taken off and retracted.

    Returns: a crossing for each flow; each names its releases, or in `waits` why there are none yet.
    Raises:  NotAllowed, NotSubmitted, SourceGone; Moved.
    """
    people.require(by, "release", now)
    submission = what if isinstance(what, Submission) else what.submission
    latest = submission.crossings.filter(latest=True).select_related("flow").order_by("pk")
    flows = [row.flow for row in latest] if isinstance(what, Submission) else [what.flow]
    if not flows:
        raise NotSubmitted()
    return [kept.crossing for kept in cross_again(submission, flows, by=by, now=now)]


def cross_again(submission: Submission, flows: Sequence[Flow], *, by: Person | None, now: dt.datetime) -> list[Kept]:
    """The same, once it is known that this person may."""

    def think() -> list[Decided]:
        return [
            decide(submission, flow, purpose=submission.purpose, collected_by=submission.collected_by or None, now=now)
            for flow in flows
        ]

    return decide_and_keep(think, by=by, now=now)

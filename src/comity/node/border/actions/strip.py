"""strip: an officer takes out more than the rules do: places of an object, or all of it, for one partner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from comity.canon import InputError, Json, printable
from comity.node.border.deciding import Decided, decide
from comity.node.border.facts import Supposing
from comity.node.border.keeping import decide_and_keep
from comity.node.border.models import Crossing, Strip, Submission
from comity.node.border.sources import WHOLE, check_strip, read_source
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties.models import Flow

STRIPPED = "border:object:stripped"


class NoSuchObject(InputError):
    what = "there is nothing to strip"
    why = "the submission has no object {object_id}"
    do = "copy the object's id as the queue shows it"
    http_status = 404


def strip(
    submission: Submission,
    *,
    flows: Sequence[Flow],
    object_id: str,
    paths: Collection[str],
    by: Person,
    now: dt.datetime,
) -> list[Crossing]:
    """Take places out, and cross again: what had left with them is retracted, what remains follows.

    All of them on each of the flows, or none. Questions about the object are asked anew, since a yes counts for what
    was shown. Who submitted it may strip it too: that never lets more go.

    Args:    flows: on which it does not go any more: each on which it crosses to a partner, to keep it from that one.
             paths: JSON Pointers into the object as submitted; "" keeps the whole object home.
    Returns: a crossing for each flow, in the order given.
    Raises:  NotAllowed, NoSuchObject, CannotStrip, SourceGone, before anything is taken out; Moved.
    """
    people.require(by, "strip", now)
    source = read_source(submission)
    found = [obj for obj in source if obj.id == object_id]
    if not found:
        raise NoSuchObject(object_id=printable(object_id))
    for obj in found:
        for path in paths:
            check_strip(obj, path)
    supposing = Supposing(stripped=frozenset((object_id, path) for path in paths))

    def think() -> list[Decided]:
        return [
            decide(
                submission,
                flow,
                purpose=submission.purpose,
                collected_by=submission.collected_by or None,
                now=now,
                supposing=supposing,
                source=source,
            )
            for flow in flows
        ]

    def note() -> None:
        for flow in flows:
            for path in paths:
                _note(Strip(submission=submission, flow=flow, object_id=object_id, path=path, by=by, at=now))

    return [kept.crossing for kept in decide_and_keep(think, by=by, now=now, also=note)]


def _note(row: Strip) -> None:
    row.save(force_insert=True)
    facts: dict[str, Json] = {
        "submission": str(row.submission_id),
        "agreement": row.flow.agreement,
        "to": row.flow.destination,
        "whole": row.path == WHOLE,
    }
    journal.record(STRIPPED, str(row.pk), kind="approval", facts=facts, now=row.at, actor=row.by)

"""strip: an officer takes out more than the rules do: a place of an object, or all of it, for one partner."""

from __future__ import annotations

import datetime as dt

from comity.canon import InputError, Json, printable
from comity.node.border.deciding import Decided, decide
from comity.node.border.facts import Supposing
from comity.node.border.keeping import decide_and_keep
from comity.node.border.models import Crossing, Strip, Submission
from comity.node.border.sources import check_strip, read_source
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


def strip(submission: Submission, *, flow: Flow, object_id: str, path: str, by: Person, now: dt.datetime) -> Crossing:
    """Take a place out, and cross again: what had left with it is retracted, what remains follows.

    Questions about the object are asked anew, since a yes counts for what was shown. Who submitted it may strip it too:
    that never lets more go.

    Args:    path: JSON Pointer into the object as submitted; "" keeps the whole object home.
    Raises:  NotAllowed, NoSuchObject, CannotStrip, SourceGone; Moved.
    """
    people.require(by, "strip", now)
    found = [obj for obj in read_source(submission) if obj.id == object_id]
    if not found:
        raise NoSuchObject(object_id=printable(object_id))
    for obj in found:
        check_strip(obj, path)
    row = Strip(submission=submission, flow=flow, object_id=object_id, path=path, by=by, at=now)

    def think() -> list[Decided]:
        return [
            decide(
                submission,
                flow,
                purpose=submission.purpose,
                collected_by=submission.collected_by or None,
                now=now,
                supposing=Supposing(stripped=frozenset(((object_id, path),))),
            )
        ]

    def note() -> None:
        row.save(force_insert=True)
        facts: dict[str, Json] = {
            "submission": str(submission.pk),
            "agreement": flow.agreement,
            "to": flow.destination,
            "whole": path == "",
        }
        journal.record(STRIPPED, str(row.pk), kind="approval", facts=facts, now=now, actor=by)

    (kept,) = decide_and_keep(think, by=by, now=now, also=note)
    return kept.crossing

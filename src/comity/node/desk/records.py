"""What the sealed record of a crossing says of a question: the clauses that ask. No value is in a record."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from comity.agreement import Grounds
from comity.canon import ComityError, loads
from comity.node.border.models import Question
from comity.node.desk.wording import beyond
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow
from comity.node.vault import actions as vault


def asking(questions: Iterable[Question]) -> dict[UUID, list[str]]:
    """For each question the clauses that make it one: those of every decision of its flow are left out."""
    found: dict[UUID, list[str]] = {}
    of_crossing: defaultdict[UUID, list[Question]] = defaultdict(list)
    for question in questions:
        if question.crossing is not None and question.crossing.record is not None:
            of_crossing[question.crossing.pk].append(question)
    boxes = {some[0].crossing.pk: some[0].crossing.record for some in of_crossing.values() if some[0].crossing}
    opened = vault.opened_many(box for box in boxes.values() if box is not None)
    for crossing, some in of_crossing.items():
        box = boxes[crossing]
        if box is None or box.pk not in opened:  # its key is gone, and with it what was asked about
            continue
        said = dict(_said(opened[box.pk], {question.object_id for question in some}))
        usual = usual_grounds(some[0].flow, some[0].submission.purpose, on=some[0].asked_at.date())
        for question in some:
            clauses = beyond(said.get(question.referral, ()), usual.clauses)
            found[question.pk] = [one for one in clauses if ":retention" not in one]
    return found


def usual_grounds(flow: Flow, purpose: str, *, on: dt.date) -> Grounds:
    """What every decision of the flow rests on, so that it is said once. Nothing, where it no longer compiles."""
    try:
        plan = treaties.plan_for(flow, on=on)
    except ComityError:
        return Grounds()
    return plan.purposes.get(purpose, Grounds()).join(plan.personal_grounds)


def _said(record: bytes, ids: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Referral, and the clauses of what asks it."""
    wanted = [f'"{one}"'.encode() for one in ids]
    for line in record.splitlines():
        if not any(one in line for one in wanted):
            continue
        decision: Mapping[str, Any] = loads(line)
        if decision["id"] not in ids:
            continue
        of_places = {clause for one in decision["detections"] for clause in one["clauses"]}
        if decision.get("referral"):
            yield decision["referral"], tuple(beyond(decision["clauses"], of_places))
        for one in decision["detections"]:
            if one.get("referral"):
                yield one["referral"], tuple(one["clauses"])

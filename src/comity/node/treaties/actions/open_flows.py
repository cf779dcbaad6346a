"""Opening the flows of a text between us and each other party, in both directions.

INVARIANT (promise 2): no pair has a choice between an annex and its baseline, since what is stricter in the annex could
then be got round. Where an annex between the two is in force, the flows of its baseline stand still.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from comity.agreement import Agreement, Plan
from comity.node.config import current
from comity.node.treaties.actions.suspend import REPLACED
from comity.node.treaties.models import Flow, Text

Plans = Mapping[tuple[str, str], Plan]  # by origin and destination


def open_flows(text: Text, agreement: Agreement, baseline: Agreement | None, plans: Plans, now: dt.datetime) -> None:
    """Move each flow to the text, or open it. A suspension stays: what stopped a flow is not mended by new words.

    Where the text is a new baseline, flows of annexes over an older one end by its last day; see `_end_annexes`.
    """
    us = current().party
    there = {(flow.origin, flow.destination): flow for flow in Flow.objects.filter(agreement=text.agreement)}
    for (origin, destination), plan in plans.items():
        flow = there.pop((origin, destination), None) or Flow(
            agreement=text.agreement, origin=origin, destination=destination
        )
        flow.text = text
        flow.partner_id = destination if origin == us else origin
        flow.outward = origin == us
        flow.starts = max(one.text.term.from_ for one in (agreement, baseline) if one is not None)
        flow.ends = _last_day(plan)
        flow.witnessed_within = plan.witnessed_within.at_least if plan.witnessed_within is not None else None
        if _annexed(text, flow.partner_id):
            flow.suspended_at, flow.suspended_why = flow.suspended_at or now, REPLACED
        flow.save()
    yesterday = now.date() - dt.timedelta(days=1)
    for left in there.values():  # who is no party any more: it ended yesterday
        left.ends = min(left.ends, yesterday)
        left.save(update_fields=["ends"])
    _end_annexes(text, plans, yesterday)
    if text.baseline is not None:
        partners = {flow.partner_id for flow in text.flows.all()}
        below = Flow.objects.filter(agreement=text.baseline.agreement, partner__in=partners)
        below.filter(suspended_at=None).update(suspended_at=now)
        below.update(suspended_why=REPLACED)


def _end_annexes(text: Text, plans: Plans, yesterday: dt.date) -> None:
    """An annex stands on the baseline whose digest it names, until it is renewed itself.

    INVARIANT: it does not outlast the baseline that its parties have put in that one's place, and none of its flows
    goes on with who is no party to that. Nothing is lengthened.
    """
    for flow in Flow.objects.filter(text__baseline__agreement=text.agreement):
        plan = plans.get((flow.origin, flow.destination))
        flow.ends = min(flow.ends, yesterday if plan is None else _last_day(plan))
        flow.save(update_fields=["ends"])


def _last_day(plan: Plan) -> dt.date:
    assert plan.sunset is not None  # noqa: S101 -- the check refuses a text that never ends (C501)
    return plan.sunset


def _annexed(text: Text, partner: str) -> bool:
    annexes = Flow.objects.filter(text__baseline__agreement=text.agreement, partner=partner)
    return annexes.exclude(agreement=text.agreement).exists()

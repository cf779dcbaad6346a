"""What a new law pack does to an agreement: clauses that rest on what changed, flows, findings, reviews to open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import permutations

from comity.agreement.agreement import Agreement
from comity.agreement.check import check
from comity.agreement.checks import Finding
from comity.agreement.compiling.plan_for import plan_for
from comity.agreement.grammar.period import ReviewEvent
from comity.agreement.plan import Grounds, Plan
from comity.agreement.setting import Setting
from comity.canon import InputError
from comity.law import Change, Kind, Law


class Standing(StrEnum):
    """How far a flow is open on a day."""

    OPEN = "open"
    NO_PERSONAL_DATA = "no-personal-data"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowImpact:
    """One direction. `why`: of how it stands under the new pack, where it is not open."""

    origin: str
    destination: str
    before: Standing
    after: Standing
    why: str
    touched: bool  # whether anything that its plan rests on has changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Of one agreement. Nothing in it: the changes do not touch it."""

    agreement: str
    clauses: tuple[str, ...]  # that rest on a fact which changed
    facts: tuple[str, ...]  # those facts
    flows: tuple[FlowImpact, ...]
    now: tuple[Finding, ...]  # what the check finds under the new pack and did not under the old
    no_more: tuple[Finding, ...]
    reviews: tuple[ReviewEvent, ...]  # triggers of its own review clause that are met

    @property
    def touched(self) -> bool:
        return bool(self.clauses or self.now or self.no_more or any(flow.touched for flow in self.flows))


def impact(
    agreement: Agreement,
    old: Law,
    new: Law,
    changed: Collection[Change],
    on: dt.date,
    baseline: Agreement | None = None,
) -> Impact:
    """Args: changed: `comity.law.changes(old, new)`. Raises nothing: what no longer holds is in the answer."""
    before = check(agreement, old, on, baseline)
    after = check(agreement, new, on, baseline)
    ids = _reaching(changed, agreement)
    flows, rests = [], Grounds()
    for origin, destination in permutations((party.id for party in agreement.text.parties), 2):
        plans = [_compiled(agreement, law, (origin, destination), on, baseline) for law in (old, new)]
        resting = [found for plan in plans if isinstance(plan, Plan) for found in _resting(plan, ids)]
        for one in resting:
            rests = rests.join(one)
        was, now = map(_standing, plans)
        flows.append(
            FlowImpact(
                origin=origin,
                destination=destination,
                before=was[0],
                after=now[0],
                why=now[1],
                touched=bool(resting) or was[0] is not now[0],
            )
        )
    said, were = {_key(one) for one in after}, {_key(one) for one in before}
    facts = tuple(sorted(ids.intersection(rests.law)))
    found = Impact(
        agreement=agreement.id,
        clauses=tuple(sorted(rests.clauses)),
        facts=facts,
        flows=tuple(flows),
        now=tuple(one for one in after if _key(one) not in were),
        no_more=tuple(one for one in before if _key(one) not in said),
        reviews=(),
    )
    if not found.touched:
        return found
    setting = Setting(agreement=agreement, baseline=baseline, law=new, on=on)
    return replace(found, reviews=_reviews(setting, withdrawn=_withdrawn(changed, agreement, old)))


def _reaching(changed: Iterable[Change], agreement: Agreement) -> frozenset[str]:
    """Facts that changed in a jurisdiction of its parties, as that jurisdiction cites them."""
    homes = {party.jurisdiction for party in agreement.text.parties}
    near = [change for change in changed if homes.intersection(change.reaches)]
    return frozenset(name for one in near for name in (one.fact, f"{one.fact}.{one.value}"))


def _compiled(
    agreement: Agreement, law: Law, flow: tuple[str, str], on: dt.date, baseline: Agreement | None
) -> Plan | InputError:
    try:
        return plan_for(agreement, law, flow, on, baseline)
    except InputError as error:
        return error


def _standing(plan: Plan | InputError) -> tuple[Standing, str]:
    if isinstance(plan, InputError):
        return Standing.CLOSED, plan.sentence
    if plan.standing:
        return Standing.CLOSED, plan.standing[0].detail
    if plan.personal_data:
        return Standing.NO_PERSONAL_DATA, plan.personal_data[0].detail
    return Standing.OPEN, ""


def _resting(plan: Plan, ids: frozenset[str]) -> Iterator[Grounds]:
    """Every ground of the plan that names one of these facts."""
    every = [
        plan.personal_grounds,
        plan.term_grounds,
        *plan.purposes.values(),
        *plan.sections.values(),
        *(share.grounds for layer in plan.grants for share in layer),
        *(answer.grounds for answer in plan.answers.values()),
        *(grounds for _, grounds in plan.marked_never),
        *(grounds for _, grounds in plan.restrictions),
        *(refusal.grounds for refusal in (*plan.standing, *plan.personal_data)),
        *(Grounds(clauses=(one.clause,), law=one.law) for one in plan.obligations),
    ]
    return (grounds for grounds in dict.fromkeys(every) if ids.intersection(grounds.law))


def _key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.code, finding.clause, finding.place, finding.text


def _withdrawn(changed: Iterable[Change], agreement: Agreement, old: Law) -> bool:
    """Whether a decision on adequacy between two of its parties' jurisdictions is there no more, or not in force."""
    homes = {party.jurisdiction for party in agreement.text.parties}
    ended = {
        change.fact
        for change in changed
        if homes.intersection(change.reaches)
        and (change.kind is Kind.GONE or (change.value == "status" and change.before == "in_force"))
    }
    return any(row.id in ended and homes.intersection(old.expand(row.recognises)) for row in old.recognitions)


def _reviews(setting: Setting, *, withdrawn: bool) -> tuple[ReviewEvent, ...]:
    met = {"law-changed", "adequacy-withdrawn"} if withdrawn else {"law-changed"}
    named = [event for text in setting.texts if text.text.review for event in text.text.review.when or ()]
    return tuple(event for event in dict.fromkeys(named) if event in met)

"""Chapter five: three refusals, each with its reason, its clause, its law, and what would change the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from comity.canon import Tlp, midnight
from comity.crossing import Decision, cross, observe
from comity.demo.chapter import Chapter, Check
from comity.demo.packaged import INCIDENT
from comity.demo.release import decision_on
from comity.demo.stage import COLLECTED_BY, DAY, PURPOSE, Stage, release_referrals
from comity.material import StixObject, effective_marking, tlp_definition

PARTNER = "cert-br"
OTHER_PURPOSE = "fraud"  # a word of the vocabulary that the agreement does not name
AFTER_SUNSET = dt.date(2028, 6, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """A refusal, and the same crossing with the one thing changed that would change the answer."""

    asked: str
    decision: Decision
    if_instead: str
    then: Decision


def denied(stage: Stage) -> Chapter:
    refusals = [_marked_red(stage), _other_purpose(stage), _after_sunset(stage)]
    table = Table("asked", "answer", "clauses and law", "what would change it", title="Three times no")
    for one in refusals:
        cited = [*one.decision.clauses, *(f"{f}: {stage.law.fact(f).citation}" for f in one.decision.law)]
        table.add_row(
            Text(one.asked),
            Text(f"{one.decision.outcome}: {'; '.join(one.decision.explanations)}"),
            Text("\n".join(cited)),
            Text(f"{one.if_instead}: {one.then.outcome}"),
        )
        table.add_section()
    return Chapter(
        title="What is refused, and why",
        intro="Nothing crosses without a clause that permits it. The last column was tried, not guessed.",
        body=(table,),
        checks=tuple(_checks(refusals)),
        facts={
            "refusals": [
                {
                    "asked": one.asked,
                    "outcome": one.decision.outcome,
                    "reasons": list(one.decision.reasons),
                    "clauses": list(one.decision.clauses),
                    "law": list(one.decision.law),
                    "if_instead": one.if_instead,
                    "then": one.then.outcome,
                }
                for one in refusals
            ]
        },
    )


def _marked_red(stage: Stage) -> _Refusal:
    red = next(
        obj for obj in stage.material(INCIDENT).bundle if effective_marking(obj.content, {}) is Tlp.RED
    )
    amber = {**red.content, "object_marking_refs": [tlp_definition(Tlp.AMBER)["id"]]}
    lowered = StixObject(id=red.id, type=red.type, content=amber, place=red.place)
    return _Refusal(
        asked=f"a {red.type} marked TLP:RED",
        decision=decision_on(stage.approved(INCIDENT, PARTNER), red.id),
        if_instead="marked TLP:AMBER by its author",
        then=_decide(stage, lowered, PURPOSE, DAY),
    )


def _other_purpose(stage: Stage) -> _Refusal:
    indicator = _indicator(stage)
    return _Refusal(
        asked=f"an indicator for the purpose {OTHER_PURPOSE}",
        decision=_decide(stage, indicator, OTHER_PURPOSE, DAY),
        if_instead=f"for {PURPOSE}",
        then=_decide(stage, indicator, PURPOSE, DAY),
    )


def _after_sunset(stage: Stage) -> _Refusal:
    indicator = _indicator(stage)
    return _Refusal(
        asked=f"an indicator on {AFTER_SUNSET}",
        decision=_decide(stage, indicator, PURPOSE, AFTER_SUNSET),
        if_instead=f"on {DAY}, before the sunset",
        then=_decide(stage, indicator, PURPOSE, DAY),
    )


def _indicator(stage: Stage) -> StixObject:
    return next(obj for obj in stage.material(INCIDENT).bundle if obj.type == "indicator")


def _decide(stage: Stage, obj: StixObject, purpose: str, on: dt.date) -> Decision:
    """The decision on one object by itself, in the circumstances of the whole incident."""
    keys = stage.crossing_keys(PARTNER)
    seen = observe(stage.material(INCIDENT).bundle, keys, purpose=purpose, collected_by=COLLECTED_BY)
    crossing = cross([obj], stage.plan(PARTNER, on), seen, keys, midnight(on))
    return decision_on(crossing, obj.id)


def _checks(refusals: list[_Refusal]) -> Iterator[Check]:
    for one in refusals:
        yield Check(
            shown=f"refused: {one.asked}",
            held=one.decision.outcome == "deny"
            and not one.decision.crossed
            and bool(one.decision.clauses)
            and one.then.outcome != "deny",
            evidence=f"{', '.join(one.decision.reasons)} ({', '.join(one.decision.clauses)}); {one.if_instead}: {one.then.outcome}",
        )

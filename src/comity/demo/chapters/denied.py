"""Chapter five: four refusals, each with its reason, its clause, its law, and what would change the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from comity.agreement import Grounds
from comity.canon import Tlp, midnight
from comity.crossing import Decision, Reason, cross, observe
from comity.demo.chapter import Chapter, Check
from comity.demo.chapters.address import victims_address
from comity.demo.packaged import INCIDENT
from comity.demo.particular import particular
from comity.demo.release import decision_on
from comity.demo.stage import COLLECTED_BY, DAY, PURPOSE, Stage, release_referrals
from comity.material import StixObject, effective_marking, tlp_definition
from comity.privacy import detect

PARTNER = "cert-br"
OTHER_PURPOSE = "fraud"  # a word of the vocabulary that the agreement does not name
AFTER_SUNSET = dt.date(2028, 6, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """A refusal, and the same crossing with the one thing changed that would change the answer."""

    asked: str
    decision: Decision
    grounds: Grounds  # what it rests on
    if_instead: str
    then: Decision


def denied(stage: Stage) -> Chapter:
    refusals = [_marked_red(stage), _victims_address(stage), _other_purpose(stage), _after_sunset(stage)]
    table = Table("", "asked", "answered", "what would change it", title="Four times no", expand=True)
    for number, one in enumerate(refusals, start=1):
        reasons = "; ".join(dict.fromkeys(Reason(reason).text for reason in one.decision.reasons))
        cited = [*one.grounds.clauses, *(f"{stage.law.fact(fact).citation} ({fact})" for fact in one.grounds.law)]
        table.add_row(
            str(number),
            Text(one.asked),
            Text(f"{one.decision.outcome}: {reasons}\n\nby {', '.join(cited)}", overflow="fold"),
            Text(f"{one.if_instead}: {one.then.outcome}", overflow="fold"),
        )
        table.add_section()
    table.columns[1].ratio, table.columns[2].ratio, table.columns[3].ratio = 3, 5, 4
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
                    "clauses": list(one.grounds.clauses),
                    "law": list(one.grounds.law),
                    "if_instead": one.if_instead,
                    "then": one.then.outcome,
                }
                for one in refusals
            ]
        },
    )


def _marked_red(stage: Stage) -> _Refusal:
    bundle = list(stage.material(INCIDENT).bundle)
    red = next(obj for obj in bundle if effective_marking(obj.content, {}) is Tlp.RED)
    amber = {**red.content, "object_marking_refs": [tlp_definition(Tlp.AMBER)["id"]]}
    lowered = StixObject(id=red.id, type=red.type, content=amber, place=red.place)
    return _refusal(
        f"a {red.type} marked TLP:RED",
        decision_on(stage.approved(INCIDENT, PARTNER), red.id),
        "marked TLP:AMBER by its author",
        _decide(stage, [lowered if one is red else one for one in bundle], red.id, PURPOSE, DAY),
    )


def _victims_address(stage: Stage) -> _Refusal:
    """Here the law itself says no: in Japan it tells that somebody is the victim of a crime."""
    object_id, _ = victims_address(stage)
    crossing = stage.approved(INCIDENT, "cert-jp")
    decision = decision_on(crossing, object_id)
    obj = next(one for one in stage.material(INCIDENT).bundle if one.id == object_id)
    (detection,) = detect(obj, crossing.circumstances.neighbourhood)
    return _Refusal(
        asked="a victim's address to Japan",
        decision=decision,
        grounds=particular(crossing.plan, PURPOSE, detection, *decision.detections),
        if_instead="to Brazil, reduced to a network",
        then=decision_on(stage.approved(INCIDENT, "cert-br"), object_id),
    )


def _other_purpose(stage: Stage) -> _Refusal:
    one = _indicator(stage)
    return _refusal(
        f"an indicator for the purpose {OTHER_PURPOSE}",
        _decide(stage, [one], one.id, OTHER_PURPOSE, DAY),
        f"for {PURPOSE}",
        _decide(stage, [one], one.id, PURPOSE, DAY),
    )


def _after_sunset(stage: Stage) -> _Refusal:
    one = _indicator(stage)
    return _refusal(
        f"an indicator on {AFTER_SUNSET}",
        _decide(stage, [one], one.id, PURPOSE, AFTER_SUNSET),
        f"on {DAY}, before the sunset",
        _decide(stage, [one], one.id, PURPOSE, DAY),
    )


def _refusal(asked: str, decision: Decision, if_instead: str, then: Decision) -> _Refusal:
    grounds = Grounds(clauses=decision.clauses, law=decision.law)
    return _Refusal(asked=asked, decision=decision, grounds=grounds, if_instead=if_instead, then=then)


def _indicator(stage: Stage) -> StixObject:
    return next(obj for obj in stage.material(INCIDENT).bundle if obj.type == "indicator")


def _decide(stage: Stage, objects: list[StixObject], object_id: str, purpose: str, on: dt.date) -> Decision:
    """The decision on one object of a part of the incident, with what waited approved."""
    keys = stage.crossing_keys(PARTNER)
    seen = observe(
        objects,
        keys,
        purpose=purpose,
        collected_by=COLLECTED_BY,
        approved=frozenset(release_referrals(stage.crossing(INCIDENT, PARTNER))),
    )
    return decision_on(cross(objects, stage.plan(PARTNER, on), seen, keys, midnight(on)), object_id)


def _checks(refusals: list[_Refusal]) -> Iterator[Check]:
    for one in refusals:
        cited = ", ".join((*one.grounds.clauses, *one.grounds.law))
        refused = one.decision.outcome == "deny" and not one.decision.crossed
        yield Check(
            shown=f"refused: {one.asked}",
            held=refused and bool(one.grounds.clauses) and one.then.crossed,
            evidence=f"{', '.join(one.decision.reasons)} by {cited}; {one.if_instead}: {one.then.outcome}",
        )

"""A candidate: one object with everything that the steps of the assessment may ask about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from comity.agreement import Plan
from comity.canon import Tlp
from comity.crossing.circumstances import Circumstances
from comity.crossing.keys import Keys
from comity.material import StixObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    obj: StixObject
    plan: Plan
    circumstances: Circumstances
    keys: Keys
    now: dt.datetime
    marking: Tlp  # of the object as a whole; what an unmarked object counts as, when it bears none
    value_markings: Mapping[str, Tlp]  # JSON Pointer -> the stricter marking of a part of it
    classes: frozenset[str]  # material classes and the type itself; empty for structural objects
    structural: bool  # relationships, definitions, translations: they go where what they tie goes

    @property
    def purpose(self) -> str:
        return self.circumstances.purpose


def flow_of(plan: Plan, purpose: str) -> tuple[str, ...]:
    """What a question to an officer is about beside the object: under which text, from whom to whom, what for.

    INVARIANT: an approval of one disclosure is never an approval of another (promise 4).
    """
    baseline = plan.baseline.digest if plan.baseline else ""
    return (plan.agreement.digest, baseline, plan.origin.id, plan.destination.id, purpose)

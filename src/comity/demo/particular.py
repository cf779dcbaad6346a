"""Which of a decision's clauses and law are its own, beside what all personal data of the flow rests on."""

from __future__ import annotations

from comity.agreement import Grounds, Plan
from comity.canon import Category, Role
from comity.crossing import DetectionDecision
from comity.privacy import Detection


def particular(plan: Plan, purpose: str, detection: Detection, decision: DetectionDecision) -> Grounds:
    """What the plan's answer rests on, and whatever else is cited that is not common to the flow.

    The authority of the parties and the transfer instrument stand under every piece of personal data that crosses;
    told each time they would drown what made this answer.
    """
    inside = bool(detection.countries) and detection.countries <= plan.destination.constituency
    own = plan.answer(Category(decision.category), Role(decision.role), purpose, inside).grounds
    common = plan.personal_grounds
    return Grounds(
        clauses=tuple(c for c in decision.clauses if c in own.clauses or c not in common.clauses),
        law=tuple(fact for fact in decision.law if fact in own.law or fact not in common.law),
    )

"""Markings that never cross: those an agreement excludes, and those nobody here can read."""

from __future__ import annotations

from comity.canon import Tlp
from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason


def marking(candidate: Candidate) -> Finding:
    """INVARIANT: a marking that is not known ranks above RED (attack A17)."""
    if candidate.marking is Tlp.UNKNOWN:
        return denied(Reason.UNKNOWN_MARKING, grounds=candidate.plan.section("markings"))
    finding = CLEAR
    for level, grounds in candidate.plan.marked_never:
        if candidate.marking >= level:
            finding = finding.join(
                denied(Reason.MARKED_NEVER, f"it counts as {candidate.marking.label}", grounds=grounds)
            )
    return finding

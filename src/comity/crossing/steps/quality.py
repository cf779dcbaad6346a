"""Is it as sure of itself as the agreement asks? Confidence is the STIX property, 0 to 100 (STIX 2.1 section 3.2)."""

from __future__ import annotations

from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason


def quality(candidate: Candidate) -> Finding:
    """An object that states no confidence is not refused for it: STIX lets producers be silent."""
    stated = candidate.obj.content.get("confidence")
    least = candidate.plan.confidence_at_least
    if not isinstance(stated, int) or stated >= least:
        return CLEAR
    grounds = candidate.plan.section("quality")
    return denied(Reason.LOW_CONFIDENCE, f"it states {stated}, the agreement asks for {least}", grounds=grounds)

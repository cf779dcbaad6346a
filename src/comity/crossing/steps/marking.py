"""Markings that never cross: those an agreement excludes, and those nobody here can read."""

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Tlp
from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason
from comity.material import is_identifier, object_marking


def marking(candidate: Candidate) -> Finding:
    """INVARIANT: a marking that is not known ranks above RED (attack A17)."""
    if candidate.marking is Tlp.UNKNOWN:
        return denied(Reason.UNKNOWN_MARKING, *_unreadable(candidate), grounds=candidate.plan.section("markings"))
    finding = CLEAR
    for level, grounds in candidate.plan.marked_never:
        if candidate.marking >= level:
            finding = finding.join(
                denied(Reason.MARKED_NEVER, f"it counts as {candidate.marking.label}", grounds=grounds)
            )
    return finding


def _unreadable(candidate: Candidate) -> Iterator[str]:
    """Each marking that cannot be read, by its id."""
    content, definitions = candidate.obj.content, candidate.circumstances.definitions
    granular = content.get("granular_markings", ())
    marks = [*content.get("object_marking_refs", ()), *(mark.get("marking_ref") for mark in granular)]
    for mark in dict.fromkeys(marks):
        if is_identifier(mark) and object_marking({"object_marking_refs": [mark]}, definitions) is Tlp.UNKNOWN:
            yield f"no readable definition of {mark} is at hand"

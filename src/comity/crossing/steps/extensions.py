"""What neither STIX nor the agreement names does not cross: types are refused, properties are left out."""

from __future__ import annotations

from comity.canon import Outcome, printable
from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason
from comity.material import TLP_DEFINITIONS, kind, unknown_properties


def extensions(candidate: Candidate) -> Finding:
    """INVARIANT: an unknown property is judged, never passed by accident (promise 1)."""
    obj, allowed = candidate.obj, candidate.plan.extensions
    grounds = candidate.plan.section("extensions")
    if obj.id in TLP_DEFINITIONS:
        return CLEAR  # everybody's; it leaves as published, whatever the material says
    if kind(obj.type) == "custom" and not _listed(obj.type, allowed):
        return denied(Reason.UNKNOWN_TYPE, f"the agreement does not list {printable(obj.type)}", grounds=grounds)
    if obj.type == "extension-definition" and not _listed(obj.id, allowed):
        return denied(Reason.UNKNOWN_TYPE, f"the agreement does not list {obj.id}", grounds=grounds)
    left_out = frozenset(pointer for pointer in unknown_properties(obj.content) if not _listed(_name(pointer), allowed))
    if not left_out:
        return CLEAR
    return Finding(
        outcome=Outcome.PERMIT,
        reasons=(Reason.PROPERTY_UNKNOWN,),
        drop=left_out,
        grounds=grounds,
    )


def _name(pointer: str) -> str:
    """The property or extension id that a JSON Pointer ends in."""
    return pointer.rsplit("/", 1)[1].replace("~1", "/").replace("~0", "~")


def _listed(name: str, allowed: frozenset[str]) -> bool:
    return name in allowed or any(entry.endswith("*") and name.startswith(entry[:-1]) for entry in allowed)

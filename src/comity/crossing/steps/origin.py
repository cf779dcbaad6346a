"""The terms an object was received under travel with it: its originator's ceiling, purposes and consent to go on."""

from __future__ import annotations

from comity.canon import printable
from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason


def origin(candidate: Candidate) -> Finding:
    terms = candidate.circumstances.received.get(candidate.obj.id)
    if terms is None:
        return CLEAR
    who = printable(terms.originator)
    broken = []
    if candidate.plan.destination.id not in terms.onward_to:
        broken.append(f"{who} has not allowed it to go on to {candidate.plan.destination.id}")
    if candidate.marking > terms.ceiling:
        broken.append(f"{who} set {terms.ceiling.label} as its ceiling")
    if candidate.purpose not in terms.purposes:
        broken.append(f"{who} shared it for other purposes")
    return denied(Reason.ORIGINATOR_TERMS, *broken, grounds=candidate.plan.term_grounds) if broken else CLEAR

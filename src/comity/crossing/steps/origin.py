"""The terms an object was received under travel with it: its originator's ceiling, purposes and consent to go on."""

from __future__ import annotations

from comity.canon import Role, printable
from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason

_SOURCES = frozenset((Role.REPORTER, Role.ANALYST))


def origin(candidate: Candidate) -> Finding:
    return _concealed(candidate).join(_terms(candidate))


def _concealed(candidate: Candidate) -> Finding:
    """Who reported or analysed stays home where the agreement conceals sources; references to them go with them."""
    plan, obj = candidate.plan, candidate.obj
    if not plan.conceal_source or obj.type != "identity" or obj.content.get("identity_class") != "individual":
        return CLEAR
    if not candidate.circumstances.neighbourhood.roles_of(obj.id) & _SOURCES:
        return CLEAR
    return denied(Reason.SOURCE_CONCEALED, grounds=plan.section("origin"))


def _terms(candidate: Candidate) -> Finding:
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

"""Is it valid STIX 2.1? What does not validate is refused by name and never repaired."""

from __future__ import annotations

from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason
from comity.material import InvalidObject, validate


def form(candidate: Candidate) -> Finding:
    try:
        validate(candidate.obj)
    except InvalidObject as error:
        return denied(Reason.INVALID, f"{candidate.obj.place}: {error.fields['reasons']}")
    return CLEAR

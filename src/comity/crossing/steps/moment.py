"""Is its version from the past? One that lies ahead would freeze the object at the partner (attack A09)."""

from __future__ import annotations

import datetime as dt

from comity.canon import NaiveTime, parse_instant
from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason

TOLERANCE = dt.timedelta(minutes=5)  # clocks of two organisations differ


def moment(candidate: Candidate) -> Finding:
    version = candidate.obj.version
    if version is None:
        return CLEAR
    try:
        ahead = parse_instant(version) > candidate.now + TOLERANCE
    except NaiveTime:
        return denied(Reason.INVALID, "its version is not an instant")
    return denied(Reason.FROM_THE_FUTURE) if ahead else CLEAR

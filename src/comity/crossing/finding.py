"""A finding: what one step of the assessment says of an object. Findings are joined; no step edits in place."""

from __future__ import annotations

from dataclasses import dataclass

from comity.agreement import Grounds
from comity.canon import Outcome
from comity.crossing.reasons import Reason

_NO_GROUNDS = Grounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An outcome with its reasons and what it rests on; `drop` names properties to leave out (JSON Pointers)."""

    outcome: Outcome = Outcome.PERMIT
    reasons: tuple[Reason, ...] = ()
    grounds: Grounds = _NO_GROUNDS
    details: tuple[str, ...] = ()  # sentences without personal data
    drop: frozenset[str] = frozenset()

    def join(self, other: Finding) -> Finding:
        return Finding(
            outcome=self.outcome.join(other.outcome),
            reasons=tuple(dict.fromkeys((*self.reasons, *other.reasons))),
            grounds=self.grounds.join(other.grounds),
            details=(*self.details, *other.details),
            drop=self.drop | other.drop,
        )


def denied(reason: Reason, *details: str, grounds: Grounds = _NO_GROUNDS) -> Finding:
    return Finding(outcome=Outcome.DENY, reasons=(reason,), grounds=grounds, details=details)


def referred(reason: Reason, *details: str, grounds: Grounds = _NO_GROUNDS) -> Finding:
    return Finding(outcome=Outcome.REFER, reasons=(reason,), grounds=grounds, details=details)


CLEAR = Finding()

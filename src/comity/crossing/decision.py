"""A decision: permit, refer or deny, with treatments, reasons and citations; per object and per detection.

Also what the record keeps. INVARIANT: no member ever holds a detected value (promise 5).
"""

from __future__ import annotations

import msgspec

from comity.canon import Kind, Outcome, Remains, Treatment
from comity.crossing.reasons import Reason


class DetectionDecision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What becomes of one detection. `treatment` is the one applied; `ruled` the one the clauses ask for."""

    path: str
    category: str
    role: str
    confidence: float
    detector: str
    why: str
    treatment: str
    ruled: str
    outcome: str
    clauses: tuple[str, ...]
    law: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    referral: str | None = None
    expires: str | None = None
    attribution: str | None = None  # "forbidden": the recipient must not attribute the attack to this host


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one object: the line the record keeps for it."""

    id: str
    type: str
    version: str | None
    place: str
    outcome: str
    reasons: tuple[str, ...]
    explanations: tuple[str, ...]
    clauses: tuple[str, ...]
    law: tuple[str, ...]
    detections: tuple[DetectionDecision, ...] = ()
    marking: str | None = None
    dropped: tuple[str, ...] = ()  # JSON Pointers of properties left out
    references_removed: int = 0
    referral: str | None = None
    outgoing_id: str | None = None
    outgoing_version: str | None = None
    digest: str | None = None  # of the object as it crossed
    expires: str | None = None

    @property
    def crossed(self) -> bool:
        return self.outgoing_id is not None


def outcome_of(word: str) -> Outcome:
    return Outcome[word.upper()]


def explained(reasons: tuple[Reason, ...], details: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The sentences for people: one a reason, then what is particular to this object."""
    return (*(reason.text for reason in reasons), *details)


def treatment_word(treatment: Treatment) -> str:
    """`redact`, or `generalise(ipv4=24, ipv6=48)`."""
    if treatment.kind is not Kind.GENERALISE:
        return treatment.kind.value
    left = [f"{name}={value}" for name, value in _remains(treatment.remains) if value]
    return f"generalise({', '.join(left)})"


def _remains(remains: Remains) -> list[tuple[str, int]]:
    return [
        ("ipv4", remains.ipv4),
        ("ipv6", remains.ipv6),
        ("email", remains.email),
        ("host", remains.host),
        ("phone", remains.phone),
        ("date", remains.date),
        ("place", remains.place),
    ]

"""Which share clauses let an object go. Grants of one text are alternatives; grants of two texts must both hold."""

from __future__ import annotations

from dataclasses import dataclass

from comity.agreement import Grounds, Share
from comity.canon import Duration, Outcome, Tlp
from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied, referred
from comity.crossing.reasons import Reason

_NO_GROUNDS = Grounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """The matching clauses of all texts, read together: the stricter release, retention and need stand."""

    finding: Finding
    ceiling: Tlp = Tlp.CLEAR  # parts of the object that are marked above it are left out
    retention: Duration | None = None
    properties: frozenset[str] | None = None  # only these, besides what STIX requires; None: all
    redact_personal: bool = False


def sharing(candidate: Candidate, *, personal: bool) -> Sharing:
    """`personal`: whether personal data was found in the object.

    INVARIANT: grants intersect across texts and never add up (promise 2).
    """
    if candidate.structural:
        return _carried(candidate)
    matched: list[Share] = []
    finding = CLEAR
    for layer in candidate.plan.grants:
        shares, refusal = _layer(layer, candidate, personal=personal)
        matched.extend(shares)
        finding = finding.join(refusal)
    if not candidate.plan.grants:
        finding = finding.join(denied(Reason.NOT_SHARED, "the agreement has no share clause"))
    if finding.outcome is Outcome.DENY:
        return Sharing(finding=finding)
    return _together(matched, candidate, finding)


def _together(matched: list[Share], candidate: Candidate, finding: Finding) -> Sharing:
    if finding.outcome is Outcome.PERMIT:
        finding = finding.join(Finding(reasons=(Reason.PERMITTED,)))
    # INVARIANT: every permit names the clause and the law it rests on, personal data or not (promise 1).
    finding = finding.join(Finding(grounds=candidate.plan.purposes.get(candidate.purpose, _NO_GROUNDS)))
    properties: frozenset[str] | None = None
    for share in matched:
        finding = finding.join(Finding(grounds=share.grounds)).join(_consent(share, candidate))
        finding = finding.join(_collection(share, candidate))
        if share.approved:
            finding = finding.join(referred(Reason.RELEASE_APPROVED, grounds=share.grounds))
        if share.properties is not None:
            properties = share.properties if properties is None else properties & share.properties
    return Sharing(
        finding=finding,
        ceiling=min(share.ceiling for share in matched),
        retention=min(share.retention for share in matched),
        properties=properties,
        redact_personal=any(not s.personal_data and s.on_detect == "treat" for s in matched),
    )


def _layer(layer: tuple[Share, ...], candidate: Candidate, *, personal: bool) -> tuple[list[Share], Finding]:
    """The clauses of one text that match, or why none does: the refusal that came nearest to a permit."""
    shares = [s for s in layer if s.classes & candidate.classes and candidate.purpose in s.purposes]
    if not shares:
        words = ", ".join(sorted(candidate.classes))
        return [], denied(Reason.NOT_SHARED, f"its classes are {words}", grounds=candidate.plan.section("share"))
    open_enough = [s for s in shares if candidate.marking <= s.ceiling]
    if not open_enough:
        return [], denied(Reason.ABOVE_CEILING, f"it counts as {candidate.marking.label}", grounds=_grounds_of(shares))
    how = candidate.circumstances.collected_by
    collected = [s for s in open_enough if how is None or _collected(s, how)]
    if not collected:
        return [], denied(Reason.COLLECTED_OTHERWISE, grounds=_grounds_of(open_enough))
    if not personal:
        return collected, CLEAR
    with_personal = [s for s in collected if s.personal_data]
    if with_personal:
        return with_personal, CLEAR
    if all(s.on_detect == "treat" for s in collected):
        return collected, CLEAR
    return collected, referred(Reason.PERSONAL_DATA_NOT_SHARED, grounds=_grounds_of(collected))


def _grounds_of(shares: list[Share]) -> Grounds:
    grounds = Grounds()
    for share in shares:
        grounds = grounds.join(share.grounds)
    return grounds


def _collected(share: Share, how: str) -> bool:
    """Whether the clause takes what was collected in this way."""
    return how not in share.collected_never and (not share.collected_by or how in share.collected_by)


def _collection(share: Share, candidate: Candidate) -> Finding:
    """Where a clause asks how it was collected and nobody says, a person has to find out."""
    if candidate.circumstances.collected_by is not None or not (share.collected_by or share.collected_never):
        return CLEAR
    return referred(Reason.COLLECTION_UNKNOWN, grounds=share.grounds)


def _consent(share: Share, candidate: Candidate) -> Finding:
    if share.consent is None:
        return CLEAR
    if any(
        c.of == share.consent and c.covers(candidate.obj.id, candidate.now) for c in candidate.circumstances.consents
    ):
        return CLEAR
    return denied(Reason.NO_CONSENT, f"it asks for that of the {share.consent}", grounds=share.grounds)


def _carried(candidate: Candidate) -> Sharing:
    """Structural objects need no class of their own, but no marking above every ceiling of the purpose."""
    finding = Finding(reasons=(Reason.CARRIED,))
    retention: Duration | None = None
    ceiling = Tlp.RED
    for layer in candidate.plan.grants:
        shares = [s for s in layer if candidate.purpose in s.purposes and candidate.marking <= s.ceiling]
        if not shares:
            return Sharing(
                finding=denied(
                    Reason.ABOVE_CEILING, f"it counts as {candidate.marking.label}", grounds=candidate.plan.term_grounds
                )
            )
        ceiling = min(ceiling, max(share.ceiling for share in shares))
        longest = max(share.retention for share in shares)
        retention = longest if retention is None else min(retention, longest)
    if not candidate.plan.grants:
        return Sharing(finding=denied(Reason.NOT_SHARED, "the agreement has no share clause"))
    grounds = candidate.plan.purposes.get(candidate.purpose, _NO_GROUNDS)
    return Sharing(finding=finding.join(Finding(grounds=grounds)), ceiling=ceiling, retention=retention)

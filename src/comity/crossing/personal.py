"""What becomes of each detection: the clauses that match its category and roles, joined; doubt; lawful transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.agreement import Answer, Grounds, Plan
from comity.canon import KEEP, REDACT, Kind, Outcome, Role, Treatment, digest_of, format_instant
from comity.crossing.candidate import Candidate, flow_of
from comity.crossing.decision import DetectionDecision, treatment_word
from comity.crossing.finding import CLEAR, Finding, denied, referred
from comity.crossing.reasons import Reason
from comity.privacy import Detection

# Hosts and URLs that are nobody's home: an attacker's, an organisation's public one, or one nobody is known to own.
_IMPERSONAL = frozenset((Role.ATTACKER, Role.ORGANISATION, Role.UNKNOWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A detection with the treatment that is applied and the line that the record keeps."""

    detection: Detection
    treatment: Treatment
    awaiting: bool  # taken out until an officer has looked
    grounds: Grounds
    decision: DetectionDecision


def is_personal(detection: Detection) -> bool:
    """Whether it counts as personal data where a clause carries none. Network addresses always do (DESIGN 5)."""
    return not (detection.category.family == "host" and detection.role in _IMPERSONAL)


def judge(
    candidate: Candidate, detections: Sequence[Detection], *, redact_personal: bool
) -> tuple[list[Judged], Finding]:
    """Each detection's treatment, and what they together mean for the object."""
    judged: list[Judged] = []
    finding = CLEAR
    for detection in detections:
        one, consequence = _judge(candidate, detection, redact_personal=redact_personal)
        judged.append(one)
        finding = finding.join(consequence)
    return judged, finding


def _judge(candidate: Candidate, detection: Detection, *, redact_personal: bool) -> tuple[Judged, Finding]:
    plan = candidate.plan
    neighbourhood, tag = (
        candidate.circumstances.neighbourhood,
        candidate.circumstances.neighbourhood.tag_of(detection.value),
    )
    roles = neighbourhood.roles_of_value(tag) | {detection.role}
    contested = tag in neighbourhood.contested
    answer = _answer(plan, detection, roles, candidate.purpose)
    treatment, grounds, reasons = answer.treatment, answer.grounds, []
    finding = CLEAR
    if is_personal(detection):
        if plan.personal_data and not treatment.at_least(REDACT):
            treatment, grounds = REDACT, grounds.join(_refusal_grounds(plan))
            reasons.append(Reason.NO_TRANSFER_GROUND)
        elif redact_personal:
            treatment = treatment.join(REDACT)
            reasons.append(Reason.PERSONAL_DATA_NOT_SHARED)
        elif treatment.kind is not Kind.WITHHOLD:
            grounds = grounds.join(plan.personal_grounds)
    ruled, awaiting, referral = treatment, False, None
    if treatment.kind is not Kind.KEEP and (contested or detection.confidence < plan.refer_below):
        # A value that is kept anyway is not in doubt: being wrong would change nothing that crosses.
        referral = candidate.keys.referral(
            candidate.obj.id,
            digest_of(candidate.obj.content),
            detection.path,
            str(detection.start),
            detection.category,
            *flow_of(plan, candidate.purpose),
        )
        reasons.append(Reason.CONTESTED_ROLE if contested else Reason.DOUBT)
        if referral not in candidate.circumstances.approved:
            # INVARIANT: doubt never loosens what certainty would have withheld (promise 2).
            awaiting, treatment = True, treatment.join(REDACT)
            if plan.on_doubt == "withhold":
                finding = finding.join(referred(Reason.DOUBT, grounds=plan.term_grounds))
        else:
            # The question was whether this is personal data at all, or whose; the officer has answered no.
            reasons.append(Reason.APPROVED)
            treatment = KEEP
    if treatment.kind is Kind.WITHHOLD:
        finding = finding.join(denied(Reason.WITHHELD_BY_RULE if answer.ruled else Reason.NO_RULE, grounds=grounds))
        if not answer.ruled:
            reasons.append(Reason.NO_RULE)
    return (
        Judged(
            detection=detection,
            treatment=treatment,
            awaiting=awaiting,
            grounds=grounds,
            decision=_line(
                candidate=candidate,
                detection=detection,
                answer=answer,
                grounds=grounds,
                treatment=treatment,
                ruled=ruled,
                awaiting=awaiting,
                referral=referral,
                reasons=tuple(reasons),
            ),
        ),
        finding,
    )


def _answer(plan: Plan, detection: Detection, roles: frozenset[Role], purpose: str) -> Answer:
    """The join of the answers for every role the value is known in: one value in two roles gets the stricter."""
    inside = bool(detection.countries) and detection.countries <= plan.destination.constituency
    joined: Answer | None = None
    for role in sorted(roles):
        answer = plan.answer(detection.category, role, purpose, inside)
        joined = answer if joined is None else joined.join(answer)
    if joined is None:
        raise AssertionError("a detection has a role")
    return joined


def _refusal_grounds(plan: Plan) -> Grounds:
    grounds = Grounds()
    for refusal in plan.personal_data:
        grounds = grounds.join(refusal.grounds)
    return grounds


def _line(
    *,
    candidate: Candidate,
    detection: Detection,
    answer: Answer,
    grounds: Grounds,
    treatment: Treatment,
    ruled: Treatment,
    awaiting: bool,
    referral: str | None,
    reasons: tuple[Reason, ...],
) -> DetectionDecision:
    outcome = Outcome.REFER if awaiting else Outcome.DENY if treatment.kind is Kind.WITHHOLD else Outcome.PERMIT
    start = candidate.circumstances.first_receipt.get(candidate.obj.id, candidate.now)
    return DetectionDecision(
        path=detection.path,
        category=detection.category.value,
        role=detection.role.value,
        confidence=round(detection.confidence, 2),
        detector=detection.detector,
        why=detection.why,
        treatment=treatment_word(treatment),
        ruled=treatment_word(ruled),
        outcome=outcome.word,
        clauses=grounds.clauses,
        law=grounds.law,
        reasons=tuple(reason.value for reason in reasons),
        referral=referral,
        expires=format_instant(answer.expires.after(start)) if answer.expires else None,
        attribution="forbidden" if answer.attribution_forbidden else None,
    )

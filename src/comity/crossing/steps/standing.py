"""Does anything cross on this flow today, for this purpose, with fresh proof?"""

from __future__ import annotations

import datetime as dt

from comity.agreement import Plan
from comity.canon import digest_of
from comity.crossing.candidate import Candidate
from comity.crossing.circumstances import Circumstances
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason

FORMAT = "stix-2.1"  # what every crossing writes; other formats are made from it afterwards


def standing(candidate: Candidate) -> Finding:
    """INVARIANT: without an agreement in force that names the purpose, nothing crosses (promise 1)."""
    plan, circumstances = candidate.plan, candidate.circumstances
    finding = CLEAR
    for refusal in plan.standing:
        finding = finding.join(denied(Reason.NO_AGREEMENT, refusal.detail, grounds=refusal.grounds))
    if candidate.purpose not in plan.purposes:
        agreed = ", ".join(sorted(plan.purposes)) or "none"
        finding = finding.join(
            denied(
                Reason.PURPOSE_NOT_AGREED,
                f"asked for {candidate.purpose}; agreed: {agreed}",
                grounds=plan.section("purposes"),
            )
        )
    if FORMAT not in plan.formats:
        finding = finding.join(
            denied(
                Reason.FORMAT_NOT_AGREED, f"agreed: {', '.join(sorted(plan.formats))}", grounds=plan.section("formats")
            )
        )
    # Without what the survey saw of it, a victim's address is nobody's: unknown circumstances never loosen.
    known = circumstances.observed
    if known is not None and candidate.keys.tag(digest_of(candidate.obj.content)) not in known:
        finding = finding.join(denied(Reason.NOT_OBSERVED, grounds=plan.term_grounds))
    if circumstances.releasing and not _fresh(plan, circumstances, candidate.now):
        finding = finding.join(denied(Reason.STALE_PROOF, grounds=plan.section("proof")))
    return finding


def _fresh(plan: Plan, circumstances: Circumstances, now: dt.datetime) -> bool:
    """An agreement that asks for no witnessed checkpoint is always fresh; one that asks and gets none never is."""
    if plan.witnessed_within is None:
        return True
    at = circumstances.witnessed_at
    return at is not None and at <= now < plan.witnessed_within.after(at)

"""The checks: one idea, one file, one stable code, in a table. The engine below names none of them.

C1 words and citations · C2 parties and authority · C3 transfers · C4 data · C5 time · C6 people · C7 crisis ·
C8 layering · C9 evidence
"""

from __future__ import annotations

from comity.agreement.checks import (
    automated_decisions,
    automatic_victims,
    baseline_text,
    breach_notice,
    capability,
    citations_of_law,
    conditional_basis,
    consents,
    crime_victims,
    crisis_approval,
    deferral,
    hard_gates,
    hosting,
    in_force,
    keys,
    legal_basis,
    loosening,
    no_evaluator,
    offences,
    public_tasks,
    regimes,
    retention_periods,
    reviews,
    rights_deadline,
    rights_served,
    same_parties,
    silent_rules,
    special_categories,
    sunset,
    transfer_conditions,
    transfer_instruments,
    unknown_clauses,
    unknown_jurisdictions,
    unknown_law,
    unknown_parties,
    unknown_terms,
    unverified,
)
from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Setting

CHECKS: dict[str, Check] = {
    check.code: check
    for check in (
        unknown_terms.CHECK,
        unknown_parties.CHECK,
        unknown_jurisdictions.CHECK,
        unknown_clauses.CHECK,
        citations_of_law.CHECK,
        legal_basis.CHECK,
        conditional_basis.CHECK,
        public_tasks.CHECK,
        regimes.CHECK,
        keys.CHECK,
        capability.CHECK,
        hosting.CHECK,
        transfer_instruments.MISSING,
        transfer_instruments.NOT_COVERED,
        transfer_instruments.NOT_OPEN,
        transfer_instruments.INCOMPLETE,
        transfer_instruments.RECURRENT,
        transfer_conditions.CHECK,
        hard_gates.CHECK,
        special_categories.CHECK,
        crime_victims.CHECK,
        offences.CHECK,
        automatic_victims.CHECK,
        unknown_law.CHECK,
        silent_rules.CHECK,
        consents.CHECK,
        sunset.CHECK,
        in_force.CHECK,
        reviews.CHECK,
        retention_periods.CHECK,
        breach_notice.CHECK,
        rights_served.CHECK,
        rights_deadline.CHECK,
        deferral.CHECK,
        automated_decisions.CHECK,
        crisis_approval.CHECK,
        baseline_text.CHECK,
        same_parties.CHECK,
        loosening.CHECK,
        unverified.CHECK,
        no_evaluator.CHECK,
    )
}


def run(setting: Setting) -> list[Finding]:
    """Every finding, in the order of the texts. Questions of law wait until every jurisdiction is known."""
    order = {text.name: index for index, text in enumerate(reversed(setting.texts))}
    found = [
        finding
        for check in CHECKS.values()
        if setting.lawful_places or not check.needs_places
        for finding in check.run(check, setting)
    ]
    return sorted(set(found), key=lambda one: (order[one.file], one.line, one.column, one.code, one.text))


__all__ = ["CHECKS", "Check", "Finding", "Severity", "run"]

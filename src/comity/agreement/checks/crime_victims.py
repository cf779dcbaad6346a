"""C402: where being the victim of a crime is special-care data, nothing that identifies a victim crosses."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.grammar.protection import treatment
from comity.agreement.grammar.words import many
from comity.agreement.setting import Said, Setting
from comity.canon import REDACT, Category, Role


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    facts = {
        fact: party.jurisdiction
        for party in setting.agreement.text.parties
        for row in (setting.law.special_categories(party.jurisdiction),)
        if Category.CRIME_VICTIM in row.categories
        for fact in row.facts[:1]
    }
    if not facts or not setting.shares_personal_data:
        return
    where = ", ".join(dict.fromkeys(facts.values()))
    text = setting.agreement
    for index, rule in enumerate(text.text.protect or ()):
        roles = many(rule.role) or tuple(Role)
        if Role.VICTIM in roles and not treatment(rule.treatment).at_least(REDACT):
            words = (
                f"{rule.id} leaves victims identifiable, and being a crime victim is special in {where}; "
                "flows with it redact them all the same"
            )
            yield check.finding(Said(text, ("protect", index)), words, law=tuple(facts))


CHECK = Check(
    code="C402",
    title="crime victims left identifiable",
    severity=Severity.ERROR,
    why="In Japan the fact that somebody suffered a crime is special care-required personal information (APPI "
    "art 2(3)): an address that identifies a victim says just that.",
    do="redact data of victims in this agreement",
    run=_run,
)

"""C403: data on offences need a ground that only police have."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.grammar.protection import treatment
from comity.agreement.grammar.words import categories, many
from comity.agreement.setting import Said, Setting
from comity.canon import REDACT, Category


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if not setting.shares_personal_data:
        return
    facts = tuple(
        dict.fromkeys(
            setting.law[party.jurisdiction].cite_section("personal_data", "criminal_data")
            for party in setting.agreement.text.parties
        )
    )
    excluded = False
    for text in setting.texts:
        for index, never in enumerate(text.text.never or ()):
            if Category.OFFENCE not in categories(many(never.data)):
                continue
            excluded = True
            if never.unless and never.unless.capacity != "law-enforcement":
                words = f"{never.id} gives way to parties that are not law enforcement"
                yield check.finding(Said(text, ("never", index, "unless")), words, law=facts)
        for index, rule in enumerate(text.text.protect or ()):
            if Category.OFFENCE in categories(many(rule.data)) and not treatment(rule.treatment).at_least(REDACT):
                yield check.finding(
                    Said(text, ("protect", index)), f"{rule.id} lets data on offences across", law=facts
                )
    if not excluded:
        words = "no `never` clause excludes data on criminal offences"
        yield check.finding(Said(setting.agreement, ("never",)), words, law=facts)


CHECK = Check(
    code="C403",
    title="data on criminal offences",
    severity=Severity.ERROR,
    why="Data on offences, which the naming of a suspect can be, need official authority (GDPR art 10); in "
    "Japan they are special; in Brazil they leave the general law altogether.",
    do="add `never: - {id: N2, data: criminal-offence, unless: {capacity: law-enforcement, regime: led}}`",
    run=_run,
)

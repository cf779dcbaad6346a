"""C405: what the law protects most must be known before personal data flow."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if not setting.shares_personal_data:
        return
    for index, party in enumerate(setting.agreement.text.parties):
        home = setting.law[party.jurisdiction]
        row = home.facts.personal_data
        said = Said(setting.agreement, ("parties", index))
        if "unknown" in row.special_categories:
            law = (home.cite_section("personal_data", "special_categories"),)
            yield check.finding(said, f"what is a special category in {home.name} is not known", law=law)
        if row.criminal_data == "unknown":
            law = (home.cite_section("personal_data", "criminal_data"),)
            yield check.finding(said, f"how {home.name} treats data on crimes is not known", law=law)


CHECK = Check(
    code="C405",
    title="law not known",
    severity=Severity.ERROR,
    why="Unknown never means no: while nobody knows what a law protects most, everything might be it.",
    do="have counsel find out, and add it to the law pack; until then set `personal-data: none`",
    run=_run,
)

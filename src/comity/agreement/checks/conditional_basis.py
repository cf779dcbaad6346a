"""C202: a basis that the law opens on conditions only."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.lawfulness import basis
from comity.agreement.setting import Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for party in setting.agreement.text.parties:
        for said, alternatives in setting.authority(party.id):
            seen: set[str] = set()
            for authority in alternatives:
                for purpose in setting.purposes:
                    found = basis(setting, party, authority, said.clause, purpose).finding
                    if found and found.open and found.availability == "conditional" and found.fact not in seen:
                        seen.add(found.fact)
                        text = f"{party.id} rests on {found.citation}, which is open on conditions: {found.conditions}"
                        yield check.finding(said, text, law=(found.fact,))


CHECK = Check(
    code="C202",
    title="basis open on conditions",
    severity=Severity.WARNING,
    why="Naming the provision (`rests-on`) takes the position that its conditions are met; that position is counsel's.",
    do="record why the conditions are met, and look at it again at each review",
    run=_run,
)

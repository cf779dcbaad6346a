"""C206: what a partner cannot prove lowers what may be sent to it."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.grammar.parties import proves
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    text = setting.agreement
    for index, party in enumerate(text.text.parties):
        if not proves(party):
            said = Said(text, ("parties", index))
            yield check.finding(said, f"{party.id} does not state that it signs receipts and proves deletions")


CHECK = Check(
    code="C206",
    title="partner that cannot prove",
    severity=Severity.WARNING,
    why="A partner that cannot countersign or delete with proof cannot keep a promise to; nothing above TLP:GREEN and "
    "no personal data goes to it, whatever the share clauses say.",
    do="state its `capability`, or accept the lower ceiling",
    run=_run,
    needs_places=False,
)

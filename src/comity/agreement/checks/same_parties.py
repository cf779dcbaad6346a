"""C802: a party is the same in the annex as in the baseline."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if setting.baseline is None:
        return
    for index, party in enumerate(setting.agreement.text.parties):
        said = Said(setting.agreement, ("parties", index))
        before = setting.baseline.party(party.id)
        if before is None:
            yield check.finding(said, f"{party.id} is no party to {setting.baseline.id}")
            continue
        clause = f"{setting.baseline.id}:parties.{party.id}"
        for term in ("legal_entity", "form", "jurisdiction", "capacity", "key", "constituency", "capability"):
            if getattr(party, term) != getattr(before, term):
                yield check.finding(said, f"the {term.replace('_', ' ')} of {party.id} differs from {clause}")


CHECK = Check(
    code="C802",
    title="party differs from the baseline",
    severity=Severity.ERROR,
    why="Form decides which law is open to a party, and the key who it is; two texts that disagree settle neither.",
    do="write the party as in the baseline, or change the baseline",
    run=_run,
    needs_places=False,
)

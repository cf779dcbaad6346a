"""C203: a public task names the law that lays it down."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.lawfulness import PUBLIC_TASKS
from comity.agreement.setting import Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for party in setting.agreement.text.parties:
        for said, alternatives in setting.authority(party.id):
            for authority in alternatives:
                if authority.basis in PUBLIC_TASKS and authority.laid_down_in is None:
                    text = f"{party.id} rests on {authority.basis}, and names no law that lays its task down"
                    yield check.finding(said, text)


CHECK = Check(
    code="C203",
    title="public task without a law",
    severity=Severity.ERROR,
    why="A task in the public interest, official authority or a legal obligation exists only where Union or national "
    "law lays it down (GDPR art 6(3), and its like elsewhere).",
    do="add `laid-down-in: {law: ..., section: ...}`",
    run=_run,
    needs_places=False,
)

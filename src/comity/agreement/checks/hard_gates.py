"""C307: what a law keeps home whatever the parties agree."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.gates import gates
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    index = {party.id: number for number, party in enumerate(setting.agreement.text.parties)}
    for flow in setting.flows:
        for gate in gates(setting, flow):
            what = ", ".join(gate.data) or "data"
            where = f"{flow.origin.id} to {flow.destination.id}"
            said = Said(setting.agreement, ("parties", index[flow.origin.id]))
            if gate.total and setting.shares_personal_data:
                yield check.finding(
                    said, f"{where}: {gate.citation} stops all personal data ({what})", law=(gate.fact,)
                )
            elif gate.stands:
                words = f"{where}: {gate.citation} keeps {what} home; it is removed or withheld"
                do = "nothing: it is done in every release; have counsel confirm that it is enough"
                yield check.finding(said, words, law=(gate.fact,), severity=Severity.NOTE, do=do)
            else:
                words = f"{where}: {gate.citation} is to come into force, and will reach {what}"
                yield check.finding(said, words, law=(gate.fact,), severity=Severity.WARNING, do="prepare for it")


CHECK = Check(
    code="C307",
    title="the law keeps it home",
    severity=Severity.ERROR,
    why="Localisation and hard gates (state secrets, communications secrecy, export approval) bind whatever an "
    "agreement says; an unknown one counts as one that stands.",
    do="share no personal data in this direction, or obtain the approval that the law asks for",
    run=_run,
)

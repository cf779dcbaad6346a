"""C901: what the agreement rests on, and nobody has verified."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.lawfulness import basis, crossing
from comity.agreement.plan import Grounds
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    seen: set[str] = set()
    for said, grounds in _resting(setting):
        for name in grounds.law:
            if name in seen or not setting.law.has(name):
                continue
            seen.add(name)
            fact = setting.law.fact(name)
            if fact.confidence != "verified":
                words = (
                    f"{name} ({fact.citation}) is {fact.confidence} verified"
                    if fact.confidence == "partly"
                    else (f"{name} ({fact.citation}) is unverified")
                )
                yield check.finding(said, words, law=(name,))


def _resting(setting: Setting) -> Iterator[tuple[Said, Grounds]]:
    for party in setting.agreement.text.parties:
        for said, alternatives in setting.authority(party.id):
            for authority in alternatives:
                for purpose in setting.purposes:
                    yield said, basis(setting, party, authority, said.clause, purpose).grounds
    for flow in setting.flows:
        for rows in setting.transfers(flow):
            for said, row in rows:
                yield said, crossing(setting, flow, row, said.clause).grounds


CHECK = Check(
    code="C901",
    title="rests on a fact nobody verified",
    severity=Severity.NOTE,
    why="The law pack says how sure it is of each fact. One that is not verified is usable, and shows as such wherever "
    "it is cited.",
    do="have counsel confirm the fact before the agreement is signed",
    run=_run,
)

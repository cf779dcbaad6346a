"""C204: the regime a party says it stands under must be the law where it is."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for party in setting.agreement.text.parties:
        known = setting.law.regimes(party.jurisdiction)
        for said, alternatives in setting.authority(party.id):
            for authority in alternatives:
                if authority.regime not in known:
                    text = f"`{authority.regime}` is not the law of {party.jurisdiction}, which has {', '.join(known)}"
                    yield check.finding(said, text)
                elif _police(setting, authority.regime) and party.capacity != "law-enforcement":
                    text = f"`{authority.regime}` is police law, and {party.id} is {party.capacity}"
                    yield check.finding(said, text)
        for flow in setting.flows:
            if flow.origin.id != party.id:
                continue
            for rows in setting.transfers(flow):
                for said, transfer in rows:
                    if transfer.regime and transfer.regime not in known:
                        text = f"`{transfer.regime}` is not the law of {party.jurisdiction}, from which this goes"
                        yield check.finding(Said(said.text, (*said.path, "regime")), text)


def _police(setting: Setting, regime: str) -> bool:
    return any(c.police for c in setting.law.vocabulary.concepts if c.family == "regime" and c.spelled == regime)


CHECK = Check(
    code="C204",
    title="regime of somewhere else",
    severity=Severity.ERROR,
    why="Bases, rights and transfer tools differ by regime: police law is for police, and nobody stands under a "
    "foreign data protection law by saying so.",
    do="name a regime of that party's jurisdiction",
    run=_run,
)

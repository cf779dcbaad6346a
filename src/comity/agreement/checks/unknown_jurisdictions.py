"""C103: every country named must be one whose law is in the law pack."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting
from comity.law import UnknownJurisdiction


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        for index, party in enumerate(text.text.parties):
            hosting = (party.hosting.in_, party.hosting.keys_in) if party.hosting else ()
            for code in dict.fromkeys((party.jurisdiction, *hosting, *(party.constituency or ()))):
                try:
                    setting.law[code]
                except UnknownJurisdiction as error:
                    yield check.finding(Said(text, ("parties", index)), error.sentence)


CHECK = Check(
    code="C103",
    title="unknown jurisdiction",
    severity=Severity.ERROR,
    why="What the law of a party requires must be known before anything can be sent to it or by it.",
    do="name a jurisdiction of the law pack, or add its law to the pack",
    run=_run,
    needs_places=False,
)

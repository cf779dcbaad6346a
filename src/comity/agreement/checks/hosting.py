"""C207: where a party's node and keys are, and how it is reached."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        for index, party in enumerate(text.text.parties):
            said = Said(text, ("parties", index))
            if party.hosting:
                abroad = {party.hosting.in_, party.hosting.keys_in} - {party.jurisdiction}
                for code in sorted(abroad):
                    words = f"{party.id} is in {party.jurisdiction}, and its node or keys are in {code}"
                    yield check.finding(said, words)
            if party.url and party.url.startswith("http://"):
                words = f"{party.id} is reached without TLS"
                yield check.finding(said, words, do="write an https address; plain HTTP is for development only")


CHECK = Check(
    code="C207",
    title="hosted abroad, or reached in the clear",
    severity=Severity.WARNING,
    why="A node in another country stands under that country's access laws too, and keeping data there is a "
    "transfer of its own.",
    do="host node and keys at home, or cover the hosting by a transfer instrument",
    run=_run,
    needs_places=False,
)

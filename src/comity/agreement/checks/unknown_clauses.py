"""C104: clauses that other clauses speak of must exist."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    shares = {share.id for text in setting.texts for share in text.text.share or ()}
    for text in setting.texts:
        named = [(name, Said(text, ("retention", name))) for name in text.retention.clauses]
        named += [
            (name, Said(text, ("retention", "adaptable", name)))
            for name in text.retention.adaptable
            if name != "personal-data"
        ]
        if text.text.crisis:
            named += [(name, Said(text, ("crisis", "speeds"))) for name in text.text.crisis.speeds]
        for name, said in named:
            if name not in shares:
                yield check.finding(said, f"no share clause is called {name}")


CHECK = Check(
    code="C104",
    title="unknown clause",
    severity=Severity.ERROR,
    why="A period or a crisis rule for a share clause that does not exist is a period that nothing keeps.",
    do="name a share clause of this agreement or of its baseline",
    run=_run,
    needs_places=False,
)

"""C902: terms that nothing evaluates yet; an agreement that uses one does not compile."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.coverage import COVERAGE, uses
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        for term, path in uses(text):
            if COVERAGE[term].to_come:
                yield check.finding(Said(text, path), f"`{term}` has no evaluator yet: {COVERAGE[term].reason}")


CHECK = Check(
    code="C902",
    title="term without an evaluator",
    severity=Severity.WARNING,
    why="No agreement, no crossing: a term that nothing would keep must not look as if it were kept (promise 1).",
    do="leave the term out until it has an evaluator; with it the agreement does not compile",
    run=_run,
    needs_places=False,
)

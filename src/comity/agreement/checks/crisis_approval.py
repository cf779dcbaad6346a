"""C701: a crisis makes approval faster, never absent."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting
from comity.canon import Duration

LONGEST = Duration("P7D")  # a product choice: what lasts longer is no longer a crisis but a practice


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        crisis = text.text.crisis
        if crisis is None:
            continue
        if crisis.approval == "afterwards":
            words = "in a crisis nobody approves what was to be approved"
            yield check.finding(Said(text, ("crisis", "approval")), words)
        if crisis.confirmed_by == crisis.declared_by:
            yield check.finding(Said(text, ("crisis",)), "who declares a crisis also confirms it")
        if Duration(crisis.lasts) > LONGEST:
            words = f"a crisis lasts {crisis.lasts}"
            yield check.finding(Said(text, ("crisis", "lasts")), words, severity=Severity.WARNING, do="shorten it")


CHECK = Check(
    code="C701",
    title="crisis that bypasses approval",
    severity=Severity.ERROR,
    why="A person decides what a rule cannot; a crisis speeds that person up and never leaves them out (promise 4).",
    do="set `approval: one-person`, and have another office confirm the crisis",
    run=_run,
    needs_places=False,
)

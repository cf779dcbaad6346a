"""C502: whether the agreement is in force on the day it is checked for."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        term = text.text.term
        if setting.on < term.from_:
            yield check.finding(Said(text, ("term",)), f"on {setting.on} it has not begun (from {term.from_})")
        elif term.sunset and setting.on > term.sunset:
            yield check.finding(Said(text, ("term",)), f"on {setting.on} it has ended (sunset {term.sunset})")


CHECK = Check(
    code="C502",
    title="not in force on this day",
    severity=Severity.WARNING,
    why="Outside its term an agreement permits nothing; the text may be right all the same.",
    do="check it for a day of its term, or agree a new version",
    run=_run,
    needs_places=False,
)

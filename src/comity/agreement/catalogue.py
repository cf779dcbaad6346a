"""The catalogue of checks and of the grammar's evaluators, as the documentation prints it."""

from __future__ import annotations

from comity.agreement.checks import CHECKS
from comity.agreement.coverage import COVERAGE

_HEAD = """# Checks of an agreement

`comity agreement check FILE` runs every check below; `comity agreement explain-code C302` prints one. A code keeps its
meaning for good. An error stops compilation; a warning is for counsel; a note says what a reader may not know. Some
checks lower their severity for the milder case. This page is generated: `comity agreement codes --markdown`.
"""


def catalogue() -> str:
    """`docs/checks.md`."""
    lines = [_HEAD]
    for check in CHECKS.values():
        lines += [f"## {check.code} {check.title}", "", f"*{check.severity.value}*. {check.why}", ""]
        lines += [f"What to do: {check.do}.", ""]
    lines += ["# Terms and what evaluates them", "", "| term | evaluated by |", "| --- | --- |"]
    for term, coverage in COVERAGE.items():
        by = ", ".join(f"`{name}`" for name in coverage.by) or f"to come: {coverage.reason}"
        lines.append(f"| `{term}` | {by} |")
    return "\n".join(lines) + "\n"

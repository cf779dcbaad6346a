"""Findings as workflow commands of GitHub Actions: each is shown at its line of the change that is reviewed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from comity.agreement.checks.finding import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def workflow_commands(findings: Iterable[Finding], folder: PurePath) -> list[str]:
    """A line for each. `folder`: where the texts lie, from the root of the repository."""
    return [_command(finding, folder) for finding in findings]


def _command(finding: Finding, folder: PurePath) -> str:
    place = {
        "file": (folder / finding.file).as_posix(),
        "line": str(finding.line),
        "col": str(finding.column),
        "title": f"{finding.code} {finding.clause}",
    }
    said = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in place.items())
    law = f" ({', '.join(finding.law)})" if finding.law else ""
    return f"::{_COMMANDS[finding.severity]} {said}::{_escaped(f'{finding.text}{law} {finding.do}', _DATA)}"


def _escaped(text: str, how: dict[str, str]) -> str:
    return "".join(how.get(letter, letter) for letter in text)

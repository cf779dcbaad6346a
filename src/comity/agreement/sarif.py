"""Findings as SARIF 2.1.0 (OASIS), for code review tools: a rule for each check, a result for each finding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from comity import __version__
from comity.agreement.checks import CHECKS
from comity.agreement.checks.finding import Check, Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PLACES = {code: number for number, code in enumerate(CHECKS)}


def sarif(findings: Sequence[Finding], folder: PurePath) -> dict[str, Any]:
    """One run (section 3.14). `folder`: where the texts lie, as the places are to name it."""
    driver = {
        "name": "comity agreement check",
        "version": __version__,
        "rules": [_rule(check) for check in CHECKS.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, folder) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(check: Check) -> dict[str, Any]:
    """Section 3.49. Severities have the names of SARIF's levels."""
    return {
        "id": check.code,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why},
        "help": {"text": check.do},
        "defaultConfiguration": {"level": check.severity.value},
    }


def _result(finding: Finding, folder: PurePath) -> dict[str, Any]:
    """Section 3.27."""
    return {
        "ruleId": finding.code,
        "ruleIndex": _PLACES[finding.code],
        "level": finding.severity.value,
        "message": {"text": f"{finding.text} {finding.do}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": (folder / finding.file).as_posix()},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.clause}],
            }
        ],
        "properties": {"law": list(finding.law)},
    }

"""Findings where a change is reviewed: SARIF 2.1.0 for code review tools, workflow commands for GitHub Actions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.agreement.texts import EXAMPLES, changed
from typer.testing import CliRunner

from comity.agreement import CHECKS, Finding, Severity, sarif, workflow_commands
from comity.cli.agreement import app

ON = ["--on", "2026-11-23"]
LEVELS = {"none", "note", "warning", "error"}  # SARIF 2.1.0 section 3.27.10
COMMAND = re.compile(r"::(error|warning|notice) file=([^:,]+),line=(\d+),col=(\d+),title=([^:,]+)::(.+)")


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """An annex whose treaty is none, beside its baseline."""
    for file in EXAMPLES.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    annex = tmp_path / "ee-br-csirt.yaml"
    annex.write_text(
        changed(annex.read_text(), ("instrument: adequacy, regime: gdpr", "instrument: treaty, regime: gdpr"))
    )
    return annex


def run(file: Path, form: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", str(file), *ON, "--format", form])
    return result.exit_code, result.stdout


def test_each_way_of_printing_says_the_same_findings(faulty: Path):
    known = [(one["code"], one["severity"], one["line"], one["column"]) for one in findings(faulty)]
    assert ("C304", "error") in {one[:2] for one in known}
    _, said = run(faulty, "sarif")
    results = json.loads(said)["runs"][0]["results"]
    assert [(one["ruleId"], one["level"], *region(one)) for one in results] == known
    status, said = run(faulty, "github")
    lines = [COMMAND.fullmatch(line) for line in said.splitlines()]
    names = {"error": "error", "warning": "warning", "note": "notice"}
    assert [(one[1], int(one[3]), int(one[4])) for one in lines if one] == [
        (names[severity], line, column) for _, severity, line, column in known
    ]
    assert status == 1


def findings(file: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run(file, "json")[1])["findings"]
    return found


def region(result: dict[str, object]) -> tuple[int, int]:
    (place,) = result["locations"]
    return place["physicalLocation"]["region"]["startLine"], place["physicalLocation"]["region"]["startColumn"]


def test_sarif_has_a_rule_for_each_check_and_results_point_at_theirs(faulty: Path):
    """Sections 3.13, 3.14, 3.27, 3.49: what a reader of the format needs."""
    document = json.loads(run(faulty, "sarif")[1])
    assert document["version"] == "2.1.0"
    (log,) = document["runs"]
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CHECKS)
    for result in log["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS
        assert result["message"]["text"]
        (place,) = result["locations"]
        file = Path(place["physicalLocation"]["artifactLocation"]["uri"])
        assert file.is_file()
        assert min(region(result)) >= 1
        assert place["logicalLocations"][0]["fullyQualifiedName"]


def test_a_finding_of_the_baseline_is_shown_in_the_baseline(faulty: Path):
    files = {COMMAND.fullmatch(line)[2] for line in run(faulty, "github")[1].splitlines()}
    assert files == {str(faulty), str(faulty.with_name("csirt-baseline.yaml"))}


def test_what_is_found_nowhere_is_an_empty_run():
    assert sarif([], Path())["runs"][0]["results"] == []
    assert workflow_commands([], Path()) == []


def test_no_text_of_a_finding_ends_its_command_or_begins_another():
    """What a text says of itself comes from whoever wrote it."""
    hostile = Finding(
        code="C102",
        severity=Severity.ERROR,
        clause="x,line=9::",
        file="a,b:c.yaml",
        line=1,
        column=2,
        text="50% of it\n::error::another\r",
        law=(),
        do="mend it",
    )
    (line,) = workflow_commands([hostile], Path("agreements"))
    assert line == (
        "::error file=agreements/a%2Cb%3Ac.yaml,line=1,col=2,title=C102 x%2Cline=9%3A%3A"
        "::50%25 of it%0A::error::another%0D mend it"
    )

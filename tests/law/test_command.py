"""`comity law`: tables for people, one JSON document for programs, near matches for typing errors."""

import json

import pytest

from comity.cli import main


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["comity", "law", *arguments])
        monkeypatch.setenv("COLUMNS", "100")
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_show_prints_each_line_with_citation_confidence_and_source(run):
    status, out, _ = run("show", "EE", "--json")
    shown = json.loads(out)
    assert status == 0
    lines = {line["id"]: line for line in shown["lines"]}
    assert {line["subject"] for line in shown["lines"]} >= {
        "statutes", "authorities", "legal bases", "transfers", "breach duties", "rights", "restrictions",
    }  # fmt: skip
    assert all(line["citation"] and line["confidence"] and line["from"] for line in shown["lines"])
    assert (lines["eu.gdpr"]["from"], lines["eu.gdpr"]["inherited"]) == ("EU", True)
    assert lines["ee.nis2law"]["inherited"] is False


def test_duties_prints_a_line_for_each_addressee_and_stage(run):
    asked = ("--in", "EE,BR", "--event", "personal-data-breach", "--aware", "2026-11-23T10:00Z")
    status, out, _ = run("duties", *asked, "--json")
    due = {(line["duty"], line["stage"]): line for line in json.loads(out)["duties"]}
    assert status == 0
    assert due["eu.gdpr.art33", "notification"]["due"] == "2026-11-26T10:00:00.000Z"
    assert due["br.lgpd.48.anpd", "notification"]["due"] == "2026-11-27T02:59:59.000Z"
    assert all(line["citation"] and line["confidence"] for line in due.values())
    status, out, _ = run("duties", *asked, "--who", "controller", "--stage", "notification", "--json")
    assert {line["who"] for line in json.loads(out)["duties"]} == {"controller"}


def test_an_instant_given_starts_the_clock_that_waited(run):
    asked = ("--in", "EE", "--event", "cyber-incident", "--aware", "2026-11-23T10:00Z", "--who", "financial-entity")
    _, out, _ = run("duties", *asked, "--at", "classification=2026-11-23T12:00Z", "--json")
    first = json.loads(out)["duties"][0]
    assert (first["duty"], first["due"]) == ("eu.dora.art19", "2026-11-23T16:00:00.000Z")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "Estonia"), "EE"),
        (("duties", "--in", "EE", "--event", "data-breach", "--aware", "2026-11-23T10:00Z"), "personal-data-breach"),
        (("duties", "--in", "EE", "--event", "vulnerability", "--aware", "2026-11-23"), "not an instant"),
        (("duties", "--in", "EE", "--event", "vulnerability", "--aware", "2026-11-23T10:00Z", "--at", "x"), "no event"),
        (("show", "EE", "--law", "/nonexistent"), "no such folder"),
    ],
)
def test_bad_input_says_what_to_do_and_exits_with_2(run, arguments, said):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert said in err.replace("\n", " ")
    assert "what to do:" in err

"""`comity detect`: places and reasons, values only on request; predictions for a benchmark."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from comity.cli import application

TEXT = "The victim, Jane Doe (jane.doe@shop.example), was called; C2 198.51.100.7.\n"


def run(*arguments):
    return CliRunner().invoke(application("detect"), ["detect", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.txt"
    path.write_text(TEXT)
    return path


def test_values_are_masked_unless_asked_for(report):
    masked = run(report)
    assert masked.exit_code == 0
    assert "person-name" in masked.output
    assert "Jane" not in masked.output
    assert "shop.example" not in masked.output
    assert "Jane" in run(report, "--show-values").output


def test_json_has_every_detection_with_place_and_reason(report):
    said = json.loads(run(report, "--json").output)
    assert {(d["category"], d["role"]) for d in said} >= {("email-address", "victim"), ("ipv4-address", "attacker")}
    assert all(d["why"] and d["where"] == "line 1" and 0 < d["confidence"] <= 1 for d in said)
    assert all(TEXT[d["start"] : d["end"]][:1] == d["value"][:1] for d in said if d["value"] != "***")


def test_items_give_predictions_in_every_format(tmp_path):
    items = [
        {"id": "a", "format": "text", "content": TEXT},
        {"id": "b", "format": "csv", "content": "user,c2\njdoe,198.51.100.7\n"},
        {"id": "c", "format": "stix", "content": {"type": "bundle", "objects": [
            {"type": "user-account", "id": "user-account--1", "user_id": "jdoe"}]}},
        {"id": "d", "format": "misp", "content": {"Event": {"Attribute": [
            {"type": "target-email", "category": "Targeting data", "value": "jane@shop.example"}]}}},
    ]  # fmt: skip
    path = tmp_path / "items.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    answers = [json.loads(line) for line in run("--items", path).output.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c", "d"]
    spans = {answer["id"]: {(s.get("path"), s["category"], s["action"]) for s in answer["spans"]} for answer in answers}
    assert (None, "email", "pseudonymise") in spans["a"]
    assert (None, "ipv4", "keep") in spans["a"]
    assert ("/1/0", "username", "pseudonymise") in spans["b"]
    assert ("/objects/0/user_id", "username", "pseudonymise") in spans["c"]
    assert ("/Event/Attribute/0/value", "email", "pseudonymise") in spans["d"]


def test_a_stix_bundle_and_a_table_are_told_apart(tmp_path):
    table = tmp_path / "users.csv"
    table.write_text("employee,email\nJane Doe,jane@shop.example\n")
    assert {d["where"] for d in json.loads(run(table, "--json").output)} == {"row /1/0", "row /1/1"}

"""Legal monitoring: what a new law pack says otherwise, and what that does to agreements, on changes as they happen."""

from __future__ import annotations

import datetime as dt
import importlib.resources
import json
import shutil
from pathlib import Path

import pytest
from tests.agreement.texts import EXAMPLES, changed

from comity.agreement import Impact, Standing, impact
from comity.cli import main
from comity.cli.agreements import read_agreement
from comity.law import Kind, Law, changes

DAY = dt.date(2026, 11, 23)
OLD = Law.load()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The pack that ships, to be changed."""
    with importlib.resources.as_file(importlib.resources.files("comity.law") / "pack") as folder:
        shutil.copytree(folder, tmp_path / "pack")
    return tmp_path / "pack"


def edit(pack: Path, name: str, after: str, *replacing: tuple[str, str]) -> Law:
    """Replace what first follows a line of a file of the pack."""
    file = pack / name
    head, found, tail = file.read_text(encoding="utf-8").partition(after)
    assert found
    for old, new in replacing:
        assert old in tail
        tail = tail.replace(old, new, 1)
    file.write_text(head + found + tail, encoding="utf-8")
    return Law.load(pack)


def adequacy_withdrawn(pack: Path) -> Law:
    """The Commission's decision on Brazil is not in force any more."""
    return edit(pack, "adequacy.toml", 'by = "EU"\nrecognises = "BR"', ('status = "in_force"', 'status = "pending"'))


def clock_shortened(pack: Path) -> Law:
    """GDPR art 33 within a day."""
    shorter = ('deadline = "PT72H"', 'deadline = "PT24H"')
    return edit(pack, "jurisdictions/eu.toml", 'id = "eu.gdpr.art33"\n', shorter, shorter)


def safe_harbour_lapsed(pack: Path) -> Law:
    """The Cybersecurity Information Sharing Act of 2015 was not renewed."""
    return edit(pack, "jurisdictions/us.toml", "[cti_sharing]", ('safe_harbour = "unknown"', 'safe_harbour = "lapsed"'))


def of(name: str, new: Law, folder: Path = EXAMPLES) -> Impact:
    text = read_agreement(folder / f"{name}.yaml")
    return impact(text.agreement, OLD, new, changes(OLD, new), DAY, text.baseline)


def flows(found: Impact) -> dict[tuple[str, str], tuple[Standing, Standing]]:
    return {(flow.origin, flow.destination): (flow.before, flow.after) for flow in found.flows}


def test_the_same_pack_says_nothing_otherwise(pack: Path):
    assert changes(OLD, Law.load(pack)) == ()
    assert not of("ee-br-csirt", Law.load(pack)).touched


def test_what_only_moved_within_a_file_is_no_change(pack: Path):
    file = pack / "jurisdictions/jp.toml"
    head, *bases = file.read_text(encoding="utf-8").split("[[legal_bases]]")
    *bases, last = bases
    last, rest = last.split("[exemptions]")
    moved = "[[legal_bases]]".join([head, last, *bases]) + "[exemptions]" + rest
    file.write_text(moved, encoding="utf-8")
    assert changes(OLD, Law.load(pack)) == ()


def test_a_withdrawn_adequacy_decision_is_one_change_that_reaches_the_union(pack: Path):
    (change,) = changes(OLD, adequacy_withdrawn(pack))
    assert (change.kind, change.fact, change.value) == (Kind.CHANGED, "adequacy.eu.br.gdpr", "status")
    assert (change.before, change.after) == ("in_force", "pending")
    assert {"EE", "FR"} <= set(change.reaches)
    assert "BR" not in change.reaches


def test_a_row_that_is_there_no_more_and_a_new_one(pack: Path):
    file = pack / "jurisdictions/jp.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('id = "jp.27.law"', 'id = "jp.27.statute"'), encoding="utf-8")
    found = {change.fact: change for change in changes(OLD, Law.load(pack))}
    assert {fact: change.kind for fact, change in found.items()} == {"jp.27.law": "gone", "jp.27.statute": "new"}
    assert found["jp.27.law"].before == found["jp.27.statute"].after != ""


def test_a_withdrawn_adequacy_decision_closes_the_flows_that_stand_on_it_and_no_other(pack: Path):
    new = adequacy_withdrawn(pack)
    found = of("ee-br-csirt", new)
    closed = (Standing.OPEN, Standing.CLOSED)
    assert flows(found) == {("cert-ee", "cert-br"): closed, ("cert-br", "cert-ee"): closed}
    assert "not adopted yet" in found.flows[0].why
    assert found.facts == ("adequacy.eu.br.gdpr",)
    assert "ee-br-csirt:transfers[0]" in found.clauses
    assert {one.code for one in found.now} == {"C302"}
    assert found.reviews == ("law-changed", "adequacy-withdrawn")
    other = of("ee-jp-csirt", new)
    assert not other.touched
    assert set(flows(other).values()) == {(Standing.OPEN, Standing.OPEN)}


def test_a_shortened_clock_is_found_at_the_notice_that_is_now_too_late(pack: Path):
    found = of("ee-jp-csirt", clock_shortened(pack))
    (finding,) = found.now
    assert (finding.code, finding.clause) == ("C601", "csirt-baseline:breach")
    assert "24 hours after awareness" in finding.text
    assert "adequacy-withdrawn" not in found.reviews


def test_a_lapsed_safe_harbour_touches_whoever_is_there_and_nobody_else(pack: Path, tmp_path: Path):
    new = safe_harbour_lapsed(pack)
    (change,) = changes(OLD, new)
    assert (change.fact, change.value, change.after) == ("us.cti_sharing", "safe_harbour", "lapsed")
    assert change.reaches == ("US",)
    assert not of("ee-br-csirt", new).touched


def test_a_finding_that_ends_is_said_too(pack: Path, tmp_path: Path):
    """The other way round: the decision is adopted."""
    new = adequacy_withdrawn(pack)
    text = read_agreement(EXAMPLES / "ee-br-csirt.yaml")
    found = impact(text.agreement, new, OLD, changes(new, OLD), DAY, text.baseline)
    assert {one.code for one in found.no_more} == {"C302"}
    assert set(flows(found).values()) == {(Standing.CLOSED, Standing.OPEN)}
    assert found.reviews == ("law-changed",)


def test_an_agreement_that_names_no_trigger_opens_no_review(pack: Path, tmp_path: Path):
    for file in EXAMPLES.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if file.stem == "csirt-baseline":
            line = next(line for line in text.splitlines() if "law-changed" in line)
            text = changed(
                text, (line, line.replace("law-changed", "new-threat", 1).replace("adequacy-withdrawn, ", ""))
            )
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    found = of("csirt-baseline", clock_shortened(pack), tmp_path)
    assert found.touched
    assert found.reviews == ()


# -- at the prompt


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["comity", "law", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "160")
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def test_diff_at_the_prompt(run, pack: Path):
    clock_shortened(pack)
    with importlib.resources.as_file(importlib.resources.files("comity.law") / "pack") as old:
        status, out, _ = run("diff", old, pack, "--json")
        assert status == 0
        assert [(one["fact"], one["value"]) for one in json.loads(out)["changes"]] == [
            ("eu.gdpr.art33", "deadline"),
            ("eu.gdpr.art33", "stages.notification.deadline"),
        ]
        assert "PT24H" in run("diff", old, pack)[1]
        assert json.loads(run("diff", old, pack, "--in", "JP", "--json")[1])["changes"] == []
        assert run("diff", old, pack, "--in", "ZZ")[0] == 2


def test_impact_at_the_prompt(run, pack: Path):
    arguments = ("impact", pack, "--agreements", EXAMPLES, "--on", "2026-11-23")
    assert run(*arguments)[0] == 0
    adequacy_withdrawn(pack)
    status, out, _ = run(*arguments)
    assert status == 1
    assert "ee-jp-csirt: not touched" in out
    assert "reviews that it opens: law-changed, adequacy-withdrawn" in out
    status, out, _ = run(*arguments, "--json")
    found = {one["agreement"]: one for one in json.loads(out)["agreements"]}
    assert status == 1
    assert found["ee-br-csirt"]["flows"][0]["after"] == "closed"


def test_a_pack_that_is_none_is_refused(run, tmp_path: Path):
    status, out, err = run("impact", tmp_path, "--agreements", EXAMPLES)
    assert (status, out) == (2, "")
    assert "the law pack is not used" in err

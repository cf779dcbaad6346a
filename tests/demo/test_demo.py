"""`comity demo`: it tells its story to the end, each claim is computed, and one that does not hold fails it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

import comity.cli.demo
from comity.cli import application
from comity.demo import CHAPTERS, PARTIES, Chapter, Packaged, Stage
from comity.law import Law

DATA = Path(__file__).resolve().parents[2] / "src" / "comity" / "demo" / "data"
TELL = {chapter.__name__: chapter for chapter in CHAPTERS}


class Tiles:
    """A log's files in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def write(self, path: str, data: bytes) -> None:
        self.files[path] = data


def stage(folder: Path = DATA) -> Stage:
    return Stage(
        packaged=Packaged(folder),
        law=Law.load(),
        keys={party: Ed25519PrivateKey.from_private_bytes(party.encode().ljust(32)) for party in PARTIES},
        secret=b"\x07" * 32,
        store=Tiles(),
        progress=lambda *_: None,
    )


def not_held(chapter: Chapter) -> list[str]:
    return [check.shown for check in chapter.checks if not check.held]


@pytest.fixture(scope="module")
def whole() -> Stage:
    return stage()


@pytest.fixture
def damaged(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of the data in which one file says something else."""

    def damage(name: str, old: str, new: str) -> Path:
        folder = tmp_path / "data"
        shutil.copytree(DATA, folder)
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return damage


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("comity")), "demo", "--on-paper", *options]
    environment = {**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)


@pytest.mark.slow
def test_the_demo_tells_its_story_and_all_of_it_holds():
    """What `make demo` runs; in 80 columns and without colour."""
    result = run("--no-pause")
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.stdout
    assert "…" not in result.stdout, "something was cut off"
    assert not [line for line in result.stdout.splitlines() if line.startswith("│") and not line.endswith("│")]
    assert result.stdout.count("✓ yes") >= 20
    assert "✗" not in result.stdout
    assert re.findall(r"(?m)^([0-9])\. .* ─+$", result.stdout) == [str(n) for n in range(1, len(CHAPTERS) + 1)]
    assert result.stdout.rstrip().endswith("All of it held.")


@pytest.mark.slow
def test_the_demo_speaks_json_too():
    result = run("--json")
    account = json.loads(result.stdout)
    assert result.returncode == 0
    assert account["held"] is True
    assert len(account["chapters"]) == len(CHAPTERS)
    assert all(check["held"] for chapter in account["chapters"] for check in chapter["checks"])


def test_a_claim_that_does_not_hold_fails_the_demo(monkeypatch, damaged):
    """The exit status is that of the checks: here an annex that outlives the baseline it extends."""
    folder = damaged("agreements/csirt-baseline.yaml", "sunset: 2028-02-29", "sunset: 2026-10-01")
    monkeypatch.setattr(comity.cli.demo, "ON_PAPER", (TELL["agreements"],))
    result = CliRunner().invoke(application("demo"), ["demo", "--on-paper", "--json", "--data", str(folder)])
    assert result.exit_code == comity.cli.demo.NOT_HELD, result.output
    account = json.loads(result.stdout)
    assert account["held"] is False
    assert [check["held"] for check in account["chapters"][0]["checks"]].count(False) == 1


def test_the_same_chapter_passes_with_the_data_as_it_is(monkeypatch):
    monkeypatch.setattr(comity.cli.demo, "ON_PAPER", (TELL["agreements"],))
    result = CliRunner().invoke(application("demo"), ["demo", "--on-paper"])
    assert result.exit_code == 0, result.output
    assert "All of it held." in result.stdout


def test_the_incident_chapter_tells_if_somebody_can_be_read(damaged):
    """A value that does cross, listed as one that may not."""
    folder = damaged("planted.json", '"Maarika Tuulepuu"', '"cdn-updates.test"')
    (failed,) = not_held(TELL["incident"](stage(folder)))
    assert failed.startswith("nobody can be read out of the release")


def test_the_incident_chapter_tells_if_there_is_no_doubt_to_show(damaged):
    """With a threshold of nought nothing is in doubt, so the chapter cannot show what becomes of doubt."""
    folder = damaged("agreements/csirt-baseline.yaml", "doubt: {refer-below: 0.8", "doubt: {refer-below: 0.1")
    assert any("doubtful spans" in shown for shown in not_held(TELL["incident"](stage(folder))))


def test_the_address_chapter_tells_if_both_countries_get_the_same(damaged):
    """An annex with Brazil that leaves the baseline's strict default as it is."""
    folder = damaged(
        "agreements/ee-br-csirt.yaml", "treatment: {generalise: {ipv4: 24, ipv6: 48}}", "treatment: redact"
    )
    assert "the same address: its /24 to Brazil, nothing to Japan" in not_held(TELL["address"](stage(folder)))


def test_the_denied_chapter_tries_what_would_change_the_answer(whole):
    chapter = TELL["denied"](whole)
    assert not_held(chapter) == []
    for refusal in chapter.facts["refusals"]:
        assert refusal["outcome"] == "deny"
        assert refusal["clauses"]
        assert refusal["then"] == "permit"


def test_the_bill_chapter_tells_if_a_tampered_bill_passes(whole, monkeypatch):
    module = sys.modules["comity.demo.chapters.bill"]
    monkeypatch.setattr(module, "TAMPERINGS", {"nothing changed": lambda bill, objects: (bill, objects)})
    assert not_held(TELL["bill"](whole)) == ["a bill is refused with nothing changed"]


def test_the_replay_chapter_tells_if_the_second_time_differs(whole, monkeypatch):
    module = sys.modules["comity.demo.chapters.replay"]
    monkeypatch.setattr(module, "release_referrals", lambda crossing: [])
    assert any("byte for byte" in shown for shown in not_held(TELL["replay"](whole)))

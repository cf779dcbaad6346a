"""`comity screen` and `comity tell`: everything is written or nothing, and nothing is written over what is read."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from tests.promises.cti import AGREEMENTS, RED, named, sdo
from tests.prompt import Said, prompt

from comity.cli import files
from comity.cli.spools import FileSpool, NoRoom

MALWARE = sdo("malware", "m", name="Evil", is_family=False)


def file_of(folder: Path, *objects, name: str = "material.json") -> Path:
    document = {"type": "bundle", "id": named("bundle", "b"), "objects": list(objects)}
    path = folder / name
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a secret and one piece of malware."""
    (tmp_path / "key").write_bytes(bytes(range(32)))
    file_of(tmp_path, MALWARE)
    return tmp_path


def screen(desk: Path, *more: str | Path, to: str = "cert-br", on: str = "2026-11-23") -> Said:
    agreement = AGREEMENTS / f"ee-{to[-2:]}-csirt.yaml"
    return prompt(
        *("screen", desk / "material.json", "--agreement", agreement, "--from", "cert-ee", "--to", to),
        *("--on", on, "--key-file", desk / "key", *more),
        *(() if "--purpose" in more else ("--purpose", "incident-response")),
    )


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    "options",
    [
        ("--out", "crossed.json", "--record", "crossed.json"),
        ("--out", "material.json"),
        ("--record", "key"),
        ("--circumstances-out", "./folder/../crossed.json", "--out", "crossed.json"),
    ],
)
def test_one_file_is_never_two_things(desk: Path, options: tuple[str, ...]):
    (desk / "folder").mkdir()
    before = listing(desk)
    said = screen(desk, *(part if part.startswith("--") else desk / part for part in options))
    assert said.status == 2
    assert "named twice" in said.err
    assert listing(desk) == before


def test_of_a_bundle_without_objects_nothing_crosses(desk: Path):
    (desk / "material.json").write_text(json.dumps({"type": "bundle", "id": named("bundle", "b")}))
    assert screen(desk, "--out", desk / "crossed.json", "--record", desk / "decisions.jsonl").status == 3
    crossed = json.loads((desk / "crossed.json").read_bytes())
    assert (crossed["type"], crossed.keys()) == ("bundle", {"type", "id"})
    assert (desk / "decisions.jsonl").read_bytes() == b""


def test_a_pipe_is_not_replaced_by_a_file(desk: Path):
    os.mkfifo(desk / "pipe")
    assert screen(desk, "--out", desk / "pipe").status == 2
    assert (desk / "pipe").is_fifo()


def test_a_full_disk_is_told_and_leaves_nothing(desk: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    before = listing(desk)
    said = screen(desk, "--out", desk / "crossed.json", "--record", desk / "decisions.jsonl")
    assert said.status == 2
    assert "No space left" in said.err
    assert listing(desk) == before


def test_a_spool_without_room_says_so():
    with FileSpool() as spool:
        spool._file.close()
        spool._file = open("/dev/full", "r+b", buffering=0)  # noqa: SIM115
        with pytest.raises(NoRoom, match="No space left"):
            spool.append(b"1")


def test_what_another_partner_holds_is_not_held_here(desk: Path):
    """A reference to it would betray that it exists, and point at nothing (promise 3)."""
    assert screen(desk, "--record", desk / "to-jp.jsonl", to="cert-jp").status == 0
    said = screen(desk, "--held", desk / "to-jp.jsonl", "--out", desk / "crossed.json")
    assert said.status == 2
    assert "another crossing" in said.err
    assert not (desk / "crossed.json").exists()


@pytest.mark.parametrize("change", [{"id": ["x"]}, {"outgoing_id": {"a": 1}}, {"outgoing_id": "jan@hospital.example"}])
def test_a_record_that_was_tampered_with_is_refused(desk: Path, change: dict[str, object]):
    screen(desk, "--record", desk / "decisions.jsonl")
    line = json.loads((desk / "decisions.jsonl").read_text().splitlines()[0])
    (desk / "decisions.jsonl").write_text(json.dumps(line | change))
    said = screen(desk, "--held", desk / "decisions.jsonl")
    assert said.status == 2
    assert "jan@" not in said.err + said.out


def test_circumstances_and_command_must_say_the_same(desk: Path):
    screen(desk, "--circumstances-out", desk / "seen.json")
    seen = ("--circumstances", desk / "seen.json")
    assert screen(desk, *seen).status == 0
    assert screen(desk, *seen, "--purpose", "victim-notification").status == 2
    assert screen(desk, *seen, "--approved", "0" * 32).status == 2


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_beyond_the_calendar_are_refused(desk: Path, day: str):
    assert screen(desk, on=day).status == 2


def test_telling_writes_for_everybody_or_for_nobody(desk: Path):
    """The second partner's agreement does not compile: the first partner is not told either."""
    agreements = desk / "agreements"
    agreements.mkdir()
    for path in AGREEMENTS.glob("*.yaml"):
        text = path.read_text()
        if path.name == "ee-jp-csirt.yaml":
            text = text.replace('digest: "sha256:', 'digest: "sha256:00', 1)
        (agreements / path.name).write_text(text)
    said = prompt("tell", desk / "material.json", "--agreements", agreements, "--from", "cert-ee", "--on", "2026-11-23")
    assert said.status == 2
    assert not (desk / "material.json.told").exists()


def test_telling_again_leaves_no_bundle_of_yesterday(desk: Path):
    tell = ("--agreements", AGREEMENTS, "--from", "cert-ee", "--on", "2026-11-23", "--out", desk / "told")
    assert prompt("tell", desk / "material.json", *tell).status == 0
    assert (desk / "told" / "cert-br.json").exists()
    file_of(desk, {**MALWARE, "object_marking_refs": [RED]})
    assert prompt("tell", desk / "material.json", *tell).status == 3
    assert not (desk / "told" / "cert-br.json").exists()

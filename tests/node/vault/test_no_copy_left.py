"""What was deleted is in no file: not in the database, its log or the keys; nor does yesterday's copy open (A78, A79).

Each verb runs in a process of its own on a node's folder of its own, and ends without closing its databases, so that
their write-ahead logs stay where they are. SQLite; `test_no_key_left_postgresql` has the other.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from node_folder import CONFIG

from comity.node.keyring import make_keyring
from comity.node.vault.sealed import unlock

TESTS = Path(__file__).parents[2]
BEGAN, LATER, OVER = "2026-11-23T10:00:00+00:00", "2026-11-24T10:00:00+00:00", "2026-12-24T10:00:00+00:00"
PLANTED = ["a", "b", "c"]
STAYING = ["d", "e"]


def run(folder: Path, verb: str, now: str = BEGAN, *names: str) -> Any:
    code = Path(__file__).with_name("keeper.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, str(code), str(folder), verb, now, *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "node"
    folder.mkdir()
    (folder / "comity.toml").write_text(CONFIG.format(database="sqlite", keys_database="sqlite"))
    (folder / "clock").write_text("2026-11-23T10:00:00Z\n")
    make_keyring(folder / "keys")
    run(folder, "make")
    digests = run(folder, "keep", BEGAN, *PLANTED, *STAYING)
    (folder.parent / "digests").write_text(json.dumps(digests))
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "node")
    return tmp_path / "node"


def look(folder: Path, database: str, question: str) -> list[tuple[Any, ...]]:
    """Ask a copy, so that no log of the original is copied back by our asking."""
    copy = folder.parent / f"look-{database}"
    shutil.copytree(folder, copy)
    with sqlite3.connect(copy / database) as connection:
        rows = connection.execute(question).fetchall()
    connection.close()
    shutil.rmtree(copy)
    return rows


def secrets_of(folder: Path, names: Iterable[str]) -> dict[str, list[bytes]]:
    """Everything that a copy of these holdings could be known by, or opened with."""
    ids = ", ".join(f"'indicator--{name}'" for name in names)
    question = "SELECT b.id, b.sealed, h.digest FROM vault_box b JOIN vault_holding h ON h.box_id = b.id"
    rows = look(folder, "node.sqlite3", f"{question} WHERE h.object_id IN ({ids})")
    keys = dict(look(folder, "keys.sqlite3", "SELECT box_id, wrapped FROM vault_boxkey"))
    sealing = (folder / "keys" / "sealing.key").read_bytes()
    return {
        "content": [f"planted-{name}".encode() for name in names],
        "sealed": [sealed[12:] for _, sealed, _ in rows],
        "digest": [digest.encode() for *_, digest in rows],
        "wrapped": [keys[box][12:] for box, *_ in rows],
        "key": [unlock(sealing, keys[box], UUID(box).bytes) for box, *_ in rows],
    }


def found(folder: Path, needles: dict[str, list[bytes]]) -> dict[str, int]:
    """How many of each kind are in any file below the folder."""
    files = [file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()]
    counts = {kind: sum(any(one in data for data in files) for one in ones) for kind, ones in needles.items()}
    return {kind: count for kind, count in counts.items() if count}


def logs(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in folder.glob("*-wal")}


def test_before_deletion_content_is_there_sealed_and_no_key_is_in_the_clear(folder):
    needles = secrets_of(folder, PLANTED)
    assert all(len(ones) == len(PLANTED) for ones in needles.values())
    assert found(folder, needles) == {"sealed": 3, "digest": 3, "wrapped": 3}
    assert logs(folder)["node.sqlite3-wal"] > 0


def test_after_deletion_nothing_of_it_is_in_any_file(folder):
    needles = secrets_of(folder, PLANTED)
    assert run(folder, "delete", LATER, *PLANTED) == 3
    assert found(folder, needles) == {}
    assert found(folder, secrets_of(folder, STAYING)) == {"sealed": 2, "digest": 2, "wrapped": 2}


def test_after_expiry_and_a_sweep_nothing_is_left_at_all(folder):
    needles = secrets_of(folder, [*PLANTED, *STAYING])
    swept = run(folder, "sweep", OVER)
    assert (swept["holdings"], swept["scrubbed"]) == (5, True)
    assert found(folder, needles) == {}


def test_a_new_process_reads_what_is_left_and_nothing_else(folder):
    """Attack A82."""
    run(folder, "delete", LATER, *PLANTED)
    assert run(folder, "read") == {f"indicator--{name}": f'{{"secret":"planted-{name}"}}' for name in STAYING}


def test_yesterdays_copy_does_not_open_with_todays_keys(folder, tmp_path):
    """Keys have a backup life of their own, and a backup of the rest opens no more than they allow."""
    yesterday = tmp_path / "yesterday"
    shutil.copytree(folder, yesterday)
    run(folder, "delete", LATER, *PLANTED)
    for file in folder.glob("node.sqlite3*"):
        file.unlink()
    for file in yesterday.glob("node.sqlite3*"):
        shutil.copy(file, folder)
    read = run(folder, "read")
    assert {name for name, content in read.items() if content == "unreadable"} == {f"indicator--{n}" for n in PLANTED}
    assert {read[f"indicator--{name}"] for name in STAYING} == {f'{{"secret":"planted-{name}"}}' for name in STAYING}

    swept = run(folder, "sweep", LATER)
    assert (swept["finished"], swept["keyless"]) == (3, 0)
    assert set(run(folder, "read")) == {f"indicator--{name}" for name in STAYING}


def test_the_copy_itself_would_open_with_its_own_keys(folder, tmp_path):
    """So that the test before this one shows what it says."""
    yesterday = tmp_path / "yesterday"
    shutil.copytree(folder, yesterday)
    run(folder, "delete", LATER, *PLANTED)
    assert "unreadable" not in run(yesterday, "read").values()


@pytest.mark.parametrize("database", ["node.sqlite3", "keys.sqlite3"])
@pytest.mark.slow
def test_while_somebody_reads_the_old_state_the_log_stays_and_the_next_sweep_cuts_it(folder, database):
    needles = secrets_of(folder, PLANTED)
    reader = sqlite3.connect(folder / database, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute(
        "SELECT count(*) FROM django_migrations" if database[0] == "n" else "SELECT count(*) FROM vault_boxkey"
    )
    run(folder, "delete", LATER, *PLANTED)
    assert run(folder, "sweep", LATER)["scrubbed"] is False
    left = {"sealed", "digest"} if database[0] == "n" else {"wrapped"}
    assert set(found(folder, needles)) == left
    reader.execute("COMMIT")
    assert run(folder, "sweep", LATER)["scrubbed"] is True
    reader.close()
    assert found(folder, needles) == {}


def test_without_secure_delete_the_test_would_find_what_is_left(folder):
    """SQLite leaves deleted bytes in its pages unless told otherwise: the search sees them."""
    needles = secrets_of(folder, PLANTED)
    with sqlite3.connect(folder / "node.sqlite3", isolation_level=None) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM vault_box WHERE id IN (SELECT box_id FROM vault_holding)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert found(folder, needles)["sealed"] > 0

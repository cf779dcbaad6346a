"""On PostgreSQL a destroyed key leaves its table's file with the sweep; content without its key is noise (A78, A79)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from comity.node.databases import KEYS
from comity.node.vault import actions
from comity.node.vault.models import Box, BoxKey

from .kept import keep


@pytest.fixture
def tables(node_live) -> Path:
    """The folder of the server's tables, where it is a server of this machine's and its files may be read."""
    connection = connections[KEYS]
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's files are looked into by test_no_copy_left")
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        folder = Path(cursor.fetchone()[0]) / "base"
    try:
        next(folder.iterdir())
    except OSError:
        pytest.skip(f"the server's files in {folder} cannot be read from here")
    return folder


def found(folder: Path, needles: list[bytes]) -> int:
    """How many of them are in any table's file, after the server wrote out what it had in memory."""
    for alias in ("default", KEYS):
        with connections[alias].cursor() as cursor:
            cursor.execute("CHECKPOINT")
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return sum(any(needle in data for data in files) for needle in needles)


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Somebody reads the keys as they are now."""
    other = connections[KEYS].copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM vault_boxkey")
            yield
        other.rollback()
    finally:
        other.close()


def wrapped(boxes: list[object]) -> list[bytes]:
    return [bytes(row.wrapped) for row in BoxKey.objects.filter(box_id__in=boxes)]


def test_after_the_sweep_no_table_holds_a_destroyed_key(node_live, tables):
    going, staying = [keep(node_live, name) for name in "abc"], [keep(node_live, name) for name in "de"]
    gone, left = wrapped([one.box_id for one in going]), wrapped([one.box_id for one in staying])
    assert found(tables, gone) == 3
    actions.delete(going, "retraction", node_live.now)
    assert found(tables, gone) == 3, "a plain update leaves the old row in its page"
    assert actions.sweep(node_live.now).scrubbed
    assert found(tables, gone) == 0
    assert found(tables, left) == 2
    boxes = Box.objects.filter(holding__in=staying)
    assert len(actions.opened_many(boxes)) == 2


def test_what_remains_until_the_servers_own_vacuum_is_sealed_and_opens_nowhere(node_live, tables):
    holding = keep(node_live)
    box = Box.objects.get(pk=holding.box_id)
    actions.delete([holding], "retraction", node_live.now)
    actions.sweep(node_live.now)
    assert found(tables, [b"planted-a"]) == 0
    assert found(tables, [bytes(box.sealed)]) == 1
    with pytest.raises(actions.Unreadable):
        actions.opened(box)


def test_whoever_writes_in_another_database_of_the_server_is_waited_for(node_live, tables):
    """The server's own snapshot minds them, and would keep what a plain look at this database's readers calls gone."""
    going = keep(node_live)
    key = wrapped([going.box_id])
    other = connections["default"].copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        actions.delete([going], "retraction", node_live.now)
        assert not actions.sweep(node_live.now).scrubbed
        other.rollback()
    finally:
        other.close()
    assert actions.sweep(node_live.now).scrubbed
    assert found(tables, key) == 0


def test_while_somebody_reads_the_old_state_it_waits_for_the_next_sweep(node_live, tables):
    """A dump of the keys in progress still needs the old rows."""
    actions.delete([keep(node_live)], "retraction", node_live.now)
    with reading():
        assert not actions.sweep(node_live.now).scrubbed
    assert actions.sweep(node_live.now).scrubbed

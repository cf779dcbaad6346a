"""`comity node work`: what is due is done, by several workers side by side, and through every fault of the machine."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import on_postgresql
import pytest
from node.due.killed import counted, kill, move, nursery, plant, start, stop, until_done
from node.running.places import SERVER, Place, init, until

from comity.node import clock

pytestmark = pytest.mark.slow  # processes of their own

AT = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
YESTERDAY, TOMORROW = "2026-11-22 10:00:00Z", "2026-11-24 10:00:00Z"


def everything(count: int) -> list[str]:
    return sorted(f"{name}/{step}" for name in range(count) for step in (1, 2, 3))


def test_the_command_works_until_sigterm(place: Place):
    process = place.start("work")
    process.until_said("working")
    assert process.end() == 0
    assert process.said("stopped working")


def test_two_workers_of_two_threads_do_each_piece_once(place: Place):
    plant(place, 30)
    workers = [nursery(place), nursery(place)]
    pids = [start(one) for one in workers]
    found = until_done(place)
    for one, pid in zip(workers, pids, strict=True):
        stop(one, pid)
    assert found.effects == sorted(found.tries) == everything(30)


def test_a_clock_that_loses_its_zone_stops_the_work_and_not_the_worker(place: Place):
    plant(place, 3)
    move(place, TOMORROW)
    workers = nursery(place)
    pid = start(workers)
    place.clock.write_text("2026-11-23T10:00:00\n", encoding="ascii")
    workers.until_said("no work is done")
    [said] = workers.said("no work is done")[:1]
    assert said["error"] == "BadClock"
    assert "does not hold one instant with its zone" in str(said["why"])
    assert "write one instant with its zone" in str(said["do"])
    clock.set_file(place.clock, AT + 2 * DAY)
    assert until_done(place).effects == everything(3)
    stop(workers, pid)


def test_a_clock_that_goes_back_is_said_and_what_is_due_is_done_all_the_same(place: Place):
    workers = nursery(place)
    pid = start(workers)
    clock.set_file(place.clock, AT - 30 * DAY)
    workers.until_said("the business clock went back")
    plant(place, 3)
    assert until_done(place).effects == everything(3)
    stop(workers, pid)


@pytest.mark.skipif(SERVER != "sqlite", reason="the disk is the server's")
def test_a_full_disk_is_said_and_nothing_is_lost(place: Place):
    plant(place, 40, "bulky")
    workers = nursery(place, most_bytes=(place.folder / "node.sqlite3").stat().st_size + 500_000)
    pid = start(workers)
    until(lambda: bool(workers.said("no work is done") or workers.said("due work failed")))
    kill(workers, pid)
    halfway = counted(place)
    assert 0 < len(halfway.effects) < 40
    assert halfway.still > 0
    move(place, YESTERDAY)
    workers = nursery(place)
    pid = start(workers)
    assert len(until_done(place).effects) == 40
    stop(workers, pid)


@pytest.mark.skipif(SERVER != "sqlite", reason="the files are SQLite's")
def test_a_database_that_is_moved_away_and_put_back_has_all_of_it(place: Place):
    plant(place, 10)
    move(place, TOMORROW)
    workers = nursery(place)
    pid = start(workers)
    file = place.folder / "node.sqlite3"
    file.rename(file.with_name("away"))
    said = place.comity("status")
    assert (said.status, "node.sqlite3 is not there" in said.out) == (1, True)
    clock.set_file(place.clock, AT + 2 * DAY)  # who has it open goes on
    assert not file.exists()
    file.with_name("away").rename(file)
    assert until_done(place).effects == everything(10)
    stop(workers, pid)


@contextlib.contextmanager
def stoppable_server() -> Iterator[tuple[str, list[object], str | None]]:
    """A PostgreSQL server of this test's own: its URL, the command that stops or starts it, and who runs it."""
    initdb = on_postgresql.find("initdb")
    if initdb is None:
        pytest.skip("no PostgreSQL server is installed here: nobody saw whether a worker outlives its database")
    with tempfile.TemporaryDirectory(prefix="comity-pg-") as name:
        folder, port, who = Path(name), on_postgresql.free_port(), on_postgresql.unprivileged()
        if who is not None:
            os.chown(folder, on_postgresql.pwd.getpwnam(who).pw_uid, -1)
        binaries, data = Path(initdb).parent, folder / "data"
        on_postgresql.run([initdb, "-D", data, "-U", "comity", "-A", "trust", "-E", "UTF8", "--no-sync"], who)
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
        control: list[object] = [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options]
        on_postgresql.run([*control, "start"], who)
        try:
            yield f"postgresql://comity@127.0.0.1:{port}", control, who
        finally:
            on_postgresql.run([*control, "-m", "immediate", "stop"], who)


@pytest.mark.slow
def test_a_worker_outlives_a_database_server_that_is_stopped_and_started(tmp_path: Path):
    import psycopg

    with stoppable_server() as (url, control, who):
        with psycopg.connect(f"{url}/postgres", autocommit=True) as server:
            server.execute("CREATE DATABASE node")
            server.execute("CREATE DATABASE keys")
        named = ("--database", f"{url}/node", "--keys-database", f"{url}/keys")
        options = ("--development", "--clock-file", tmp_path / "clock", "--authority", tmp_path / "authority")
        assert init(tmp_path / "node", *options, *named).status == 0
        place = Place(folder=tmp_path / "node", authority=tmp_path / "authority", port=0)
        plant(place, 60)
        workers = nursery(place)
        pid = start(workers)
        until(lambda: len(counted(place).effects) > 10)
        on_postgresql.run([*control, "-m", "immediate", "stop"], who)
        workers.until_said("no work is done", 4)
        said = place.comity("status")
        assert said.status == 1
        assert "the database `default` does not answer (OperationalError)" in said.out
        on_postgresql.run([*control, "start"], who)
        move(place, YESTERDAY)
        assert until_done(place).effects == everything(60)
        stop(workers, pid)
        place.end()

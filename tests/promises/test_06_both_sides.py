"""Promise 6 on both sides of a border: two real nodes, each with its processes, databases and keys; TLS between them.

Something is taken back, something's time is over, and then the agreement is. Each time it is gone at the origin and at
the partner, the partner has proved it, and neither's files of today nor its copy of yesterday give it back. Files are
SQLite's; with PostgreSQL `test_06_what_came_on_terms` looks into the server's.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.node.exchange.client.two_nodes import Nation, two_nodes
from tests.node.running.places import SERVER, clean, until
from tests.node.world import BR, Content, bundle, indicator, sdo

from promises.traces import found

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER != "sqlite", reason="it searches SQLite's files: see test_06_what_came_on_terms"),
]

BEGAN = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SUNSET = dt.datetime(2028, 1, 1, 0, 1, tzinfo=dt.UTC)  # the annex ends with the last day of 2027
PLANTED = {  # what goes with each of three releases, by when it is to leave
    "taken back": ("taavi.tamm@kannatanu.example", "planted-error.attacker.example"),
    "half a year": ("mari.maasikas@kannatanu.example", "planted-c2.attacker.example"),
    "sunset": ("planted flaw in the pump controller",),
}


def material(when: str) -> list[Content]:
    if when == "sunset":
        return [sdo("vulnerability", when, name="CVE-2026-0451", description=PLANTED[when][0])]
    mail, host = PLANTED[when]
    c2 = indicator(when, pattern=f"[domain-name:value = '{host}']")
    return [c2, sdo("note", when, content=f"The victim is {mail}.", object_refs=[c2["id"]])]


@dataclass
class Border:
    """The two, the clock that both read, and where their copies of yesterday are."""

    folder: Path
    ee: Nation
    br: Nation

    @property
    def both(self) -> tuple[Nation, Nation]:
        return self.ee, self.br

    def now(self, at: dt.datetime) -> None:
        """Business time at both."""
        file = self.folder / "clock.new"
        file.write_text(f"{at:%Y-%m-%dT%H:%M:%SZ}\n", encoding="ascii")
        file.replace(self.folder / "clock")

    def send(self, when: str) -> None:
        file = self.folder / "incident.json"
        file.write_bytes(bundle(material(when)))
        counts = self.ee.do("send", file, BR)
        assert counts["permit"] == len(material(when)), counts
        file.unlink()

    def copy(self) -> dict[str, Path]:
        """As a backup of the database does it, which has no keys; the write-ahead log goes with it."""
        for nation in self.both:
            to = self.folder / "yesterday" / nation.party
            shutil.rmtree(to, ignore_errors=True)
            to.mkdir(parents=True)
            for file in nation.place.folder.glob("node.sqlite3*"):
                shutil.copy(file, to)
        return {nation.party: self.folder / "yesterday" / nation.party for nation in self.both}

    def proved(self) -> int:
        """Objects of ours of which the partner proved that it deleted them."""
        ((count,),) = self.ee.place.sql("SELECT count(*) FROM border_shelved WHERE deleted_there_at IS NOT NULL")
        return int(count)

    def until_left(self, held: int, proved: int) -> None:
        """Until so many are left at the partner, and so many are proved to be gone there."""
        self.br.until(held=held, undelivered=0)
        until(lambda: self.proved() == proved)

    def scrubbed(self) -> None:
        """Until both have seen to it that no file holds a destroyed key any more."""
        for nation in self.both:
            until(lambda node=nation: unscrubbed(node) == 0)


def unscrubbed(nation: Nation) -> int:
    """How many destroyed keys may be in a file yet. A copy is asked: who reads the database keeps its log as it is."""
    copied = nation.place.folder.parent / "look"
    shutil.rmtree(copied, ignore_errors=True)
    copied.mkdir()
    for file in nation.place.folder.glob("keys.sqlite3*"):
        shutil.copy(file, copied)
    connection = sqlite3.connect(copied / "keys.sqlite3")
    try:
        question = "SELECT count(*) FROM vault_boxkey WHERE destroyed_at IS NOT NULL AND NOT scrubbed"
        return int(connection.execute(question).fetchone()[0])
    finally:
        connection.close()


def values(*whens: str) -> list[str]:
    return [value for when in whens for value in PLANTED[when]]


def in_clear(folders: Iterable[Path]) -> list[str]:
    """Planted values in any file of these folders, in any form."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return found(values(*PLANTED), [(str(path), path.read_bytes()) for path in paths])


def opens(nation: Nation, copy: Path) -> dict[str, int]:
    """Yesterday's database with today's keys, opened by the node's own code in a process of its own."""
    command = [sys.executable, "-m", "comity.demo.nations.old_copy", str(nation.place.folder), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean({}))
    assert done.returncode == 0, done.stderr[-2000:]
    counted: dict[str, int] = json.loads(done.stdout)
    return counted


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    with two_nodes(tmp_path) as (ee, br):
        for nation in (ee, br):
            nation.serve()
            nation.work()
        ee.until(met=1)
        br.until(met=1)
        yield Border(tmp_path, ee, br)


def test_what_crossed_leaves_both_sides_with_proof_and_no_copy_gives_it_back(border: Border) -> None:
    ee, br = border.both
    folders = [nation.place.folder for nation in border.both]
    for when in ("half a year", "sunset", "taken back"):  # the last one is what `withdraw` takes
        border.send(when)
    br.until(held=7, open=0)  # five objects, the marking, and our identity
    ee.until(complete=4, published=4)
    assert in_clear(folders) == [], "sealed on both sides, from the first day"

    def left(copies: dict[str, Path], *, over: bool = False) -> None:
        border.scrubbed()
        assert in_clear([*folders, *copies.values()]) == []
        for nation in border.both:
            now = opens(nation, copies[nation.party])
            assert now["unreadable"] > 0, "what has left"
            assert over or now["readable"] > 0, "what is held beside it"

    yesterday = border.copy()
    assert [opens(nation, yesterday[nation.party])["unreadable"] for nation in border.both] == [0, 0]
    assert ee.do("withdraw", BR) == 1
    border.until_left(held=5, proved=2)
    ee.until(unanswered=0)
    left(yesterday)

    yesterday = border.copy()
    border.now(BEGAN + 181 * DAY)
    border.until_left(held=3, proved=4)
    left(yesterday)

    yesterday = border.copy()
    border.now(SUNSET)
    border.until_left(held=0, proved=7)
    left(yesterday, over=True)
    assert [nation.state()["paused"] for nation in border.both] == [[], []]

"""`comity demo`: three nodes in processes of their own tell their story to the end, and leave nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.demo.nations import CHAPTERS

pytestmark = pytest.mark.slow  # each starts six processes and more

COMITY = [sys.executable, "-m", "comity"]
# The same program, with a ledger that somebody has written into: an entry says another thing than was signed.
TAMPERED = """
import sqlite3
import comity.demo.nations as nations
from comity.cli import main
from comity.demo.nations.chapters import agreed, verified

def edit(world):
    with sqlite3.connect(world.origin.folder / "node.sqlite3") as database:
        database.execute("UPDATE journal_entry SET event = 'people:person:closed' WHERE \\"index\\" = 1")
    database.close()
    return verified(world)

nations.CHAPTERS = (agreed, edit)
main()
"""


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Where the demo makes its folder: whatever runs for it has this path among its arguments."""
    yield tmp_path
    for process in running(tmp_path):
        os.kill(process, signal.SIGKILL)


def environment(temporary: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(temporary), "COLUMNS": "80", "PYTHONUTF8": "1"}


def run(command: list[str], temporary: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment(temporary), timeout=300)


def running(temporary: Path) -> list[int]:
    """The processes that were started for a folder under this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if str(temporary).encode() in arguments and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def test_three_nations_exchange_prove_it_and_delete(temporary: Path):
    """What `make demo` runs; in 80 columns and without colour."""
    result = run([*COMITY, "demo"], temporary)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.stdout
    assert "✗" not in result.stdout
    assert result.stdout.count("✓ yes") >= 17
    assert re.findall(r"(?m)^([0-9])\. .* ─+$", result.stdout) == [str(n) for n in range(1, len(CHAPTERS) + 1)]
    assert result.stdout.rstrip().endswith("All of it held.")
    assert running(temporary) == []
    assert list(temporary.iterdir()) == []


def test_a_ledger_that_was_written_into_fails_it(temporary: Path):
    """The exit status is that of what was shown."""
    result = run([sys.executable, "-c", TAMPERED, "demo", "--json"], temporary)
    assert result.returncode != 0, result.stdout[-4000:]
    assert "All of it held" not in result.stdout
    assert "Traceback" not in result.stderr
    assert running(temporary) == []


def test_stopped_halfway_it_stops_its_nodes(temporary: Path):
    demo = subprocess.Popen(
        [*COMITY, "demo", "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(temporary)
    )
    try:
        wait(lambda: len(running(temporary)) >= 6)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) != 0
    finally:
        demo.kill()
    assert running(temporary) == []


def wait(for_: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not for_():
        assert time.monotonic() < deadline
        time.sleep(0.2)

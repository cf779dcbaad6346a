"""Real nodes for tests: folders made by `comity node init`, and processes that are a node's.

One is made a run, and copied; with PostgreSQL its databases are copied too. Fixtures: `place`; see `conftest`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from comity.node.config import read_config

TESTS = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("COMITY_TEST_DATABASE", "sqlite")
COMITY = (sys.executable, "-c", "from comity.cli import main; main()")
NOWHERE = "/there-is-no-such-page"
PATIENCE = 120.0  # seconds until what has to happen is given up; nothing here measures time


@dataclass(frozen=True, slots=True)
class Said:
    """What a command came to."""

    status: int
    out: str
    err: str


def comity(*arguments: object, **environment: str) -> Said:
    """`comity ARGUMENTS`, as a process of its own."""
    done = subprocess.run(
        [*COMITY, *map(str, arguments)], capture_output=True, text=True, check=False, env=clean(environment)
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def clean(environment: dict[str, str]) -> dict[str, str]:
    """This process's environment without the node that its own tests are about."""
    own = {name: value for name, value in os.environ.items() if name not in ("COMITY_NODE", "DJANGO_SETTINGS_MODULE")}
    return {**own, "PYTHONPATH": str(TESTS), "COLUMNS": "200", "NO_COLOR": "1", **environment}


@dataclass
class Process:
    """A process of a node that was started here, and is ended here."""

    running: subprocess.Popen[bytes]
    log: Path

    @property
    def lines(self) -> list[dict[str, object]]:
        """What it logged so far."""
        whole = (line for line in self.log.read_text(encoding="utf-8").splitlines(keepends=True) if line[-1:] == "\n")
        return [json.loads(line) for line in whole if line.startswith("{")]

    def said(self, event: str) -> list[dict[str, object]]:
        return [line for line in self.lines if line["event"] == event]

    def until_said(self, event: str, times: int = 1) -> None:
        until(lambda: len(self.said(event)) >= times or self._ended(event))

    def _ended(self, event: str) -> bool:
        assert self.running.poll() is None, f"it ended before it said {event!r}:\n{self.log.read_text('utf-8')}"
        return False

    def end(self, by: int = signal.SIGTERM, *, group: bool = False) -> int:
        """Its exit status. `group`: as a terminal or a supervisor does it, to all its processes at once."""
        (os.killpg if group else os.kill)(self.running.pid, by)
        return self.running.wait(PATIENCE)


@dataclass
class Place:
    """A node's folder."""

    folder: Path
    authority: Path
    port: int
    processes: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def clock(self) -> Path:
        return self.folder / "clock"

    def comity(self, *arguments: object) -> Said:
        """`comity node ARGUMENTS --folder` this one."""
        return comity("node", *arguments, "--folder", self.folder)

    def start(self, *arguments: object) -> Process:
        """`comity node ARGUMENTS`, left running."""
        return self._started([*COMITY, "node", *map(str, arguments), "--folder", str(self.folder)])

    def run(self, program: str, *arguments: object, most_bytes: int | None = None) -> Process:
        """`tests/node/PROGRAM.py FOLDER ARGUMENTS`, left running; no file of it may become larger than `most_bytes`."""
        command = self._program(program, *arguments)
        return self._started(command if most_bytes is None else full_disk(most_bytes, command))

    def _program(self, program: str, *arguments: object) -> list[str]:
        return [sys.executable, str(TESTS / "node" / f"{program}.py"), str(self.folder), *map(str, arguments)]

    def _started(self, command: list[str]) -> Process:
        log = self.folder.with_name(f"{self.folder.name}-{len(self.processes)}.log")
        with log.open("wb") as file:
            running = subprocess.Popen(
                command, env=clean({}), stdout=file, stderr=file, stdin=subprocess.PIPE, start_new_session=True
            )
        self.processes.append(Process(running, log))
        return self.processes[-1]

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Straight to its first database, from outside; committed. The rows, where it gives any."""
        config = read_config(self.folder)
        if config.database == "sqlite":
            connection = sqlite3.connect(
                f"{(self.folder / 'node.sqlite3').as_uri()}?mode=rw", uri=True, timeout=PATIENCE
            )
            with contextlib.closing(connection), connection:
                return connection.execute(statement).fetchall()
        import psycopg

        with psycopg.connect(config.database, autocommit=True) as server:
            done = server.execute(statement)
            return done.fetchall() if done.description else []

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority / "certificate.pem"))

    def get(self, path: str = NOWHERE) -> int:
        """The status of a real HTTPS request."""
        try:
            with urllib.request.urlopen(self.url + path, context=self.trust(), timeout=PATIENCE) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def until_served(self, process: Process) -> None:
        def answers() -> bool:
            assert process.running.poll() is None, process.log.read_text("utf-8")
            try:
                return self.get() > 0
            except OSError:
                return False

        until(answers)

    def end(self) -> None:
        for process in self.processes:
            if process.running.poll() is None:
                os.killpg(process.running.pid, signal.SIGKILL)
            process.running.wait()
            if process.running.stdin:
                process.running.stdin.close()


def full_disk(most_bytes: int, command: list[str]) -> list[str]:
    """The same command, for which a disk is full when a file has this size (RLIMIT_FSIZE)."""
    limit = "import os, resource, sys; most = int(sys.argv[1]); resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))"
    return [sys.executable, "-c", f"{limit}; os.execv(sys.argv[2], sys.argv[2:])", str(most_bytes), *command]


def until(holds: Callable[[], bool]) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def init(folder: Path, *options: object, party: str = "cert-ee", port: int | None = None) -> Said:
    """`comity node init`, with databases of its own where the tests run on a server."""
    url = f"https://127.0.0.1:{port or free_port()}"
    base = ("node", "init", folder, "--party", party, "--name", party.upper())
    given = base if "--url" in options else (*base, "--url", url)
    return comity(*given, *options)


@contextlib.contextmanager
def databases(template: tuple[str, str] | None = None) -> Iterator[tuple[str, str] | None]:
    """Two databases of the server that the tests run on, as URLs; None where they run on SQLite."""
    if SERVER == "sqlite":
        yield None
        return
    import psycopg

    names = [f"place_{uuid.uuid4().hex}" for _ in range(2)]
    like = [url.rpartition("/")[2] for url in template] if template else ["template1", "template1"]
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        for name, model in zip(names, like, strict=True):
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{model}"')
        yield f"{SERVER}/{names[0]}", f"{SERVER}/{names[1]}"
        for name in names:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


Model = tuple[Path, tuple[str, str] | None, int]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    """A node that is never started, its databases, and its port: what places are copies of."""
    folder, port = tmp_path_factory.mktemp("model"), free_port()
    (folder / "clock").write_text("2026-11-23T10:00:00Z\n", encoding="ascii")
    with databases() as urls:
        named = ("--database", urls[0], "--keys-database", urls[1]) if urls else ()
        options = ("--development", "--authority", folder / "authority", "--clock-file", folder / "clock", *named)
        said = init(folder / "node", *options, port=port)
        assert said.status == 0, said.err
        yield folder, urls, port


@contextlib.contextmanager
def copied(model: Model, folder: Path) -> Iterator[Place]:
    """A node of one's own in this folder, with a clock of its own. What it started is ended."""
    source, urls, port = model
    made = Place(folder=folder / "node", authority=source / "authority", port=free_port())
    shutil.copytree(source / "node", made.folder)
    text = (made.folder / "comity.toml").read_text("utf-8")
    text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{made.port}").replace(str(source / "clock"), "clock")
    shutil.copy(source / "clock", made.clock)
    with databases(urls) as own:
        for old, new in zip(urls or (), own or (), strict=True):
            text = text.replace(f'"{old}"', f'"{new}"')
        (made.folder / "comity.toml").write_text(text, encoding="utf-8")
        try:
            yield made
        finally:
            made.end()


@pytest.fixture
def place(model: Model, tmp_path: Path) -> Iterator[Place]:
    with copied(model, tmp_path) as made:
        yield made

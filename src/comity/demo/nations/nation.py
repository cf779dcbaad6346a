"""One nation's node: a folder, a process that serves, a process that works. Made and run by `comity node` alone."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comity.canon import InputError
from comity.demo.nations.stopwatch import Stopwatch

PATIENCE = 30.0  # seconds for a node to answer after it was started
VISITS = 1  # seconds between visits to each partner, so that nobody who watches waits
DATABASES = ("node.sqlite3", "keys.sqlite3")


class NotStarted(InputError):
    what = "the node of {party} did not start"
    why = "{reason}"
    do = "read {log}; run `comity node status --folder {folder}`"


@dataclass
class Nation:
    """See the module. `port` is free when the nation is made, and its node's from then on."""

    folder: Path
    party: str
    name: str
    port: int
    pinned: str = ""  # the public key that agreements pin
    log: str = ""  # verifier key of its log
    witness: str = ""
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def trust(self) -> Path:
        return self.folder / "tls" / "authority.pem"

    def make(self, *, authority: Path, clock: Path) -> None:
        """`comity node init`."""
        made = self.run(
            "init", str(self.folder), "--party", self.party, "--name", self.name, "--url", self.url, "--development",
            "--clock-file", str(clock), "--authority", str(authority), "--json",
        )  # fmt: skip
        self.pinned, self.log, self.witness = made["pinned"], made["log"], made["witness"]
        said = self.folder / "comity.toml"
        said.write_text(f"pull_every = {VISITS}\n{said.read_text(encoding='utf-8')}", encoding="utf-8")

    def enrol(self, username: str, name: str, *roles: str) -> dict[str, Any]:
        """`comity node person`: a password and the secret of their codes, shown once."""
        options = [part for role in roles for part in ("--role", role)]
        return self.run(
            "person", username, "--name", name, *options, "--generate", "--totp", "--folder", str(self.folder), "--json"
        )

    def start(self) -> None:
        """Serve and work, each a process of its own; returns when it answers. Raises: NotStarted."""
        for what in ("serve", "work"):
            with (self.folder / f"{what}.log").open("ab") as log:
                command = [*_COMITY, "node", what, "--folder", str(self.folder)]
                # Our own program, and a folder that the demo made; `run` likewise.
                self.running.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))  # noqa: S603
        self._await()

    def stop(self) -> None:
        """End both; whoever does not listen is killed."""
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)
        self.running.clear()

    def copy(self, to: Path) -> Path:
        """A copy of both databases and what is still in their write-ahead logs: yesterday's backup."""
        to.mkdir(parents=True)
        for name in DATABASES:
            for file in self.folder.glob(f"{name}*"):
                shutil.copy2(file, to / file.name)
        return to

    def files(self) -> list[Path]:
        """Everything that it keeps: databases, logs, keys."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def run(self, *arguments: str) -> dict[str, Any]:
        """A `comity node` command; what it prints as JSON. Raises: NotStarted."""
        done = subprocess.run([*_COMITY, "node", *arguments], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise self._not_started(done.stderr.strip()[-500:])
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def _await(self) -> None:
        waited = Stopwatch()
        while not _listens(self.port):
            if any(process.poll() is not None for process in self.running):
                raise self._not_started("one of its processes ended")
            if waited.seconds > PATIENCE:
                raise self._not_started(f"nothing listens on port {self.port}")
            time.sleep(0.05)

    def _not_started(self, reason: str) -> NotStarted:
        return NotStarted(party=self.party, reason=reason, log=self.folder / "serve.log", folder=self.folder)


_COMITY: Sequence[str] = (sys.executable, "-m", "comity")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]

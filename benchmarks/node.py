"""Benchmarks of a running node: pages read and objects posted, in objects per CPU second of all server processes.

    python benchmarks/node.py [--json] [--objects N]

Three nodes exchange as in the demo. Peers are measured in the same run on the same objects: OpenTAXII 0.10 under
gunicorn (name the folder of its programs in OPENTAXII_BIN), nginx serving the same bytes as a file. What is not there
is skipped, and the table says so. In one process: log entries against SHA-256 of the same leaves, and deletion against
ingest. Only ratios carry over to another machine.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import datetime as dt
import hashlib
import json
import ssl
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table
from serving_peers import Server, nginx, opentaxii

from comity.demo.nations import World
from comity.demo.nations.parley import conclude
from comity.demo.nations.world import BEGINS, ORIGIN, status
from comity.demo.packaged import ANNEXES, Packaged

TAXII = "application/taxii+json;version=2.1"
PAGES = (100, 1000)
SECONDS = 4.0  # wall time of requests for each figure
PARTNER = "cert-br"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def indicators(count: int) -> list[dict[str, Any]]:
    """Indicators of domains, about 500 bytes each; the same every time."""
    found = []
    for number in range(count):
        digest = hashlib.sha256(str(number).encode()).digest()
        found.append({
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid.UUID(bytes=digest[:16], version=4)}",
            "created": "2026-11-01T08:00:00.000Z",
            "modified": "2026-11-01T08:00:00.000Z",
            "name": f"Beacon of campaign {number % 97}",
            "pattern": f"[domain-name:value = '{digest[:8].hex()}.beacon.example']",
            "pattern_type": "stix",
            "valid_from": "2026-11-01T08:00:00Z",
            "indicator_types": ["malicious-activity"],
            "object_marking_refs": [GREEN],
        })  # fmt: skip
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Benchmarks of a running node.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--objects", type=int, default=3000, help="objects posted and read (3000)")
    asked = parser.parse_args(arguments)
    err = Console(stderr=True)
    figures: dict[str, dict[str, float | str]] = {}
    objects = indicators(asked.objects)
    with _exchanging(err) as world:
        err.print("posting to the shelf")
        figures["POST of 1000 to the shelf"] = {"comity": _posted(world, objects)}
        ours = _tool(world)
        for size in PAGES:
            err.print(f"reading pages of {size}")
            figures[f"GET page of {size}"] = {"comity": _read(ours, size)}
        bodies = {size: _page(ours, size) for size in PAGES}
    with opentaxii() as peer:
        figures["POST of 1000 to the shelf"]["OpenTAXII"] = peer if isinstance(peer, str) else _envelopes(peer, objects)
        for size in PAGES:
            figures[f"GET page of {size}"]["OpenTAXII"] = peer if isinstance(peer, str) else _read(peer, size)
    for size in PAGES:
        with nginx(bodies[size]) as limit:
            figures[f"GET page of {size}"]["nginx"] = limit if isinstance(limit, str) else _read(limit, size)
    err.print("entering in the log, keeping and deleting, in one process")
    figures |= _in_process()
    if asked.json:
        print(json.dumps({"objects": asked.objects, "per": "CPU second", "figures": figures}, indent=2))
    else:
        _show(figures)
    return 0


@contextlib.contextmanager
def _exchanging(err: Console) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as folder:
        world = World(folder=Path(folder), packaged=Packaged(), doing=err.print)
        try:
            world.build()
            conclude(world.packaged, {party: world.desk("officer", party) for party in world.nations})
            world.until("the log is witnessed", lambda: status(world, ORIGIN), lambda log: bool(log["fresh"]))
            yield world
        finally:
            world.stop()


class NotDelivered(Exception):
    """What is to be timed did not happen."""


def _sessions(world: World) -> tuple[int, ...]:
    return tuple(process.pid for process in world.origin.running)


def _posted(world: World, objects: list[dict[str, Any]]) -> float:
    """Submitted, decided, billed, logged, witnessed, and readable by the partner: server and worker of the sender."""
    node = Server("comity", "", {}, _sessions(world))
    began, analyst = node.cpu(), world.desk("analyst")
    for at in range(0, len(objects), 1000):
        bundle = {"type": "bundle", "id": f"bundle--{uuid.UUID(int=at, version=4)}", "objects": objects[at : at + 1000]}
        submission = analyst.send("/api/submissions", json.dumps(bundle).encode(), "bundle")
        analyst.post(f"/api/submissions/{submission['id']}/submit", to=[PARTNER], purpose="threat-detection")
        releases = world.delivered(submission["id"])
        if not releases or not all(one["complete_at"] for one in releases):
            raise NotDelivered(f"{submission['id']} is not with the partner")
    return len(objects) / (node.cpu() - began)


def _tool(world: World) -> Server:
    """The partner's tool, by Basic, at the collection with the material."""
    admin, ends = world.desk("admin"), (BEGINS + dt.timedelta(days=30)).isoformat()
    secret = admin.post("/api/tools", partner=PARTNER, scheme="basic", username="bench", ends=ends)["secret"]
    admin.post("/api/tools/bench/enable")
    token = base64.b64encode(f"bench:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    trust = world.origin.trust.read_text(encoding="ascii")
    server = Server("comity", f"{world.origin.url}/exchange/collections/", headers, _sessions(world)[:1], trust)
    with _client(server) as client:
        listed = client.get(server.url).json()["collections"]
    material = next(one for one in listed if one["can_read"] and one["title"].startswith(ANNEXES[PARTNER]))
    return replace(server, url=f"{server.url}{material['id']}/objects/")


def _client(server: Server, **headers: str) -> httpx2.Client:
    verify = ssl.create_default_context(cadata=server.trust) if server.trust else False
    headers = {"Accept": TAXII, **server.headers, **headers}
    return httpx2.Client(headers=headers, timeout=60, trust_env=False, verify=verify)


def _page(server: Server, size: int) -> bytes:
    with _client(server) as client:
        return client.get(server.url, params={"limit": size}).raise_for_status().content


def _read(server: Server, size: int) -> float:
    """Pages of one size over and over, by one client that keeps its connection."""
    with _client(server) as client:
        there = len(client.get(server.url, params={"limit": size}).raise_for_status().json()["objects"])
        if there != size:
            raise RuntimeError(f"{server.name} gives {there} objects where {size} were asked for")
        began, until, pages = server.cpu(), time.monotonic() + SECONDS, 0
        while time.monotonic() < until:
            client.get(server.url, params={"limit": size}).raise_for_status()
            pages += 1
        return pages * size / (server.cpu() - began)


def _envelopes(server: Server, objects: list[dict[str, Any]]) -> float:
    began = server.cpu()
    with _client(server, **{"Content-Type": TAXII}) as client:
        for at in range(0, len(objects), 1000):
            client.post(server.url, content=json.dumps({"objects": objects[at : at + 1000]})).raise_for_status()
    return len(objects) / (server.cpu() - began)


def _in_process() -> dict[str, dict[str, float | str]]:
    """In a process that is a node of its own (see `node_rows`)."""
    command = [sys.executable, str(Path(__file__).with_name("node_rows.py"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, float | str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _show(figures: dict[str, dict[str, float | str]]) -> None:
    console = Console()
    table = Table("", "comity", "beside it", "", "ratio", title="units per CPU second")
    for name, row in figures.items():
        ours = row["comity"]
        for other, value in row.items():
            if other == "comity":
                continue
            if isinstance(value, str) or isinstance(ours, str):
                table.add_row(name, _figure(ours), other, "skipped", str(value))
            else:
                table.add_row(name, _figure(ours), other, _figure(value), f"{ours / value:.3g}")
    console.print(table)
    console.print(
        "comity over TLS with Basic, every page through the door and into the ledger, each object unsealed; OpenTAXII "
        "over plain HTTP with a bearer token; nginx over plain HTTP, from a file. A POST of ours is read, searched, "
        "decided, sealed, billed, signed, logged and witnessed, and read by the partner.",
    )


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.0f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

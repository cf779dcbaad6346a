"""Two real nodes, each with its own processes, databases and keys, that reach each other over TLS on loopback."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.node.running.places import TESTS, Place, Process, clean, databases, free_port, init, until
from tests.node.world import BASELINE, BR, EE_BR, US, bundle, indicator, written, written_keys

from comity.agreement import gather, parse, sign, write_signatures
from comity.node.config import read_config
from comity.node.keyring import read_keyring

EVERY = 1  # seconds between visits


@dataclass
class Nation:
    """One of the two."""

    party: str
    place: Place

    def do(self, *arguments: object) -> Any:
        """A verb of `doing`, at the node's own machine."""
        program = TESTS / "node" / "exchange" / "client" / "doing.py"
        command = [sys.executable, str(program), str(self.place.folder), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean({}))
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.do("state")
        return found

    def until(self, **wanted: object) -> None:
        """Until the rows say so."""
        last: dict[str, Any] = {}

        def holds() -> bool:
            last.update(self.state())
            return all(last[name] == value for name, value in wanted.items())

        try:
            until(holds)
        except AssertionError as error:
            raise AssertionError(f"{self.party} did not come to {wanted}: {last}") from error

    def serve(self) -> None:
        self.place.until_served(self.place.start("serve"))

    def work(self) -> Process:
        return self.place.start("work")

    def free(self) -> None:
        """As if the minute were over, after which the work of a killed worker is another's."""
        self.place.sql("UPDATE due_due SET lease_until = NULL")

    def send(self, count: int, to: str, name: str = "one") -> None:
        """So many indicators, imported and submitted."""
        file = self.place.folder.with_name(f"{self.party}-{name}.json")
        file.write_bytes(bundle([indicator(f"{name}-{number}") for number in range(count)]))
        counts = self.do("send", file, to)
        assert counts["permit"] >= count, counts


@contextlib.contextmanager
def two_nodes(folder: Path) -> Iterator[tuple[Nation, Nation]]:
    """cert-ee and cert-br, made and bound by the worked agreements. Nothing of them runs yet.

    cert-jp, which the baseline binds too, has no node here and witnesses nothing.
    """
    (folder / "clock").write_text("2026-11-23T10:00:00Z\n", encoding="ascii")
    with contextlib.ExitStack() as stack:
        nations = {party: stack.enter_context(_made(party, folder)) for party in (US, BR)}
        sources = _texts(nations)
        for name, source in sources.items():
            _accept(folder, name, source, nations)
        yield nations[US], nations[BR]


@contextlib.contextmanager
def _made(party: str, folder: Path) -> Iterator[Nation]:
    place = Place(folder=folder / party, authority=folder / "authority", port=free_port())
    with databases() as urls:
        named = ("--database", urls[0], "--keys-database", urls[1]) if urls else ()
        options = ("--development", "--authority", folder / "authority", "--clock-file", folder / "clock", *named)
        said = init(place.folder, *options, party=party, port=place.port)
        assert said.status == 0, said.err
        config = place.folder / "comity.toml"
        config.write_text(f"pull_every = {EVERY}\n{config.read_text('utf-8')}", encoding="utf-8")
        try:
            yield Nation(party, place)
        finally:
            place.end()


def _texts(nations: Mapping[str, Nation]) -> dict[str, bytes]:
    """The worked agreements with the keys and addresses of these nodes."""
    texts = {name: written(name) for name in (BASELINE, EE_BR)}
    before = parse(texts[BASELINE].encode(), BASELINE).digest
    for party, key in written_keys().items():
        pinned = read_keyring(read_config(nations[party].place.folder)).pinned if party in nations else key
        texts = {name: text.replace(key, pinned) for name, text in texts.items()}
    for party, nation in nations.items():
        texts[BASELINE] = texts[BASELINE].replace(f"https://comity.{party}.example", nation.place.url)
    head, jp, tail = texts[BASELINE].partition("  - id: cert-jp")
    texts[BASELINE] = head + jp + tail.replace("witnesses: yes", "witnesses: no", 1)
    texts[EE_BR] = texts[EE_BR].replace(before, parse(texts[BASELINE].encode(), BASELINE).digest)
    return {name: text.encode() for name, text in texts.items()}


def _accept(folder: Path, name: str, source: bytes, nations: Mapping[str, Nation]) -> None:
    """Signed by each party that has a node; cert-jp's part is the published example's own key."""
    text = parse(source, name)
    signatures = [sign(text, _private(party.id, nations), party.id) for party in text.text.parties]
    files = folder / f"{name}.yaml", folder / f"{name}.signatures.json"
    files[0].write_bytes(source)
    files[1].write_bytes(write_signatures(gather(text, signatures)))
    for nation in nations.values():
        nation.do("accept", *files)


def _private(party: str, nations: Mapping[str, Nation]) -> Any:
    if party in nations:
        return read_keyring(read_config(nations[party].place.folder)).signing
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = TESTS.parent / "examples" / "keys" / f"{party}.UNSAFE.pem"
    return load_pem_private_key(pem.read_bytes(), None)

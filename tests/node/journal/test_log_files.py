"""The log's public files over HTTP: as a web server would serve a folder of them (C2SP tlog-tiles)."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.node.journal.partners import appointed, write

from comity.ledger import StoredTree, open_checkpoint, prove_inclusion, verify_inclusion
from comity.node import keyring
from comity.node.journal import actions, models
from comity.node.journal.models import Entry


@pytest.fixture
def wire() -> Client:
    return Client(SERVER_NAME="localhost")


class OverHttp:
    """A `TileStore` as a monitor has it: nothing but GET."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def read(self, path: str) -> bytes | None:
        reply = self.client.get(f"/ledger/{path}")
        return reply.content if reply.status_code == 200 else None

    def write(self, path: str, data: bytes) -> None:
        raise AssertionError(path)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_a_stranger_verifies_an_entry_with_get_alone(node, wire, size):
    write(node.now, size)
    actions.sequence(node.now)
    note = wire.get("/ledger/checkpoint")
    checkpoint, _ = open_checkpoint(note.content, keyring.held().log.verifier)
    tree = StoredTree(OverHttp(wire), checkpoint.size)
    for index in {0, size // 2, size - 1}:
        leaf = bytes(Entry.objects.get(index=index).leaf)
        hashes = prove_inclusion(tree.node, index, checkpoint.size)
        verify_inclusion(leaf, index, checkpoint.size, hashes, checkpoint.root)


def test_a_checkpoint_is_there_as_long_as_the_tiles_of_its_tree(node, wire):
    """Who holds an older checkpoint still finds every tile it needs, full where the partial one is gone."""
    notes = []
    for count in (3, 200, 60, 250):
        write(node.now, count)
        actions.sequence(node.now)
        notes.append(wire.get("/ledger/checkpoint").content)
    for note in notes:
        checkpoint, _ = open_checkpoint(note, keyring.held().log.verifier)
        tree = StoredTree(OverHttp(wire), checkpoint.size)
        hashes = prove_inclusion(tree.node, 2, checkpoint.size)
        verify_inclusion(bytes(Entry.objects.get(index=2).leaf), 2, checkpoint.size, hashes, checkpoint.root)


def test_types_and_caches_are_those_of_the_standard(node, wire):
    write(node.now, 300)
    actions.sequence(node.now)
    note, full, partial = (wire.get(f"/ledger/{p}") for p in ("checkpoint", "tile/0/000", "tile/0/001.p/44"))
    assert (note.status_code, full.status_code, partial.status_code) == (200, 200, 200)
    assert note.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert note.headers["Cache-Control"] == "public, max-age=5"
    assert (len(full.content), len(partial.content)) == (256 * 32, 44 * 32)
    for reply in (full, partial):
        assert reply.headers["Content-Type"] == "application/octet-stream"
        assert "immutable" in reply.headers["Cache-Control"]
        assert int(reply.headers["Content-Length"]) == len(reply.content)
        assert not reply.cookies
    head = wire.head("/ledger/tile/0/000")
    assert (head.content, head.headers["Content-Length"]) == (b"", "8192")


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000",
        "tile/0/000.p/5",
        "tile/0/0",
        "tile/00/000.p/4",
        "tile/1/000",
        "tile/0/000.p/4/",
        "tile/0/../0/000.p/4",
        "tile/entries/000.p/4",
        "tile//entries/000.p/4",
        "tile/./entries/000.p/4",
        "tile/checkpoint",
        "tile/%00",
        "tile/",
        "entries/000",
        "checkpoint/",
        "",
    ],
)
def test_what_is_no_public_file_is_not_found(node, wire, path):
    write(node.now, 4)
    actions.sequence(node.now)
    assert models.Tile.objects.filter(path="tile/entries/000.p/4").exists(), "it is there, for auditors"
    assert wire.get(f"/ledger/{path}").status_code == 404


def test_files_are_read_and_nothing_else(node, wire):
    write(node.now)
    actions.sequence(node.now)
    for path in ("checkpoint", "tile/0/000.p/1"):
        for method in ("post", "put", "patch", "delete", "options"):
            reply = getattr(wire, method)(f"/ledger/{path}")
            assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD")
    assert actions.verify().size == 1


def test_before_witnesses_have_seen_it_nothing_is_published(node, wire):
    """tlog-checkpoint: a checkpoint is published only once the witness policy is met."""
    (partner,) = appointed(node.now, "cert-br")
    actions.begin(node.now)
    assert wire.get("/ledger/checkpoint").status_code == 404
    partner.ask()
    write(node.now)
    actions.sequence(node.now)
    empty, _ = open_checkpoint(wire.get("/ledger/checkpoint").content, keyring.held().log.verifier)
    assert empty.size == 0
    partner.ask()
    reply = wire.get("/ledger/checkpoint").content
    checkpoint, note = open_checkpoint(reply, keyring.held().log.verifier, witnesses=[partner.signer.verifier])
    assert (checkpoint.size, len(note.by)) == (1, 2)

"""The layout of tlog-tiles, and the log of fifteen entries that Tessera publishes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.stores import MemoryStore
from tests.ledger.vectors import unbase64, vectors

from comity.ledger import (
    ENTRIES,
    BadTile,
    EntryTooLong,
    Log,
    SignerKey,
    Tile,
    index_path,
    last_tile,
    leaf_hash,
    levels,
    pack_entries,
    row_width,
    unpack_entries,
    unpack_hashes,
    verify_log,
)

LAYOUT = vectors("tlog/tile_layout.json")
TESSERA = vectors("tlog/tessera_log_15.json")


@pytest.mark.parametrize(("index", "path"), LAYOUT["index_paths"].items())
def test_path_of_an_index(index, path):
    assert index_path(int(index)) == path


@pytest.mark.parametrize("case", LAYOUT["trees"], ids=lambda case: str(case["tree_size"]))
def test_tiles_that_make_up_a_tree(case):
    size = case["tree_size"]
    assert list(levels(size)) == [level["level"] for level in case["levels"]]
    for level in case["levels"]:
        assert row_width(level["level"], size) // 256 == level["full_tiles"]
        last = last_tile(level["level"], size)
        assert (last.width if last else 0) == level["partial_width"]
        assert (last.path if last else None) == level["partial_path"]


def test_the_paths_of_entry_bundles():
    assert Tile(ENTRIES, 1234067, 5).path == "tile/entries/x001/x234/067.p/5"
    assert Tile(ENTRIES, 0).path == "tile/entries/000"


@pytest.mark.parametrize("split", range(16))
def test_the_log_that_tessera_publishes_is_reproduced_file_by_file(split):
    """In two batches, so that every partial tile is also made by adding to one."""
    store, signer = MemoryStore(), SignerKey.parse(TESSERA["signer_key"])
    entries = [text.encode() for text in TESSERA["entries_text"]]
    log = Log.create(store, signer)
    log.append(entries[:split])
    assert store.files["checkpoint"].decode() == TESSERA["checkpoints"][split]
    log.append(entries[split:])
    assert store.files["checkpoint"].decode() == TESSERA["checkpoints"][15]
    assert store.files["tile/entries/000.p/15"].hex() == TESSERA["entry_bundle_hex"]
    assert store.files["tile/0/000.p/15"].hex() == TESSERA["level0_tile_hex"]
    assert [leaf_hash(entry) for entry in entries] == unbase64(TESSERA["leaf_hashes_base64"])
    assert verify_log(store, signer.verifier).checkpoint.size == 15


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_what_is_packed_is_unpacked(entries):
    assert unpack_entries(pack_entries(entries), Tile(ENTRIES, 0, len(entries))) == entries


def test_an_entry_is_at_most_what_two_bytes_can_count():
    assert len(pack_entries([bytes(65535)])) == 65537
    with pytest.raises(EntryTooLong, match="65536 bytes"):
        pack_entries([bytes(65536)])


@pytest.mark.parametrize("bundle", [b"\0", b"\0\2a", b"\0\1a\0", b"", b"\0\1a\0\1b"])
def test_a_bundle_with_another_number_of_entries_or_a_torn_one_is_refused(bundle):
    with pytest.raises(BadTile):
        unpack_entries(bundle, Tile(ENTRIES, 0, 1))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_tile_of_another_length_is_refused(length):
    with pytest.raises(BadTile):
        unpack_hashes(bytes(length), Tile(0, 0, 1))

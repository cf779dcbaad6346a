"""The log: what it appends it can prove, and no crash or changed file leaves it wrong without a word."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.stores import Crash, CrashingStore, MemoryStore

from comity.ledger import (
    Algorithm,
    BadNote,
    BadSignature,
    BadTile,
    Checkpoint,
    EntryTooLong,
    Log,
    LogExists,
    NoCheckpoint,
    NoKnownSignature,
    SignerKey,
    VerifierKey,
    leaf_hash,
    open_checkpoint,
    root_of,
    sign_checkpoint,
    verify_consistency,
    verify_log,
    verify_proof,
)

KEY = SignerKey("node.example/releases", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = SignerKey("witness.example/w", Ed25519PrivateKey.from_private_bytes(bytes(32)), Algorithm.COSIGNATURE)


def entries(start: int, stop: int) -> list[bytes]:
    return [f"entry {i}".encode() for i in range(start, stop)]


def log_of(*batches: int) -> tuple[MemoryStore, Log]:
    store = MemoryStore()
    log = Log.create(store, KEY)
    for batch in batches:
        assert log.append(entries(log.checkpoint.size, log.checkpoint.size + batch)) == range(
            log.checkpoint.size - batch, log.checkpoint.size
        )
    return store, log


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 3, 100, 254, 255, 256, 257, 513]), max_size=5))
def test_batches_of_any_size_make_the_same_log(batches):
    store, log = log_of(*batches)
    size = sum(batches)
    seen: list[bytes] = []
    verified = verify_log(store, KEY.verifier, look=lambda index, entry: seen.append(entry))
    assert verified.checkpoint.size == size
    assert seen == entries(0, size)
    assert verified.checkpoint.root == root_of(map(leaf_hash, seen))
    for index in {0, size // 2, size - 1} & set(range(size)):
        assert log.tree.entry(index) == seen[index]
        verify_proof(seen[index], log.prove(index), KEY.verifier)
        assert log.find(seen[index]) == index
    assert log.find(b"never logged") is None


def test_a_log_that_outgrows_two_levels_of_tiles():
    store, log = log_of(65_000, 535, 1, 1, 300)
    assert {"tile/2/000.p/1", "tile/1/000", "tile/1/001.p/1", "tile/0/257.p/45"} <= store.files.keys()
    assert verify_log(store, KEY.verifier).checkpoint.size == 65_837
    verify_proof(b"entry 65536", log.prove(65_536), KEY.verifier)
    old = open_checkpoint(store.files["checkpoint"], KEY.verifier)[0]
    log.append(entries(65_837, 66_000))
    verify_consistency(old.size, 66_000, old.root, log.checkpoint.root, log.prove_growth(old.size))


CRASH_POINTS = 48


def crashes():
    """Every write of an append, before and after the file is in place."""
    for first, second in [(0, 3), (5, 2), (250, 10), (256, 256), (300, 600)]:
        store, log = log_of(first)
        before = dict(store.files)
        store.writes.clear()
        log.append(entries(first, first + second))
        for at in range(len(store.writes)):
            for after in (False, True):
                yield before, first, second, at, after, at == len(store.writes) - 1 and after


def test_a_crash_at_any_write_loses_nothing_published_and_the_log_goes_on():
    points = 0
    for before, first, second, at, after, published in crashes():
        points += 1
        store = CrashingStore(before, at, after=after)
        log = Log.open(store, KEY)
        with pytest.raises(Crash):
            log.append(entries(first, first + second))
        store.at = -1
        size = first + second if published else first
        assert verify_log(store, KEY.verifier).checkpoint.size == size
        again = Log.open(store, KEY)
        assert again.checkpoint.size == size
        # What comes next need not be what was lost.
        again.append([b"after the crash", *entries(0, second)])
        assert verify_log(store, KEY.verifier).checkpoint.size == size + 1 + second
        if first > 0:
            old = open_checkpoint(before["checkpoint"], KEY.verifier)[0]
            verify_consistency(first, again.checkpoint.size, old.root, again.checkpoint.root, again.prove_growth(first))
    assert points == CRASH_POINTS


def test_after_a_failed_append_the_same_log_object_can_try_again():
    store, _ = log_of(255)
    crashing = CrashingStore(store.files, 1, after=True)
    log = Log.open(crashing, KEY)
    with pytest.raises(Crash):
        log.append(entries(255, 260))
    crashing.at = -1
    assert log.append(entries(255, 260)) == range(255, 260)
    assert verify_log(crashing, KEY.verifier).checkpoint.size == 260


def test_the_checkpoint_is_the_last_file_written():
    store, _ = log_of(300, 300)
    ends = [at for at, path in enumerate(store.writes) if path == "checkpoint"]
    assert len(ends) == 3
    assert ends[-1] == len(store.writes) - 1


def test_an_entry_that_is_too_long_changes_nothing():
    store, log = log_of(3)
    before = dict(store.files)
    with pytest.raises(EntryTooLong):
        log.append([b"fits", bytes(65_536)])
    assert store.files == before


@pytest.mark.parametrize("kind", ["entries", "0", "1", "checkpoint"])
@pytest.mark.parametrize("change", ["flip", "shorten", "remove"])
def test_a_changed_file_is_found_and_named(kind, change):
    store, _ = log_of(600)
    needed = [p for p in store.files if p == kind or p.startswith(f"tile/{kind}/")]
    assert needed
    for path in needed:
        damaged = MemoryStore()
        damaged.files = dict(store.files)
        data = damaged.files.pop(path)
        if change == "flip":
            damaged.files[path] = data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]
        elif change == "shorten":
            damaged.files[path] = data[:-1]
        with pytest.raises((BadTile, BadNote, BadSignature, NoCheckpoint)) as caught:
            verify_log(damaged, KEY.verifier)
        assert kind == "checkpoint" or path in str(caught.value)


def test_a_checkpoint_that_signs_another_root_than_that_of_the_entries_is_found():
    store, _ = log_of(10)
    other = Checkpoint(origin=KEY.name, size=10, root=bytes(32))
    store.files["checkpoint"] = sign_checkpoint(other, KEY)
    with pytest.raises(BadTile, match="the entries lead to another root"):
        verify_log(store, KEY.verifier)


def test_a_log_whose_tiles_do_not_give_its_root_is_not_added_to():
    store, _ = log_of(10)
    tile = store.files["tile/0/000.p/10"]
    store.files["tile/0/000.p/10"] = tile[32:64] + tile[:32] + tile[64:]
    with pytest.raises(BadTile, match="another root"):
        Log.open(store, KEY)


def test_a_log_without_its_checkpoint_is_not_begun_again_by_opening_it():
    store, _ = log_of(10)
    del store.files["checkpoint"]
    with pytest.raises(NoCheckpoint):
        Log.open(store, KEY)
    with pytest.raises(NoCheckpoint):
        verify_log(store, KEY.verifier)


def test_a_log_is_begun_once():
    store, _ = log_of(10)
    with pytest.raises(LogExists, match="its 10 entries"):
        Log.create(store, KEY)


def test_another_key_opens_nothing():
    store, _ = log_of(10)
    other = SignerKey(KEY.name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(NoKnownSignature):
        Log.open(store, other)
    with pytest.raises(NoKnownSignature):
        verify_log(store, other.verifier)


def test_a_cleared_partial_tile_is_replaced_by_the_full_one():
    store, log = log_of(300, 300)
    for path in [path for path in store.files if path in ("tile/0/001.p/44", "tile/entries/001.p/44")]:
        del store.files[path]
    assert verify_log(store, KEY.verifier).checkpoint.size == 600
    old = MemoryStore()
    old.files = dict(store.files)
    then, _ = log_of(300)
    old.files["checkpoint"] = then.files["checkpoint"]
    old.files["tile/1/000.p/1"] = then.files["tile/1/000.p/1"]
    assert verify_log(old, KEY.verifier).checkpoint.size == 300
    assert log.checkpoint.size == 600


def test_cosignatures_are_put_under_the_published_checkpoint():
    store, log = log_of(4)
    log.add_cosignatures(WITNESS.sign(log.checkpoint.text, time=1_700_000_000).encode(), [WITNESS.verifier])
    _, note = open_checkpoint(store.files["checkpoint"], KEY.verifier, witnesses=[WITNESS.verifier])
    assert [signed.time for signed in note.by] == [None, 1_700_000_000]
    assert Log.open(store, KEY).note == log.note == log.prove(0).checkpoint


def test_a_cosignature_of_something_else_is_not_published():
    store, log = log_of(4)
    before = store.files["checkpoint"]
    with pytest.raises(BadSignature):
        log.add_cosignatures(WITNESS.sign("another\ntext\n", time=5).encode(), [WITNESS.verifier])
    with pytest.raises(NoKnownSignature):
        log.add_cosignatures(
            WITNESS.sign(log.checkpoint.text, time=5).encode(), [VerifierKey("x", KEY.key.public_key())]
        )
    assert store.files["checkpoint"] == before

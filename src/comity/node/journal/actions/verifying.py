"""Verifying: everything the journal holds, computed again from its rows (attack A87).

Entries are hashed, tiles and roots recomputed, every checkpoint and cosignature verified, and the seals of the columns
that the tree does not cover compared. Memory grows with the number of partial tiles, not with the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from comity.canon import format_instant
from comity.ledger import (
    CHECKPOINT_PATH,
    ENTRIES,
    BadTile,
    Frontier,
    Statement,
    Tile,
    VerifierKey,
    last_tile,
    levels,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    row_width,
    verify_log,
)
from comity.node import keyring
from comity.node.journal import models
from comity.node.journal.actions.publishing import cosigned_note
from comity.node.journal.models import Checkpoint, Cosignature, Entry, Seen
from comity.node.journal.rows import FULL, lock, newest_checkpoint, published_note
from comity.node.journal.seals import RowChanged, check_entry, check_seal, checkpoint_seal, cosignature_seal, seen_seal

Progress = Callable[[int, int], None]
"""Called with how many entries were verified, of how many."""
_PART = ".p/"
_AT_ONCE = 500
_HASH_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found to be whole."""

    origin: str
    size: int  # entries in the log
    root: str  # `sha256:<hex>`
    waiting: int  # entries that are not sequenced yet
    tiles: int  # full and last ones, and bundles of entries
    checkpoints: int
    cosignatures: int
    watched: int  # partners' logs of which we hold a cosigned checkpoint
    witnessed_at: dt.datetime | None  # of the newest checkpoint whose quorum was met


def verify(progress: Progress | None = None) -> Verified:
    """Recompute every leaf, tile, root, checkpoint, cosignature and seal from the rows.

    Entries may be added meanwhile; what stood in the log when this began is verified.
    Raises: RowChanged, BadTile; BadSignature, NoKnownSignature, BadNote, BadCheckpoint, OtherLog; BadStatement: the
            first thing found that is not as this node left it.
    """
    snapshot = _Snapshot.take()
    walk = _Walk(snapshot.size, progress)
    tiles = 0
    if CHECKPOINT_PATH in snapshot.files:
        verified = verify_log(snapshot, keyring.held().log.verifier, look=walk.entry)
        tiles = verified.tiles + verified.bundles
    walk.end()
    _check_partial(snapshot, walk.needed)
    _check_published()
    return Verified(
        origin=keyring.held().log.name,
        size=snapshot.size,
        root=f"sha256:{walk.frontier.root().hex()}",
        waiting=_check_waiting(),
        tiles=tiles,
        checkpoints=walk.checkpoints,
        cosignatures=walk.cosignatures,
        watched=_check_watched(),
        witnessed_at=walk.witnessed_at,
    )


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """A `TileStore` to read: what a sequencer changes, as it stood at one moment, and full tiles, which stay."""

    size: int
    files: Mapping[str, bytes]  # the newest checkpoint, and the partial tiles

    @classmethod
    def take(cls) -> _Snapshot:
        """Raises: RowChanged when there are entries or tiles without a place in the newest checkpoint's tree."""
        with transaction.atomic():
            lock()
            newest = newest_checkpoint()
            size = 0 if newest is None else newest.size
            part = models.Tile.objects.filter(path__contains=_PART).values_list("path", "data")
            files = {path: bytes(data) for path, data in part}
            full = models.Tile.objects.exclude(path__contains=_PART).exclude(path=CHECKPOINT_PATH).count()
            placed = Entry.objects.exclude(index=None).count()
        if placed != size:
            raise RowChanged(table="entry", row="", reason=f"{placed} have a place in a log of {size}")
        if full != sum(row_width(level, size) // FULL for level in (ENTRIES, *levels(size))):
            raise RowChanged(table="tile", row="", reason=f"{full} full ones are too few, or too many")
        if newest is not None:
            files[CHECKPOINT_PATH] = bytes(newest.note)
        return cls(size, files)

    def read(self, path: str) -> bytes | None:
        if path in self.files:
            return self.files[path]
        data = models.Tile.objects.filter(path=path).values_list("data", flat=True).first()
        return None if data is None else bytes(data)

    def write(self, path: str, data: bytes) -> None:
        raise NotImplementedError(f"{path}: verifying writes nothing, not even {len(data)} bytes")


class _Walk:
    """Entries in the order of the log, and each checkpoint when the tree has its size."""

    def __init__(self, size: int, progress: Progress | None) -> None:
        self.frontier = Frontier()
        self.needed: set[Tile] = set()  # partial tiles that some checkpoint ends with and that are not full yet
        self.checkpoints = self.cosignatures = 0
        self.witnessed_at: dt.datetime | None = None
        self._size, self._progress = size, progress
        self._entries = _in_steps(Entry.objects.filter(index__lt=size), "index")
        signed = Checkpoint.objects.filter(size__lte=size).prefetch_related("cosignatures")
        self._signed = _in_steps(signed, "size")
        self._next = next(self._signed, None)
        self._reached()

    def entry(self, index: int, body: bytes) -> None:
        row = next(self._entries, None)
        if row is None or row.index != index:
            raise RowChanged(table="entry", row="", reason=f"none has place {index} of the log, or two have")
        check_entry(row)
        if bytes(row.body) != body:
            bundle = Tile(ENTRIES, index // FULL, min(FULL, self._size - index // FULL * FULL))
            raise BadTile(path=bundle.path, reason=f"it holds another entry {index} than was written")
        _check_statement(row)
        self.frontier.append(bytes(row.leaf))
        self._reached()
        if self._progress and (index + 1 == self._size or (index + 1) % _AT_ONCE == 0):
            self._progress(index + 1, self._size)

    def end(self) -> None:
        if self._next is not None:
            raise RowChanged(table="checkpoint", row=self._next.size, reason="the log never had this size")

    def _reached(self) -> None:
        if self._next is None or self._next.size != self.frontier.size:
            return
        self.checkpoints += 1
        self.cosignatures += _check_checkpoint(self._next, self.frontier.root())
        self.witnessed_at = self._next.witnessed_at or self.witnessed_at
        for level in levels(self._next.size):
            tile = last_tile(level, self._next.size)
            if tile and tile.index == row_width(level, self._size) // FULL:
                self.needed.add(tile)
        self._next = next(self._signed, None)


_Row = TypeVar("_Row", Entry, Checkpoint)


def _in_steps(rows: QuerySet[_Row], column: str) -> Iterator[_Row]:
    """Rows in the order of a unique column, so many at once: no cursor stays open on the server where one is wrong."""
    rows = rows.order_by(column)
    step = list(rows[:_AT_ONCE])
    while step:
        yield from step
        step = list(rows.filter(**{f"{column}__gt": getattr(step[-1], column)})[:_AT_ONCE])


def _check_statement(entry: Entry) -> None:
    """What the entry says of itself is what its columns say. Raises: RowChanged; BadStatement."""
    facts = Statement.parse(bytes(entry.body)).facts
    columns = {"event": entry.event, "at": format_instant(entry.written_at)}
    if any(facts.get(name, value) != value for name, value in columns.items()):
        raise RowChanged(
            table="entry", row=entry.pk, reason="its columns say another event or time than it says itself"
        )


def _check_checkpoint(row: Checkpoint, root: bytes) -> int:
    """Returns: how many cosignatures it has."""
    signed, _ = open_checkpoint(bytes(row.note), keyring.held().log.verifier)
    if (signed.size, signed.root) != (row.size, bytes(row.root)):
        raise RowChanged(table="checkpoint", row=row.size, reason="its columns say another size or root than is signed")
    if signed.root != root:
        raise RowChanged(
            table="checkpoint", row=row.size, reason="the entries lead to another root than the one signed"
        )
    check_seal("checkpoint", row.size, row.seal, checkpoint_seal(row))
    cosignatures = list(row.cosignatures.all())
    for one in cosignatures:
        _check_cosignature(one, signed.text)
    return len(cosignatures)


def _check_cosignature(row: Cosignature, text: str) -> None:
    check_seal("cosignature", row.pk, row.seal, cosignature_seal(row))
    key = VerifierKey.parse(row.key)
    (signed,) = open_note(f"{text}\n{row.line}".encode(), [key]).by
    if (row.witness, row.time) != (key.name, dt.datetime.fromtimestamp(signed.time or 0, dt.UTC)):
        raise RowChanged(table="cosignature", row=row.pk, reason="its columns say another witness or time than it says")


def _check_partial(snapshot: _Snapshot, needed: set[Tile]) -> None:
    """Every partial tile that a checkpoint ends with is the beginning of the one that the newest ends with."""
    last = {level: last_tile(level, snapshot.size) for level in (ENTRIES, *levels(snapshot.size))}
    kept = {tile.path for tile in last.values() if tile} | {tile.path for tile in needed} | {CHECKPOINT_PATH}
    for path in sorted(snapshot.files.keys() - kept):
        raise RowChanged(table="tile", row=path, reason="no checkpoint needs it")
    for tile in sorted(needed):
        whole = last[tile.level]
        data = snapshot.files[whole.path] if whole else b""
        if snapshot.files.get(tile.path) != data[: tile.width * _HASH_SIZE]:
            raise BadTile(path=tile.path, reason="it is missing, or not the beginning of the tile that followed it")


def _check_published() -> None:
    with transaction.atomic():
        lock()
        note = published_note()
        size = -1 if note is None else open_checkpoint(note, keyring.held().log.verifier)[0].size
        if Checkpoint.objects.filter(size__gt=size, witnessed_at__isnull=False).exists():
            raise RowChanged(table="tile", row=CHECKPOINT_PATH, reason="it is not the newest that witnesses cosigned")
        row = Checkpoint.objects.filter(size=size).first()
        if note is not None and (row is None or cosigned_note(row) != note):
            raise RowChanged(table="tile", row=CHECKPOINT_PATH, reason="it is not what was signed and cosigned")


def _check_waiting() -> int:
    waiting = 0
    for entry in _in_steps(Entry.objects.filter(index=None), "id"):
        check_entry(entry)
        waiting += 1
    return waiting


def _check_watched() -> int:
    """Our own cosignature says what we saw; the log's key may have changed since."""
    for row in Seen.objects.all():
        check_seal("seen", row.origin, row.seal, seen_seal(row))
    watched = Seen.objects.exclude(note=b"")
    for row in watched:
        note = open_note(bytes(row.note), [keyring.held().witness.verifier])
        seen = parse_checkpoint(note.text)
        if (seen.origin, seen.size, seen.root) != (row.origin, row.size, bytes(row.root)):
            raise RowChanged(table="seen", row=row.origin, reason="its columns say another tree than we cosigned")
    return len(watched)

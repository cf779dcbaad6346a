"""The log's files in the table of tiles, and the lock under which they change."""

from __future__ import annotations

import datetime as dt

from comity.ledger import (
    CHECKPOINT_PATH,
    ENTRIES,
    Log,
    Tile,
    last_tile,
    levels,
    open_checkpoint,
    row_width,
)
from comity.node import keyring
from comity.node.journal import models
from comity.node.journal.models import Checkpoint, Entry, Turn
from comity.node.journal.seals import RowChanged, check_seal, checkpoint_seal

FULL = 256  # hashes in a full tile (C2SP tlog-tiles)


class Rows:
    """A `TileStore`. The checkpoint that the log goes on from is the newest that we signed.

    What is published may be older, since it waits for its witnesses: that is the row `checkpoint` of `Tile`, which
    `publish` writes.
    """

    def __init__(self, now: dt.datetime | None = None) -> None:
        """`now`: when what is written is made; None where nothing is."""
        self._now = now

    def read(self, path: str) -> bytes | None:
        if path == CHECKPOINT_PATH:
            newest = newest_checkpoint()
            return None if newest is None else bytes(newest.note)
        data = models.Tile.objects.filter(path=path).values_list("data", flat=True).first()
        return None if data is None else bytes(data)

    def write(self, path: str, data: bytes) -> None:
        if path == CHECKPOINT_PATH:
            self._sign(data)
        else:
            _put(path, data)

    def _sign(self, note: bytes) -> None:
        """INVARIANT: a checkpoint is added, never replaced: the database refuses a second one of a size."""
        assert self._now is not None  # noqa: S101 -- who writes says when
        signed, _ = open_checkpoint(note, keyring.held().log.verifier)
        row = Checkpoint(size=signed.size, root=signed.root, note=note, made_at=self._now)
        row.seal = checkpoint_seal(row)
        row.save(force_insert=True)


def newest_checkpoint() -> Checkpoint | None:
    """The newest that we signed, witnessed or not."""
    return Checkpoint.objects.order_by("-size").first()


def newest_size() -> int:
    newest = newest_checkpoint()
    return 0 if newest is None else newest.size


def publish(note: bytes) -> None:
    """Put what everybody may read in place of the checkpoint published before."""
    _put(CHECKPOINT_PATH, note)


def published_note() -> bytes | None:
    data = models.Tile.objects.filter(path=CHECKPOINT_PATH).values_list("data", flat=True).first()
    return None if data is None else bytes(data)


def _put(path: str, data: bytes) -> None:
    row = models.Tile(path=path, data=data)
    models.Tile.objects.bulk_create([row], update_conflicts=True, unique_fields=["path"], update_fields=["data"])


def clear_superseded(old: int, new: int) -> None:
    """Delete the files that nobody needs once the log has grown from one size to another.

    Those are the partial tiles of a tile that is full now, which clients read instead (tlog-tiles), and the old last
    bundle of entries, which only we read. So a log of single entries does not keep 255 copies of each.
    """
    gone = [
        Tile(level, last.index, width).path
        for level in levels(old)
        if (last := last_tile(level, old)) and last.index < row_width(level, new) // FULL
        for width in range(1, FULL)
    ]
    if (bundle := last_tile(ENTRIES, old)) and old != new:
        gone.append(bundle.path)
    for at in range(0, len(gone), FULL):
        models.Tile.objects.filter(path__in=gone[at : at + FULL]).delete()


def lock() -> Turn:
    """Whoever has it is the only one who moves the log, until the transaction ends."""
    Turn.objects.get_or_create(id=1)
    return Turn.objects.select_for_update().get(id=1)


def open_log(rows: Rows) -> Log:
    """Take up our log where its newest checkpoint stands, or begin it. The caller has the lock.

    INVARIANT: nothing is signed over a log that was set back or changed: not where entries stand beyond its newest
    checkpoint, nor where checkpoint and tiles disagree.
    Raises: RowChanged; BadTile; as opening a checkpoint.
    """
    newest, signer = newest_checkpoint(), keyring.held().log
    size = 0 if newest is None else newest.size
    if Entry.objects.filter(index__gte=size).exists():
        raise RowChanged(table="checkpoint", row=size, reason="it is the newest, and entries stand beyond it")
    if newest is None:
        return Log.create(rows, signer)
    check_seal("checkpoint", size, newest.seal, checkpoint_seal(newest))
    return Log.open(rows, signer)

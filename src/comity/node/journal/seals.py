"""Seals on rows: what the log itself does not hold cannot be edited unseen either (attack A87).

The tree covers the bytes of entries and nothing else. When an entry was written, what it is about, when a checkpoint
was made, what a witness said and with which key: these columns are sealed with a key that the database does not have.
"""

from __future__ import annotations

import datetime as dt
import hmac

from comity.canon import ProofError, dumps
from comity.ledger import leaf_hash
from comity.node import keyring
from comity.node.journal.models import Checkpoint, Cosignature, Entry, Seen


class RowChanged(ProofError):
    what = "the database was changed by another hand than this node's: {table} {row}"
    why = "{reason}"
    do = (
        "keep it as it is for the overseer, and restore the database from a copy; witnesses and partners hold the roots"
    )


_Column = str | int | bytes | memoryview | dt.datetime | None


def entry_seal(entry: Entry) -> bytes:
    """Before it has a place the number of its row is not sealed: the database gives it only as the row is written."""
    row = entry.pk if entry.index is not None else None
    return _seal(
        "entry",
        row=row,
        index=entry.index,
        event=entry.event,
        subject=entry.subject,
        leaf=entry.leaf,
        written_at=entry.written_at,
    )


def checkpoint_seal(checkpoint: Checkpoint) -> bytes:
    return _seal(
        "checkpoint",
        size=checkpoint.size,
        root=checkpoint.root,
        note=checkpoint.note,
        made_at=checkpoint.made_at,
        witnessed_at=checkpoint.witnessed_at,
    )


def cosignature_seal(cosignature: Cosignature) -> bytes:
    return _seal(
        "cosignature",
        size=cosignature.checkpoint_id,
        witness=cosignature.witness,
        key=cosignature.key,
        line=cosignature.line,
        time=cosignature.time,
    )


def seen_seal(seen: Seen) -> bytes:
    return _seal("seen", origin=seen.origin, key=seen.key, size=seen.size, root=seen.root, note=seen.note, at=seen.at)


def check_seal(table: str, row: object, seal: bytes | memoryview, expected: bytes) -> None:
    """Raises: RowChanged."""
    if not hmac.compare_digest(bytes(seal), expected):
        raise RowChanged(table=table, row=row, reason="one of its columns is not what was sealed")


def check_entry(entry: Entry) -> None:
    """That the row of an entry is as it was written, and as it was placed. Raises: RowChanged."""
    if bytes(entry.leaf) != leaf_hash(bytes(entry.body)):
        raise RowChanged(table="entry", row=entry.pk, reason="its leaf is not the hash of its body")
    check_seal("entry", entry.pk, entry.seal, entry_seal(entry))


def _seal(table: str, **columns: _Column) -> bytes:
    """HMAC-SHA256 over the canonical form of the columns (RFC 2104, RFC 8785)."""
    text = dumps({"table": table, **{name: _text(value) for name, value in columns.items()}})
    return hmac.digest(keyring.held().derived("journal-rows"), text, "sha256")


def _text(value: _Column) -> str | None:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return None if value is None else str(value)

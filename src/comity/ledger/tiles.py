"""The files of a log: tiles of 256 hashes, bundles of 256 entries, and their paths (C2SP tlog-tiles).

checkpoint                      who signed what size and root, newest
tile/<level>/<index>            256 hashes; level 0 holds leaf hashes, each higher level the roots of full tiles
tile/<level>/<index>.p/<width>  the last tile of a level, while it has fewer
tile/entries/<index>[.p/<width>] the entries themselves
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.canon import InputError, ProofError
from comity.ledger.merkle import HASH_SIZE

CHECKPOINT_PATH = "checkpoint"
WIDTH = 256  # hashes in a full tile
HEIGHT = 8  # levels of the tree that one tile spans
MAX_ENTRY_BYTES = 0xFFFF  # an entry bundle gives the length of an entry two bytes


class EntryTooLong(InputError):
    what = "an entry of {length} bytes cannot be logged"
    why = "an entry bundle holds at most {most} bytes an entry (C2SP tlog-tiles)"
    do = "log a digest of it instead"


class BadTile(ProofError):
    what = "the log's file {path} is not what its checkpoint needs"
    why = "{reason}"
    do = "restore the file from a copy; until then do not add to this log"


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile of hashes, or (level -1) one bundle of entries. `width` is below 256 for the last of its level."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        level = "entries" if self.level == ENTRIES else str(self.level)
        part = f".p/{self.width}" if self.width != WIDTH else ""
        return f"tile/{level}/{index_path(self.index)}{part}"

    @property
    def full(self) -> Tile:
        return Tile(self.level, self.index)


ENTRIES = -1


def index_path(index: int) -> str:
    """Three digits at a time, all groups but the last marked with x: 1234067 is x001/x234/067."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def row_width(level: int, size: int) -> int:
    """How many hashes stand at a level in a log of `size` entries."""
    return size >> (HEIGHT * max(level, 0))


def last_tile(level: int, size: int) -> Tile | None:
    """The partial tile at the right end of a level; None when the level ends with a full tile or has none."""
    index, width = divmod(row_width(level, size), WIDTH)
    return Tile(level, index, width) if width else None


def levels(size: int) -> Iterator[int]:
    """The levels at which a log of `size` entries has hashes."""
    level = 0
    while row_width(level, size):
        yield level
        level += 1


def tile_of(level: int, position: int, size: int) -> Tile:
    """The tile that holds hash number `position` of a level, as wide as a log of `size` entries makes it."""
    index = position // WIDTH
    return Tile(level, index, min(WIDTH, row_width(level, size) - index * WIDTH))


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """Raises: EntryTooLong."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise EntryTooLong(length=len(entry), most=MAX_ENTRY_BYTES)
        parts += struct.pack(">H", len(entry)), entry
    return b"".join(parts)


def unpack_entries(bundle: bytes, tile: Tile) -> list[bytes]:
    """The entries of a bundle, of which there are exactly as many as the tile is wide. Raises: BadTile."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2], "big")
        entry = bundle[at + 2 : at + 2 + length]
        if at + 2 > len(bundle) or len(entry) != length:
            raise BadTile(path=tile.path, reason=f"it ends inside entry {len(entries)}")
        entries.append(entry)
        at += 2 + length
    if len(entries) != tile.width:
        raise BadTile(path=tile.path, reason=f"it holds {len(entries)} entries where {tile.width} are needed")
    return entries


def unpack_hashes(data: bytes, tile: Tile) -> list[bytes]:
    """Raises: BadTile."""
    if len(data) != tile.width * HASH_SIZE:
        raise BadTile(path=tile.path, reason=f"it holds {len(data)} bytes where {tile.width} hashes are needed")
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]

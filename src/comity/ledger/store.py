"""Where a log keeps its files, and how the ledger reads them: a folder, a table, or memory."""

from __future__ import annotations

from typing import Protocol

from comity.ledger.merkle import HASH_SIZE, Tree
from comity.ledger.tiles import ENTRIES, HEIGHT, WIDTH, BadTile, Tile, tile_of, unpack_entries, unpack_hashes


class TileStore(Protocol):
    """Files by path. One writer at a time: the caller sees to that."""

    def read(self, path: str) -> bytes | None:
        """The whole file, or None when there is none."""

    def write(self, path: str, data: bytes) -> None:
        """Put the whole file in place, or leave the old one. On return it is durable."""


class StoredTree:
    """The tree of one size in a store: full nodes and entries. Each tile is read once, and hashed once."""

    def __init__(self, store: TileStore, size: int) -> None:
        self.store = store
        self.size = size
        self._tiles: dict[Tile, Tree] = {}

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full node. Raises: BadTile when the store lacks the tile or has another in its place."""
        row, rise = divmod(level, HEIGHT)
        tile = tile_of(row, index << rise, self.size)
        if tile not in self._tiles:
            self._tiles[tile] = Tree(self.hashes(tile))
        return self._tiles[tile].node(rise, ((index << rise) % WIDTH) >> rise)

    def hashes(self, tile: Tile) -> list[bytes]:
        """The hashes of a tile. Raises: BadTile."""
        data = self.store.read(tile.path)
        if data is None and (full := self._instead(tile)) is not None:
            data = full[: tile.width * HASH_SIZE]
        return unpack_hashes(_present(data, tile), tile)

    def entries(self, tile: Tile) -> list[bytes]:
        """The entries of a bundle. Raises: BadTile."""
        data = self.store.read(tile.path)
        if data is None and (full := self._instead(tile)) is not None:
            return unpack_entries(full, tile.full)[: tile.width]
        return unpack_entries(_present(data, tile), tile)

    def entry(self, index: int) -> bytes:
        """One entry. Raises: BadTile."""
        return self.entries(tile_of(ENTRIES, index, self.size))[index % WIDTH]

    def _instead(self, tile: Tile) -> bytes | None:
        """The full tile where the partial one was cleared away, as tlog-tiles allows."""
        return self.store.read(tile.full.path) if tile.width != WIDTH else None


def _present(data: bytes | None, tile: Tile) -> bytes:
    if data is None:
        raise BadTile(path=tile.path, reason="it is missing")
    return data

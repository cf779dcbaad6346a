"""Verifying a whole log: every entry hashed again, every tile and the root recomputed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from comity.ledger.checkpoints import Checkpoint
from comity.ledger.keys import VerifierKey
from comity.ledger.log import published
from comity.ledger.merkle import Frontier, Tree, leaf_hash
from comity.ledger.store import StoredTree, TileStore
from comity.ledger.tiles import CHECKPOINT_PATH, ENTRIES, WIDTH, BadTile, Tile, last_tile


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedLog:
    checkpoint: Checkpoint
    bundles: int
    tiles: int


def verify_log(store: TileStore, key: VerifierKey, *, look: Callable[[int, bytes], None] | None = None) -> VerifiedLog:
    """Recompute a log from its entries and compare every file that its checkpoint needs.

    Memory grows with the logarithm of the log, not with it.
    Args:   look: called with the index and bytes of each entry in turn.
    Raises: NoCheckpoint; BadTile naming the first file that is wrong; and what opening a checkpoint raises.
    """
    checkpoint, _ = published(store, key)
    tree = StoredTree(store, checkpoint.size)
    frontier = Frontier()
    tiles = _Rows(tree)
    bundles = 0
    for index in range(-(-checkpoint.size // WIDTH)):
        bundle = Tile(ENTRIES, index, min(WIDTH, checkpoint.size - index * WIDTH))
        bundles += 1
        for entry in tree.entries(bundle):
            if look is not None:
                look(frontier.size, entry)
            leaf = leaf_hash(entry)
            frontier.append(leaf)
            tiles.add(0, leaf)
    tiles.finish()
    if frontier.root() != checkpoint.root:
        raise BadTile(path=CHECKPOINT_PATH, reason="the entries lead to another root than the one it signs")
    return VerifiedLog(checkpoint=checkpoint, bundles=bundles, tiles=tiles.checked)


class _Rows:
    """The hashes of each level as they come, compared with the stored tile whenever one is full."""

    def __init__(self, tree: StoredTree) -> None:
        self.tree = tree
        self.rows: list[list[bytes]] = []
        self.full: list[int] = []  # full tiles so far, by level
        self.checked = 0

    def add(self, level: int, node: bytes) -> None:
        if level == len(self.rows):
            self.rows.append([])
            self.full.append(0)
        row = self.rows[level]
        row.append(node)
        if len(row) == WIDTH:
            self._compare(Tile(level, self.full[level]), row)
            self.full[level] += 1
            self.rows[level] = []
            self.add(level + 1, Tree(row).root())

    def finish(self) -> None:
        """Compare the partial tile at the end of each level."""
        for level, row in enumerate(self.rows):
            if tile := last_tile(level, self.tree.size):
                self._compare(tile, row)

    def _compare(self, tile: Tile, row: list[bytes]) -> None:
        if self.tree.hashes(tile) != row:
            below = (
                Tile(ENTRIES, tile.index, tile.width).path
                if tile.level == 0
                else f"the tiles of level {tile.level - 1}"
            )
            raise BadTile(path=tile.path, reason=f"it does not agree with {below}")
        self.checked += 1

"""An append-only log over a store: entries in, tiles and a signed checkpoint out.

INVARIANT: the checkpoint is written last. Whatever a crash leaves behind before that is beyond the size that the old
checkpoint names, so the log is still whole, and the next append writes over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.canon import ProofError
from comity.ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from comity.ledger.consistency import prove_consistency
from comity.ledger.inclusion import prove_inclusion
from comity.ledger.keys import SignerKey, VerifierKey
from comity.ledger.merkle import EMPTY_ROOT, Frontier, Tree, leaf_hash
from comity.ledger.notes import open_note
from comity.ledger.proof_file import LogProof
from comity.ledger.store import StoredTree, TileStore
from comity.ledger.tiles import CHECKPOINT_PATH, ENTRIES, WIDTH, BadTile, Tile, last_tile, pack_entries, row_width


class NoCheckpoint(ProofError):
    what = "this log has no checkpoint"
    why = "without it nobody knows which entries were published, and adding any could fork the log"
    do = "restore the checkpoint from a copy or from a witness; begin a new log only where there never was one"


class LogExists(ProofError):
    what = "there is a log here already"
    why = "beginning it again would drop its {size} entries"
    do = "add to it, or name another place"


class Log:
    """A log that is open for appending. One writer at a time: the caller holds the lock."""

    def __init__(self, store: TileStore, signer: SignerKey, checkpoint: Checkpoint, note: bytes) -> None:
        self._store = store
        self._signer = signer
        self.checkpoint = checkpoint
        self.note = note  # the signed checkpoint, as published

    @classmethod
    def create(cls, store: TileStore, signer: SignerKey) -> Log:
        """Begin a log: its first file is the checkpoint of the empty tree. Raises: LogExists."""
        if (note := store.read(CHECKPOINT_PATH)) is not None:
            raise LogExists(size=open_checkpoint(note, signer.verifier)[0].size)
        checkpoint = Checkpoint(origin=signer.name, size=0, root=EMPTY_ROOT)
        note = sign_checkpoint(checkpoint, signer)
        store.write(CHECKPOINT_PATH, note)
        return cls(store, signer, checkpoint, note)

    @classmethod
    def open(cls, store: TileStore, signer: SignerKey) -> Log:
        """Take up a log where its checkpoint stands, after a stop of any kind.

        Raises: NoCheckpoint; BadTile when the tiles do not give the root that the checkpoint signs; and what opening
                a checkpoint raises.
        """
        checkpoint, note = published(store, signer.verifier)
        tree = StoredTree(store, checkpoint.size)
        if Frontier.at(checkpoint.size, tree.node).root() != checkpoint.root:
            raise BadTile(path=CHECKPOINT_PATH, reason="the tiles lead to another root than the one it signs")
        return cls(store, signer, checkpoint, note)

    @property
    def tree(self) -> StoredTree:
        return StoredTree(self._store, self.checkpoint.size)

    def append(self, entries: Sequence[bytes]) -> range:
        """Add entries in one batch: bundles, then tiles, then the checkpoint.

        Returns: the indices of the entries. When it returns, all of it is durable; when it raises, none of it counts.
        Raises:  EntryTooLong before anything is written; what the store raises.
        """
        old = self.checkpoint.size
        new = old + len(entries)
        if not entries:
            return range(old, new)
        tree = self.tree
        leaves = [leaf_hash(entry) for entry in entries]
        frontier = Frontier.at(old, tree.node)
        for leaf in leaves:
            frontier.append(leaf)
        for tile, data in [*_bundles(tree, entries), *_tiles(tree, leaves)]:
            self._store.write(tile.path, data)
        checkpoint = Checkpoint(origin=self.checkpoint.origin, size=new, root=frontier.root())
        note = sign_checkpoint(checkpoint, self._signer)
        self._store.write(CHECKPOINT_PATH, note)
        self.checkpoint, self.note = checkpoint, note
        return range(old, new)

    def add_cosignatures(self, lines: bytes, witnesses: Iterable[VerifierKey]) -> None:
        """Put what witnesses answered under the published checkpoint.

        Raises: BadNote, BadSignature, NoKnownSignature: nothing is changed.
        """
        open_note(self.checkpoint.text.encode() + b"\n" + lines, witnesses)
        note = self.note + lines
        open_note(note, [self._signer.verifier])
        self._store.write(CHECKPOINT_PATH, note)
        self.note = note

    def find(self, entry: bytes) -> int | None:
        """The newest index of an entry, or None. Reads every leaf tile in the worst case."""
        leaf, tree = leaf_hash(entry), self.tree
        for index in range((tree.size - 1) // WIDTH, -1, -1):
            tile = Tile(0, index, min(WIDTH, tree.size - index * WIDTH))
            hashes = tree.hashes(tile)
            if leaf in hashes:
                return index * WIDTH + len(hashes) - 1 - hashes[::-1].index(leaf)
        return None

    def prove(self, index: int, *, extra: bytes | None = None) -> LogProof:
        """The proof that entry `index` stands under the published checkpoint. Raises: InclusionError."""
        hashes = prove_inclusion(self.tree.node, index, self.checkpoint.size)
        return LogProof(index=index, hashes=tuple(hashes), checkpoint=self.note, extra=extra)

    def prove_growth(self, since: int) -> list[bytes]:
        """The consistency proof from an earlier size to the present one. Raises: ConsistencyError."""
        return prove_consistency(self.tree.node, since, self.checkpoint.size)


def published(store: TileStore, key: VerifierKey) -> tuple[Checkpoint, bytes]:
    """The checkpoint that a store publishes, verified, and its note. Raises: NoCheckpoint; as `open_checkpoint`."""
    note = store.read(CHECKPOINT_PATH)
    if note is None:
        raise NoCheckpoint()
    return open_checkpoint(note, key)[0], note


def _bundles(tree: StoredTree, entries: Sequence[bytes]) -> Iterable[tuple[Tile, bytes]]:
    last = last_tile(ENTRIES, tree.size)
    row = [*(tree.entries(last) if last else []), *entries]
    first = tree.size // WIDTH
    for at in range(0, len(row), WIDTH):
        chunk = row[at : at + WIDTH]
        yield Tile(ENTRIES, first + at // WIDTH, len(chunk)), pack_entries(chunk)


def _tiles(tree: StoredTree, leaves: list[bytes]) -> Iterable[tuple[Tile, bytes]]:
    """Every tile that changes, level by level: full tiles add one hash each to the level above."""
    level, fresh = 0, leaves
    while fresh:
        last = last_tile(level, tree.size)
        row = [*(tree.hashes(last) if last else []), *fresh]
        first = row_width(level, tree.size) // WIDTH
        level_above: list[bytes] = []
        for at in range(0, len(row), WIDTH):
            chunk = row[at : at + WIDTH]
            yield Tile(level, first + at // WIDTH, len(chunk)), b"".join(chunk)
            if len(chunk) == WIDTH:
                level_above.append(Tree(chunk).root())
        level, fresh = level + 1, level_above

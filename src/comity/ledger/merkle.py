"""The Merkle tree of a transparency log: its hashes, its root, and the frontier that grows it (RFC 6962, RFC 9162).

A node is addressed by `(level, index)` and covers the leaves from `index * 2**level` to `(index + 1) * 2**level`.
Only full nodes have an address; the ragged right edge of a tree is always recomputed from full nodes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (RFC 9162 section 2.1.1)."""

NodeAt = Callable[[int, int], bytes]
"""Gives the hash of the full node at `(level, index)`: from memory, or from tiles."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two below `size`: where a tree of `size` leaves divides. `size` is at least two."""
    return 1 << (size - 1).bit_length() - 1


def range_root(node: NodeAt, begin: int, end: int) -> bytes:
    """The root over the leaves `begin` to `end`, which is one of the ranges that a tree of RFC 9162 divides into."""
    size = end - begin
    if size == 0:
        return EMPTY_ROOT
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, begin >> level)
    middle = begin + split(size)
    return node_hash(range_root(node, begin, middle), range_root(node, middle, end))


class Frontier:
    """The right edge of a tree: one full node for each set bit of its size, largest first (a compact range).

    Enough to append leaves and to tell the root, in memory that grows with the logarithm of the size.
    """

    __slots__ = ("nodes", "size")

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.nodes = list(nodes)
        if len(self.nodes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} nodes on its edge, not {len(self.nodes)}")

    @classmethod
    def at(cls, size: int, node: NodeAt) -> Frontier:
        """The frontier of a tree whose full nodes are known."""
        nodes, begin = [], 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                nodes.append(node(level, begin >> level))
                begin += 1 << level
        return cls(size, nodes)

    def copy(self) -> Frontier:
        return Frontier(self.size, self.nodes)

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf."""
        carry, size = leaf, self.size
        while size & 1:
            carry = node_hash(self.nodes.pop(), carry)
            size >>= 1
        self.nodes.append(carry)
        self.size += 1

    def root(self) -> bytes:
        if not self.nodes:
            return EMPTY_ROOT
        *left, root = self.nodes
        for node in reversed(left):
            root = node_hash(node, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in one pass."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


class Tree:
    """A whole tree in memory, for lists that fit there: it gives the hash of every full node."""

    __slots__ = ("_levels",)

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels: list[list[bytes]] = [list(leaves)]
        while len(below := self._levels[-1]) > 1:
            self._levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])

    @property
    def size(self) -> int:
        return len(self._levels[0])

    def node(self, level: int, index: int) -> bytes:
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """The root at `size` leaves, or of all of them."""
        return range_root(self.node, 0, self.size if size is None else size)

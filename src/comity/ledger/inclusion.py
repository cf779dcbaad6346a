"""Inclusion proofs: that one entry stands at one place in a tree with a known root (RFC 9162 section 2.1.3)."""

from __future__ import annotations

from collections.abc import Sequence

from comity.canon import ProofError
from comity.ledger.merkle import NodeAt, node_hash, range_root, split


class InclusionError(ProofError):
    what = "the entry is not shown to be in the log"
    why = "{reason}"
    do = "do not rely on it; ask its sender for the proof again, and keep this one"


def prove_inclusion(node: NodeAt, index: int, size: int) -> list[bytes]:
    """The siblings from the leaf `index` up to the root of a tree of `size` leaves.

    Raises: InclusionError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise InclusionError(reason=f"a tree of {size} entries has no entry {index}")
    siblings: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            siblings.append(range_root(node, middle, end))
            end = middle
        else:
            siblings.append(range_root(node, begin, middle))
            begin = middle
    return siblings[::-1]


def inclusion_length(index: int, size: int) -> int:
    """How many hashes the proof for `index` in `size` has: known before anything is hashed."""
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that `leaf` (a leaf hash) is number `index` in the tree of `size` leaves with this root.

    Raises:  InclusionError.
    Source:  RFC 9162 section 2.1.3.2; its steps are numbered below.
    """
    if not 0 <= index < size:  # step 1
        raise InclusionError(reason=f"a tree of {size} entries has no entry {index}")
    if len(proof) != (needed := inclusion_length(index, size)):
        raise InclusionError(reason=f"the proof has {len(proof)} hashes where entry {index} of {size} needs {needed}")
    fn, sn, result = index, size - 1, leaf  # steps 2 and 3
    for sibling in proof:  # step 4
        if sn == 0:
            raise InclusionError(reason="the proof is too long")
        if fn & 1 or fn == sn:
            result = node_hash(sibling, result)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or result != root:  # step 5
        raise InclusionError(reason="entry and proof lead to another root than the one that was signed")

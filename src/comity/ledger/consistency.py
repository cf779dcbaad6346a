"""Consistency proofs: that a tree only grew, and nothing in it was changed or removed (RFC 9162 section 2.1.4)."""

from __future__ import annotations

from collections.abc import Sequence

from comity.canon import ProofError
from comity.ledger.merkle import EMPTY_ROOT, NodeAt, node_hash, range_root, split


class ConsistencyError(ProofError):
    what = "the log is not shown to have only grown"
    why = "{reason}"
    do = (
        "ask for the consistency proof again; if it stays away, keep both checkpoints as evidence and tell the overseer"
    )


def prove_consistency(node: NodeAt, old: int, new: int) -> list[bytes]:
    """The hashes that lead both to the root at `old` leaves and to the root at `new`.

    Raises: ConsistencyError when `old` is zero (there is nothing to prove) or beyond `new`.
    """
    if not 0 < old <= new:
        raise ConsistencyError(reason=f"there is no proof from {old} to {new} entries")
    hashes: list[bytes] = []
    begin, end, whole = 0, new, True  # `whole`: the old tree is the left part of all ranges so far
    while old != end:
        middle = begin + split(end - begin)
        if old <= middle:
            hashes.append(range_root(node, middle, end))
            end = middle
        else:
            hashes.append(range_root(node, begin, middle))
            begin, whole = middle, False
    if not whole:
        hashes.append(range_root(node, begin, end))
    return hashes[::-1]


def consistency_length(old: int, new: int) -> int:
    """How many hashes the proof from `old` to `new` leaves has, `0 < old < new`: known before anything is hashed."""
    trailing = (old & -old).bit_length() - 1
    fn, sn = (old - 1) >> trailing, (new - 1) >> trailing
    inner = (fn ^ sn).bit_length()
    return inner + (fn >> inner).bit_count() + (0 if old & (old - 1) == 0 else 1)


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `new` leaves begins with the tree of `old` leaves.

    Any tree grows out of the empty one, so a claim from zero to more proves nothing and is refused here; who starts
    from nothing says so itself (see the witness).
    Raises:  ConsistencyError.
    Source:  RFC 9162 section 2.1.4.2; its steps are numbered below.
    """
    if old < 0 or new < old:
        raise ConsistencyError(reason=f"a log of {old} entries cannot have become one of {new}")
    if old == new:
        _same(old, old_root, new_root, proof)
        return
    if old == 0:
        raise ConsistencyError(reason="nothing follows from an empty log")
    if len(proof) != (needed := consistency_length(old, new)):
        raise ConsistencyError(reason=f"the proof has {len(proof)} hashes where {old} to {new} needs {needed}")
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)  # steps 1 and 2
    fn, sn = old - 1, new - 1  # step 3
    while fn & 1:  # step 4
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]  # step 5
    for sibling in path[1:]:  # step 6
        if sn == 0:
            raise ConsistencyError(reason="the proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(sibling, fr), node_hash(sibling, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, sibling)
        fn, sn = fn >> 1, sn >> 1
    if fr != old_root:  # step 7
        raise ConsistencyError(reason="the proof leads to another root than the one known before")
    if sr != new_root or sn:
        raise ConsistencyError(reason="the proof leads to another root than the new one")


def _same(size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ConsistencyError(reason="the sizes are equal, and yet there is a proof")
    if old_root != new_root:
        raise ConsistencyError(reason=f"two roots are claimed for one size of {size} entries")
    if size == 0 and new_root != EMPTY_ROOT:
        raise ConsistencyError(reason="an empty log has the root of the empty tree and no other")

"""The tree of RFC 6962 / RFC 9162: hashes, roots, and the frontier that grows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.vectors import vectors

from comity.ledger import EMPTY_ROOT, Frontier, Tree, leaf_hash, node_hash, root_of

REFERENCE = vectors("merkle/reference_tree.json")
LEAVES = [bytes.fromhex(leaf) for leaf in REFERENCE["leaves_hex"]]


def test_hash_of_the_empty_leaf():
    """RFC 9162 section 2.1.1; value published in transparency-dev/merkle."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_leaf_hashes_of_the_reference_tree():
    assert [leaf_hash(leaf).hex() for leaf in LEAVES] == REFERENCE["leaf_hashes_hex"]


@pytest.mark.parametrize(("size", "root"), REFERENCE["roots_hex"].items())
def test_root_of_the_reference_tree_at_every_size(size, root):
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert root_of(hashes[: int(size)]).hex() == root
    assert Tree(hashes).root(int(size)).hex() == root


def test_a_leaf_cannot_be_read_as_a_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_an_empty_tree_has_the_hash_of_nothing():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Tree([]).root() == EMPTY_ROOT == Frontier().root()


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70), st.integers(0, 70))
def test_frontier_and_tree_agree_with_the_definition_wherever_the_growth_was_interrupted(leaves, cut):
    cut = min(cut, len(leaves))
    frontier = Frontier.at(cut, Tree(leaves).node)
    for leaf in leaves[cut:]:
        frontier.append(leaf)
    assert frontier.root() == Tree(leaves).root() == by_definition(leaves)
    assert len(frontier.nodes) == len(leaves).bit_count()


def test_a_frontier_that_does_not_fit_its_size_is_no_frontier():
    with pytest.raises(ValueError, match="5 leaves has 2 nodes"):
        Frontier(5, [b"\0" * 32])

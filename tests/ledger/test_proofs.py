"""Inclusion and consistency proofs: the published ones, our own, and everything that is almost one."""

from __future__ import annotations

import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.vectors import unbase64, vectors

from comity.ledger import (
    ConsistencyError,
    InclusionError,
    Tree,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)

GENERATED = vectors("merkle/generated_proofs.json")
THOUSAND = Tree([leaf_hash(f"leaf {i}".encode()) for i in range(1000)])


@pytest.mark.parametrize("case", vectors("merkle/inclusion.json")["cases"], ids=lambda case: case["case"])
def test_published_inclusion_case(case):
    leaf, root = unbase64([case["leafHash"], case["root"]])
    given_proof = (leaf, case["leafIdx"], case["treeSize"], unbase64(case["proof"]), root)
    if case["wantErr"]:
        with pytest.raises(InclusionError):
            verify_inclusion(*given_proof)
    else:
        verify_inclusion(*given_proof)


@pytest.mark.parametrize("case", vectors("merkle/consistency.json")["cases"], ids=lambda case: case["case"])
def test_published_consistency_case(case):
    roots = unbase64([case["root1"], case["root2"]])
    given_proof = (case["size1"], case["size2"], *roots, unbase64(case["proof"]))
    if case["wantErr"]:
        with pytest.raises(ConsistencyError):
            verify_consistency(*given_proof)
    else:
        verify_consistency(*given_proof)


@pytest.mark.parametrize("case", GENERATED["inclusion"], ids=lambda case: f"{case['index']}-of-{case['size']}")
def test_generated_inclusion_proof_is_reproduced_and_every_mutation_refused(case):
    index, size, proof = case["index"], case["size"], unbase64(case["proof"])
    leaf, root = unbase64([case["leaf_hash"], case["root"]])
    assert prove_inclusion(THOUSAND.node, index, size) == proof
    verify_inclusion(leaf, index, size, proof, root)
    for changed in [*mutations(proof)]:
        with pytest.raises(InclusionError):
            verify_inclusion(leaf, index, size, changed, root)
    for wrong_index in (index - 1, index + 1):
        with pytest.raises(InclusionError):
            verify_inclusion(leaf, wrong_index, size, proof, root)
    for wrong_size in (size - 1, size + 1):
        # The vectors ask that any size off by one be refused. RFC 9162 section 2.1.3.2 cannot do that for trees in
        # which the leaf has a path of the same shape: a checkpoint signs size and root together, and the root that it
        # signs for that size is another one.
        if 0 < wrong_size <= 1000:
            with pytest.raises(InclusionError):
                verify_inclusion(leaf, index, wrong_size, proof, THOUSAND.root(wrong_size))
    for flipped in bit_flips(leaf):
        with pytest.raises(InclusionError):
            verify_inclusion(flipped, index, size, proof, root)


@pytest.mark.parametrize("case", GENERATED["consistency"], ids=lambda case: f"{case['size1']}-to-{case['size2']}")
def test_generated_consistency_proof_is_reproduced_and_every_mutation_refused(case):
    old, new, proof = case["size1"], case["size2"], unbase64(case["proof"])
    old_root, new_root = unbase64([case["root1"], case["root2"]])
    assert prove_consistency(THOUSAND.node, old, new) == proof
    verify_consistency(old, new, old_root, new_root, proof)
    for changed in mutations(proof):
        with pytest.raises(ConsistencyError):
            verify_consistency(old, new, old_root, new_root, changed)
    for wrong_old in (old - 1, old + 1):
        with pytest.raises(ConsistencyError):
            verify_consistency(wrong_old, new, old_root, new_root, proof)
    for wrong_new in (new - 1, new + 1):  # as above: the size is bound by the root that is signed with it
        if wrong_new <= 1000:
            with pytest.raises(ConsistencyError):
                verify_consistency(old, wrong_new, old_root, THOUSAND.root(wrong_new), proof)
    for flipped in bit_flips(old_root):
        with pytest.raises(ConsistencyError):
            verify_consistency(old, new, flipped, new_root, proof)
    for flipped in bit_flips(new_root):
        with pytest.raises(ConsistencyError):
            verify_consistency(old, new, old_root, flipped, proof)


def mutations(proof: list[bytes]):
    """A bit flipped, a hash dropped, added, shortened or swapped with its neighbour."""
    for at, value in enumerate(proof):
        for flipped in bit_flips(value):
            yield [*proof[:at], flipped, *proof[at + 1 :]]
        yield proof[:at] + proof[at + 1 :]
        yield [*proof[:at], value, *proof[at:]]
        yield [*proof[:at], value[:-1], *proof[at + 1 :]]
    for at in range(len(proof) - 1):
        if proof[at] != proof[at + 1]:
            yield [*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]]
    yield [*proof, bytes(32)]


def bit_flips(value: bytes):
    for bit in (0, 7, 100, 255):
        number = int.from_bytes(value, "big") ^ (1 << bit)
        yield number.to_bytes(32, "big")


SIZES = st.integers(1, 70)


@given(SIZES, st.data())
def test_every_entry_of_every_tree_is_proved_and_no_other_entry_with_its_proof(size, data):
    index, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    root = THOUSAND.root(size)
    proof = prove_inclusion(THOUSAND.node, index, size)
    verify_inclusion(THOUSAND.node(0, index), index, size, proof, root)
    if other != index:
        with pytest.raises(InclusionError):
            verify_inclusion(THOUSAND.node(0, other), other, size, proof, root)


def test_every_pair_of_sizes_up_to_forty_is_proved():
    for old, new in itertools.combinations_with_replacement(range(1, 41), 2):
        proof = prove_consistency(THOUSAND.node, old, new)
        verify_consistency(old, new, THOUSAND.root(old), THOUSAND.root(new), proof)
        if old != new:
            with pytest.raises(ConsistencyError):
                verify_consistency(old, new, THOUSAND.root(new), THOUSAND.root(new), proof)


def test_a_wrong_length_is_refused_before_anything_is_hashed(monkeypatch):
    monkeypatch.setattr("comity.ledger.inclusion.node_hash", lambda left, right: pytest.fail("hashed"))
    monkeypatch.setattr("comity.ledger.consistency.node_hash", lambda left, right: pytest.fail("hashed"))
    endless = [bytes(32)] * 1_000_000
    with pytest.raises(InclusionError, match="1000000 hashes where entry 3 of 8 needs 3"):
        verify_inclusion(bytes(32), 3, 8, endless, bytes(32))
    with pytest.raises(ConsistencyError, match="1000000 hashes where 3 to 8 needs 4"):
        verify_consistency(3, 8, bytes(32), bytes(32), endless)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_a_leaf_beyond_the_tree_has_no_proof(index, size):
    with pytest.raises(InclusionError, match=f"a tree of {size} entries has no entry {index}"):
        prove_inclusion(THOUSAND.node, index, size)
    with pytest.raises(InclusionError, match=f"a tree of {size} entries has no entry {index}"):
        verify_inclusion(bytes(32), index, size, [], bytes(32))


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5)])
def test_a_log_is_not_shown_to_grow_from_nothing_or_to_shrink(old, new):
    with pytest.raises(ConsistencyError):
        prove_consistency(THOUSAND.node, old, new)
    with pytest.raises(ConsistencyError):
        verify_consistency(old, new, bytes(32), bytes(32), [])


def test_an_empty_log_is_itself_only_with_the_empty_root():
    empty = base64.b64decode("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    verify_consistency(0, 0, empty, empty, [])
    with pytest.raises(ConsistencyError):
        verify_consistency(0, 0, bytes(32), bytes(32), [])

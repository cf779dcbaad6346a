"""A witness: the recorded conversation, the order of its checks, and that it never goes back."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.stores import MemoryStore
from tests.ledger.vectors import vectors

from comity.canon import strict_base64
from comity.ledger import (
    Algorithm,
    Checkpoint,
    Log,
    Seen,
    SignerKey,
    Tree,
    VerifierKey,
    answer,
    leaf_hash,
    open_note,
    prove_consistency,
    sign_checkpoint,
)

WITNESS = SignerKey("example.com/witness", Ed25519PrivateKey.from_private_bytes(bytes(32)), Algorithm.COSIGNATURE)
KEY = SignerKey("node.example/releases", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
LOGS = {KEY.name: (KEY.verifier,)}
NOW = 1_700_000_000
TREE = Tree([leaf_hash(f"leaf {i}".encode()) for i in range(64)])
FORK = Tree([leaf_hash(f"fork {i}".encode()) for i in range(64)])


def test_the_recorded_conversation():
    conversation = vectors("tlog/witness_conversation.json")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(conversation["log_public_key_hex"]))
    origin = conversation["steps"][0]["request_body"].split("\n")[2]
    logs = {origin: (VerifierKey(origin, key),)}
    state: dict[str, Seen] = {}
    for step in conversation["steps"]:
        reply = answer(state, step["request_body"].encode(), logs=logs, signer=WITNESS, time=NOW)
        # One step is outdated: for a log it does not know a witness now answers 404, where that one said 403.
        assert reply.status == step.get("status_current_spec", step["status"])
        if step["body_check"] == "==":
            assert reply.body == step["body_value"]
            assert reply.content_type == step["content_type"]
        else:
            assert step["body_value"] in reply.body
        if reply.status == 200:
            note = step["request_body"].partition("\n\n")[2] + reply.body
            (signed,) = open_note(note.encode(), [WITNESS.verifier]).by
            assert signed.time == NOW
        else:
            assert reply.state == state
        state = dict(reply.state)
    assert state[origin].size == 5


def request(
    old: int, size: int, *, tree: Tree = TREE, proof: list[bytes] | None = None, root: bytes | None = None
) -> bytes:
    if proof is None:
        proof = prove_consistency(tree.node, old, size) if 0 < old <= size else []
    lines = [f"old {old}", *map(strict_base64.encode, proof), "", ""]
    if size == 0 and root is not None:
        text = f"{KEY.name}\n0\n{strict_base64.encode(root)}\n"
        return "\n".join(lines).encode() + (text + "\n" + KEY.sign(text)).encode()
    checkpoint = Checkpoint(origin=KEY.name, size=size, root=tree.root(size) if root is None else root)
    return "\n".join(lines).encode() + sign_checkpoint(checkpoint, KEY)


def ask(state: dict[str, Seen], body: bytes):
    return answer(state, body, logs=LOGS, signer=WITNESS, time=NOW)


def seen(size: int) -> dict[str, Seen]:
    return {KEY.name: Seen(size=size, root=TREE.root(size))}


@pytest.mark.parametrize(
    ("state", "body", "status"),
    [
        ({}, request(0, 0), 200),
        ({}, request(0, 5), 200),
        (seen(5), request(5, 5), 200),
        (seen(5), request(5, 9), 200),
        (seen(0), request(0, 9), 200),
        (seen(5), request(7, 6, proof=[]), 400),  # before the 409 that the old size would earn
        (seen(5), request(0, 9), 409),
        (seen(5), request(4, 9), 409),
        (seen(5), request(0, 0), 409),
        ({}, request(0, 0, root=bytes(32)), 422),
        (seen(5), request(0, 0, root=bytes(32)), 409),  # before the 422 that the root would earn
        ({}, request(0, 5, proof=[bytes(32)]), 422),
        (seen(5), request(5, 9, proof=[]), 422),
        (seen(5), request(5, 5, tree=FORK), 422),
        (seen(5), request(5, 9, tree=FORK), 422),
        (seen(5), request(5, 5, proof=[bytes(32)]), 422),
    ],
)
def test_each_row_of_the_table_in_its_order(state, body, status):
    reply = ask(state, body)
    assert reply.status == status
    assert (reply.evidence == body) == (status == 422)
    if status != 200:
        assert reply.state == state
        assert "—" not in reply.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        request(0, 5).replace(b"old 0", b"old 00"),
        request(0, 5).replace(b"old 0", b"old -1"),
        request(0, 5).replace(b"old 0\n", b"old 0\nnot a hash\n"),
        request(0, 5).replace(b"old 0\n", b"old 0\n" + (strict_base64.encode(bytes(32)) + "\n").encode() * 64),
    ],
)
def test_a_malformed_request_is_answered_400(body):
    assert ask({}, body).status == 400


def test_a_signed_text_that_is_no_checkpoint_is_answered_400():
    text = f"{KEY.name}\n05\n{strict_base64.encode(bytes(32))}\n"
    assert ask({}, f"old 0\n\n{text}\n{KEY.sign(text)}".encode()).status == 400


def test_an_endless_request_is_not_read():
    assert ask({}, b"old 0\n" + b"a" * 100_000).status == 413


def test_a_signature_by_another_key_is_answered_403():
    other = SignerKey(KEY.name, Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))
    body = b"old 0\n\n" + sign_checkpoint(Checkpoint(origin=KEY.name, size=5, root=TREE.root(5)), other)
    assert ask({}, body).status == 403


def test_a_checkpoint_that_nobody_signed_is_answered_403():
    assert ask({}, request(0, 5).replace(b"\xe2\x80\x94", b"-")).status == 403
    assert ask({}, request(0, 5).partition("\u2014".encode())[0]).status == 403


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), max_size=30))
def test_a_witness_never_goes_back_and_never_leaves_the_tree_it_began_with(calls):
    state: dict[str, Seen] = {}
    cosigned: list[Seen] = []
    for old, size, forked in calls:
        reply = ask(state, request(old, size, tree=FORK if forked else TREE, proof=None if 0 < old <= size else []))
        if reply.status == 200:
            cosigned.append(reply.state[KEY.name])
        state = dict(reply.state)
    assert [s.size for s in cosigned] == sorted(s.size for s in cosigned)
    roots = {tree.root(s.size) == s.root for s in cosigned if s.size for tree in [TREE]}
    assert len(roots) <= 1, "cosigned two histories"


def test_a_log_gets_the_cosignature_it_asks_for_and_publishes_it():
    log = Log.create(MemoryStore(), KEY)
    log.append([b"one", b"two"])
    first = ask({}, b"old 0\n\n" + log.note)
    log.add_cosignatures(first.body.encode(), [WITNESS.verifier])
    log.append([b"three"])
    proof = "".join(strict_base64.encode(value) + "\n" for value in log.prove_growth(2))
    second = ask(dict(first.state), f"old 2\n{proof}\n".encode() + log.note)
    assert second.status == 200
    assert second.state[KEY.name] == Seen(size=3, root=log.checkpoint.root)

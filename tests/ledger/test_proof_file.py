"""Proof files, witness policies, and two views of one log."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.stores import MemoryStore
from tests.ledger.vectors import unbase64, vectors

from comity.canon import ComityError
from comity.ledger import (
    Algorithm,
    BadPolicy,
    BadProofFile,
    Log,
    LogProof,
    QuorumNotMet,
    SignerKey,
    Verdict,
    VerifierKey,
    compare,
    cosigned_message,
    majority,
    parse_policy,
    sign_note,
    verify_proof,
)

PROOFS = vectors("tlog/tlog_proofs.json")
TESSERA = VerifierKey.parse(PROOFS["verifier_key"])
WITNESSES = {
    f"w{i}": SignerKey(f"w{i}.example", Ed25519PrivateKey.from_private_bytes(bytes([i] * 32)), Algorithm.COSIGNATURE)
    for i in range(1, 6)
}
KEY = SignerKey("node.example/releases", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.mark.parametrize("case", PROOFS["cases"], ids=lambda case: case["case"])
def test_published_proof_file(case):
    entry, data = case["entry"].encode(), case["proof"].encode()
    if case["valid"]:
        proof = LogProof.parse(data)
        assert bytes(proof) == data
        verify_proof(entry, proof, TESSERA)
    else:
        with pytest.raises(ComityError):
            verify_proof(entry, LogProof.parse(data), TESSERA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlog-proof@v1\n", "tlog-proof@v1\nextra aGVsbG8=\nextra aGVsbG8=\n"),
        ("tlog-proof@v1\n", "tlog-proof@v1\nextra aGVsbG8\n"),
        ("index 14", "index -14"),
        ("index 14", "index ١٤"),
        ("index 14\n", ""),
        ("index 14\n", "index 14\nGiUt\n"),
        ("index 14\n", "index 14\n" + "GiUtVP0XhIaZ/fl7ReMLgw+9YUtjFAt8kaTdfOe2u/I=\n" * 61),
    ],
)
def test_a_proof_file_of_another_form_is_refused(old, new):
    (case,) = [case for case in PROOFS["cases"] if case["case"] == "ok-14-of-15"]
    with pytest.raises(BadProofFile):
        LogProof.parse(case["proof"].replace(old, new).encode())


def test_extra_data_travels_with_a_proof_and_proves_nothing():
    (case,) = [case for case in PROOFS["cases"] if case["case"] == "ok-14-of-15"]
    data = case["proof"].replace("@v1\n", "@v1\nextra aGVsbG8=\n").encode()
    proof = LogProof.parse(data)
    assert proof.extra == b"hello"
    assert bytes(proof) == data
    verify_proof(case["entry"].encode(), proof, TESSERA)


@pytest.mark.parametrize("case", vectors("tlog/split_views.json")["cases"], ids=lambda case: case["case"])
def test_two_views_of_a_log_are_judged(case):
    old, new = case["old_checkpoint"].encode(), case["new_checkpoint"].encode()
    verdict = compare(old, new, unbase64(case["consistency_proof"]), VerifierKey.parse(case["verifier_key"]))
    assert verdict is Verdict(case["verdict"])


def test_a_log_is_not_blamed_for_what_it_did_not_sign():
    (case,) = [c for c in vectors("tlog/split_views.json")["cases"] if c["case"] == "split-same-size"]
    forged = case["new_checkpoint"].replace("\n20\n", "\n21\n").encode()
    with pytest.raises(ComityError):
        compare(case["old_checkpoint"].encode(), forged, [], VerifierKey.parse(case["verifier_key"]))


POLICY = "\n".join(
    [
        "# two organisations",
        f"log {KEY.verifier} https://node.example/releases",
        "",
        *(f"  witness {name}\t{key.verifier} https://{name}.example" for name, key in WITNESSES.items()),
        "group X 2 w1 w2 w3",
        "group Y any w4 w5",
        "group X-and-Y all X Y",
        "quorum X-and-Y",
        "",
    ]
)


def proof_cosigned_by(*names: str) -> LogProof:
    log = Log.create(MemoryStore(), KEY)
    log.append([b"entry"])
    note = sign_note(log.checkpoint.text, KEY, *(WITNESSES[name] for name in names), time=1_700_000_000)
    return LogProof(index=0, hashes=(), checkpoint=note)


@pytest.mark.parametrize("names", [("w1", "w2", "w4"), ("w3", "w1", "w5"), tuple(WITNESSES)])
def test_a_quorum_that_is_met(names):
    policy = parse_policy(POLICY.encode())
    assert policy.urls["w1"] == "https://w1.example"
    verify_proof(b"entry", proof_cosigned_by(*names), policy.logs[0], policy=policy)


@pytest.mark.parametrize("names", [(), ("w1", "w2", "w3"), ("w1", "w4"), ("w4", "w5")])
def test_a_quorum_that_is_not_met(names):
    with pytest.raises(QuorumNotMet, match=", ".join(names) or "none"):
        verify_proof(b"entry", proof_cosigned_by(*names), KEY.verifier, policy=parse_policy(POLICY.encode()))


def test_one_witness_that_signs_often_counts_once():
    proof = proof_cosigned_by("w1", "w1", "w4")
    with pytest.raises(QuorumNotMet):
        verify_proof(b"entry", proof, KEY.verifier, policy=parse_policy(POLICY.encode()))


def test_a_cosignature_at_time_zero_tells_nothing_and_counts_for_nothing():
    log = Log.create(MemoryStore(), KEY)
    log.append([b"entry"])
    witness = WITNESSES["w1"]
    signature = witness.verifier.id + bytes(8) + witness.key.sign(cosigned_message(log.checkpoint.text, 0))
    note = log.note + f"— {witness.name} {base64.b64encode(signature).decode()}\n".encode()
    with pytest.raises(QuorumNotMet):
        verify_proof(
            b"entry",
            LogProof(index=0, hashes=(), checkpoint=note),
            KEY.verifier,
            policy=majority({"w1": witness.verifier}),
        )


def test_without_a_quorum_the_log_alone_is_trusted():
    verify_proof(b"entry", proof_cosigned_by(), KEY.verifier, policy=parse_policy(b"quorum none\n"))


@pytest.mark.parametrize(("partners", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_our_default_is_more_than_half_of_the_partners(partners, needed):
    names = list(WITNESSES)[:partners]
    policy = majority({name: WITNESSES[name].verifier for name in names})
    verify_proof(b"entry", proof_cosigned_by(*names[:needed]), KEY.verifier, policy=policy)
    with pytest.raises(QuorumNotMet):
        verify_proof(b"entry", proof_cosigned_by(*names[: needed - 1]), KEY.verifier, policy=policy)


W1, W2 = WITNESSES["w1"].verifier, WITNESSES["w2"].verifier
PLAIN = SignerKey("w1.example", WITNESSES["w1"].key).verifier


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "quorum w1\n",
        f"quorum w1\nwitness w1 {W1}\n",
        "quorum none\nquorum none\n",
        f"witness w1 {W1}\nwitness w1 {W2}\nquorum none\n",
        f"witness w1 {W1}\nwitness again {W1}\nquorum none\n",
        f"witness none {W1}\nquorum none\n",
        f"witness w1 {PLAIN}\nquorum none\n",
        f"log {KEY.verifier}\nlog {KEY.verifier}\nquorum none\n",
        f"witness w1 {W1}\ngroup g 0 w1\nquorum g\n",
        f"witness w1 {W1}\ngroup g 2 w1\nquorum g\n",
        f"witness w1 {W1}\ngroup g +1 w1\nquorum g\n",
        f"witness w1 {W1}\ngroup g 1 w1 w1\nquorum g\n",
        f"witness w1 {W1}\ngroup g 1 w1\ngroup h 1 w1\nquorum g\n",
        f"witness w1 {W1}\ngroup g 1\nquorum w1\n",
        f"witness w1 {W1}\ngroup g any none\nquorum g\n",
        f"group g any h\ngroup h any g\nquorum g\nwitness w1 {W1}\n",
        f"witness w1 {W1} https://a https://b\nquorum w1\n",
        f"witness w1 {W1}\r\nquorum w1\n",
        "Quorum none\n",
        "log notakey\nquorum none\n",
        "\xff\n",
    ],
)
def test_a_policy_that_says_less_than_it_seems_is_refused(text):
    with pytest.raises(BadPolicy):
        parse_policy(text.encode("latin-1"))


def test_thirty_two_of_each_kind_are_read():
    keys = [
        SignerKey(f"w{i}", Ed25519PrivateKey.from_private_bytes(bytes([i, 9] * 16)), Algorithm.COSIGNATURE)
        for i in range(32)
    ]
    logs = [SignerKey(f"l{i}", Ed25519PrivateKey.from_private_bytes(bytes([i, 8] * 16))) for i in range(32)]
    lines = [f"log {key.verifier}" for key in logs]
    lines += [f"witness w{i} {key.verifier}" for i, key in enumerate(keys)]
    lines += [f"group g{i} 1 w{i}" for i in range(32)]
    policy = parse_policy("\n".join([*lines, "quorum g0", ""]).encode())
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (32, 32, 32)

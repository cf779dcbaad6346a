"""Signed notes, keys, checkpoints and cosignatures against the published cases of C2SP and its implementations."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.vectors import vectors

from comity.canon import ComityError
from comity.ledger import (
    Algorithm,
    BadCheckpoint,
    BadKey,
    BadNote,
    BadSignature,
    Checkpoint,
    NoKnownSignature,
    OtherLog,
    SignerKey,
    VerifierKey,
    WrongEmptyRoot,
    cosigned_message,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    public_key_text,
    read_public_key,
    sign_checkpoint,
    sign_note,
    split_note,
)

WRONG = (ComityError,)
ALICE = SignerKey("alice.example/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = SignerKey("witness.example/w", Ed25519PrivateKey.from_private_bytes(bytes(32)), Algorithm.COSIGNATURE)
EMPTY = "alice.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


@pytest.mark.parametrize("case", vectors("tlog/notes.json")["cases"], ids=lambda case: case["case"])
def test_published_note(case):
    note = case["note"].encode() if "note" in case else base64.b64decode(case["note_base64"])
    keys = [VerifierKey.parse(key) for key in case["verifier_keys"]]
    if case["valid"]:
        opened = open_note(note, keys)
        assert note.startswith(opened.text.encode() + b"\n")
        assert {signed.key for signed in opened.by} <= set(keys)
    else:
        with pytest.raises(WRONG):
            open_note(note, keys)


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("known-key-corrupt-signature", BadSignature),
        ("changed-text", BadSignature),
        ("no-known-key", NoKnownSignature),
        ("right-id-wrong-name", NoKnownSignature),
        ("key-name-with-plus", BadNote),
        ("no-blank-line", BadNote),
        ("url-safe-base64", BadNote),
    ],
)
def test_a_bad_note_is_refused_for_what_is_bad_in_it(case, error):
    (found,) = [c for c in vectors("tlog/notes.json")["cases"] if c["case"] == case]
    with pytest.raises(error):
        open_note(base64.b64decode(found["note_base64"]), [VerifierKey.parse(key) for key in found["verifier_keys"]])


@pytest.mark.parametrize("case", vectors("tlog/verifier_keys.json")["cases"], ids=lambda case: case["vkey"][:30])
def test_published_verifier_key(case):
    if case["valid"]:
        key = VerifierKey.parse(case["vkey"])
        assert (key.name, key.id.hex(), key.algorithm) == (case["name"], case["key_id"], case["type_byte"])
        assert key.key.public_bytes_raw().hex() == case["public_key_hex"]
        assert str(key) == case["vkey"]
    else:
        with pytest.raises(BadKey):
            VerifierKey.parse(case["vkey"])


@pytest.mark.parametrize("case", vectors("tlog/cosignatures.json")["cases"], ids=lambda case: case["case"])
def test_published_cosignature(case):
    key, note = VerifierKey.parse(case["verifier_key"]), case["note"].encode()
    assert cosigned_message(split_note(note).text, case["timestamp"]).decode() == case["signed_message"]
    if not case["valid"]:
        with pytest.raises(WRONG):
            open_note(note, [key])
        return
    (signed,) = open_note(note, [key]).by
    assert signed.time == case["timestamp"]
    if seed := case.get("private_seed_hex"):
        signer = SignerKey(key.name, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)), key.algorithm)
        assert sign_note(split_note(note).text, signer, time=case["timestamp"]) == note


@pytest.mark.parametrize("case", vectors("tlog/checkpoint_bodies.json")["cases"], ids=lambda case: case["case"])
def test_published_checkpoint_body(case):
    if case["valid"]:
        assert parse_checkpoint(case["body"]).text == case["body"]
    else:
        with pytest.raises(BadCheckpoint):
            parse_checkpoint(case["body"])


def test_a_signer_key_is_read_and_makes_the_published_checkpoints():
    log = vectors("tlog/tessera_log_15.json")
    signer = SignerKey.parse(log["signer_key"])
    assert str(signer.verifier) == log["verifier_key"]
    for size, note in enumerate(log["checkpoints"]):
        checkpoint, _ = open_checkpoint(note.encode(), signer.verifier)
        assert checkpoint.size == size
        assert sign_checkpoint(checkpoint, signer) == note.encode()


@pytest.mark.parametrize(
    "text",
    [
        "PRIVATE+KEY+a+00000000+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg",
        "a+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg",
        "PRIVATE+KEY+a",
    ],
)
def test_a_signer_key_that_is_not_what_it_says_is_refused(text):
    with pytest.raises(BadKey):
        SignerKey.parse(text)


def test_no_private_key_is_shown():
    seed = ALICE.key.private_bytes_raw()
    assert seed.hex() not in repr(ALICE)
    assert base64.b64encode(seed).decode() not in repr(ALICE)


def test_sixty_four_signatures_are_read_and_sixty_five_are_not():
    line = ALICE.sign(EMPTY)
    assert len(open_note((EMPTY + "\n" + line * 64).encode(), [ALICE.verifier]).by) == 1
    with pytest.raises(BadNote, match="65 signatures"):
        open_note((EMPTY + "\n" + line * 65).encode(), [ALICE.verifier])


def test_one_bad_signature_of_a_known_witness_spoils_the_note():
    note = sign_note(EMPTY, ALICE, WITNESS, time=1_700_000_000)
    bad = note.replace(b"\xe2\x80\x94 witness", b"\xe2\x80\x94 wutness")
    assert len(open_checkpoint(note, ALICE.verifier, witnesses=[WITNESS.verifier])[1].by) == 2
    assert len(open_checkpoint(bad, ALICE.verifier, witnesses=[WITNESS.verifier])[1].by) == 1
    forged = EMPTY.encode() + b"\n" + ALICE.sign(EMPTY).encode() + WITNESS.sign("other\n", time=5).encode()
    with pytest.raises(BadSignature):
        open_checkpoint(forged, ALICE.verifier, witnesses=[WITNESS.verifier])


def test_a_witness_alone_does_not_make_a_checkpoint():
    note = sign_note(EMPTY, WITNESS, time=1_700_000_000)
    with pytest.raises(NoKnownSignature):
        open_checkpoint(note, ALICE.verifier, witnesses=[WITNESS.verifier])


def test_a_cosignature_without_a_time_is_not_made():
    for time in (None, 0, -1):
        with pytest.raises(ValueError, match="time"):
            WITNESS.sign(EMPTY, time=time)


def test_the_checkpoint_of_another_log_is_refused():
    with pytest.raises(OtherLog, match=r"'alice\.example/log'"):
        open_checkpoint(sign_note(EMPTY, ALICE), ALICE.verifier, origin="bob.example/log")


def test_the_empty_log_has_one_root():
    with pytest.raises(WrongEmptyRoot):
        Checkpoint(origin="a", size=0, root=bytes(32))


def test_text_that_could_not_be_read_back_is_not_signed():
    for text in ("no newline", "a\tb\n", "\x00\n"):
        with pytest.raises(BadNote):
            sign_note(text, ALICE)


def test_pinned_public_keys_are_written_and_read_alike():
    text = public_key_text(ALICE.key.public_key())
    assert text.startswith("ed25519:")
    assert read_public_key(text) == ALICE.key.public_key()
    for bad in ("", "ed25519", text.replace("ed25519", "rsa"), text[:-4], text + "A", "ed25519: " + text[8:]):
        with pytest.raises(BadKey):
            read_public_key(bad)


def ed25519_cases():
    for group in vectors("tlog/ed25519.json")["testGroups"]:
        key = VerifierKey("wycheproof", read_public_key_hex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            yield key, case


def read_public_key_hex(value: str):
    return read_public_key("ed25519:" + base64.b64encode(bytes.fromhex(value)).decode())


def test_no_malformed_ed25519_signature_is_accepted():
    """Wycheproof; the messages there are bytes, so the key is asked as `VerifierKey.verify` asks it, for text only."""
    tried = 0
    for key, case in ed25519_cases():
        try:
            text = bytes.fromhex(case["msg"]).decode()
        except UnicodeDecodeError:
            continue
        tried += 1
        if case["result"] == "valid":
            assert key.verify(text, bytes.fromhex(case["sig"])) is None
        else:
            with pytest.raises(BadSignature):
                key.verify(text, bytes.fromhex(case["sig"]))
    assert tried == 84


def test_the_text_of_a_note_may_hold_empty_lines():
    """C2SP signed-note: the last empty line ends the text."""
    text = "Ognuno sta solo\n\ned è subito sera.\n"
    assert open_note(sign_note(text, ALICE), [ALICE.verifier]).text == text


def test_a_signature_has_one_spelling():
    """The last character of the base64 holds bits that are not part of the signature; another spelling is refused."""
    note = sign_note(EMPTY, ALICE)
    assert note.endswith(b"=\n")
    head, last = note[:-3], note[-3:-2]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for other in range(64):
        if other >> 2 == alphabet.index(last) >> 2 and alphabet[other : other + 1] != last:
            with pytest.raises(BadNote):
                open_note(head + alphabet[other : other + 1] + b"=\n", [ALICE.verifier])


def test_a_signature_that_holds_only_a_key_id_is_malformed():
    with pytest.raises(BadNote, match="too short"):
        split_note(f"{EMPTY}\n— alice.example/log {base64.b64encode(bytes(4)).decode()}\n".encode())

"""Signatures: by every party, over what is said, with the key that the text names."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.agreement.texts import ALONE, changed, read

from comity.agreement import (
    Agreement,
    Signature,
    SignatureInvalid,
    SignedAnotherText,
    gather,
    read_signatures,
    sign,
    verify,
    write_signatures,
)
from comity.agreement.signing import BadSignatureFile, NotAParty, spell_key
from comity.canon import StrictJsonError

ONE, TWO, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))


def _text(*changes: tuple[str, str]) -> str:
    keys = (
        ("ed25519:Hc+t76rKr7baCeukkeZoQZGBTyJtFiElXGnnANYKcog=", spell_key(ONE.public_key())),
        ("ed25519:H8czsSowXeoxt5E8Sf9cIcGSfZQ7W74PjgMc94DO5W0=", spell_key(TWO.public_key())),
    )
    return changed(ALONE, *keys, *changes)


def _agreement(*changes: tuple[str, str]) -> Agreement:
    return read(_text(*changes), "alone.yaml")


def test_who_has_signed_and_who_has_not():
    agreement = _agreement()
    first = sign(agreement, ONE, "one")
    half = verify(agreement, gather(agreement, [first]))
    assert (half.by, half.missing, half.complete) == (("one",), ("two",), False)
    whole = verify(agreement, gather(agreement, [sign(agreement, TWO, "two"), first]))
    assert (whole.by, whole.missing, whole.complete) == (("one", "two"), (), True)
    assert verify(agreement, gather(agreement, [])).missing == ("one", "two")


def test_signatures_survive_the_file_and_the_layout_of_the_text():
    agreement = _agreement()
    data = write_signatures(gather(agreement, [sign(agreement, ONE, "one"), sign(agreement, TWO, "two")]))
    relaid = read(json.dumps(agreement.data, indent=2, sort_keys=True), "alone.yaml")
    assert verify(relaid, read_signatures(data, "alone.signatures.json")).complete


def test_another_text_is_another_agreement():
    agreement = _agreement()
    signatures = gather(agreement, [sign(agreement, ONE, "one")])
    with pytest.raises(SignedAnotherText):
        verify(_agreement(("ceiling: amber", "ceiling: red")), signatures)


def test_a_digest_that_lies_does_not_help():
    """The file may claim the new text's digest; the signature is over the text itself."""
    agreement, other = _agreement(), _agreement(("ceiling: amber", "ceiling: red"))
    lying = gather(other, [sign(agreement, ONE, "one")])
    with pytest.raises(SignatureInvalid):
        verify(other, lying)


def test_a_strangers_key_is_refused():
    agreement = _agreement()
    with pytest.raises(NotAParty):
        sign(agreement, STRANGER, "one")
    with pytest.raises(NotAParty):
        sign(agreement, ONE, "two")
    with pytest.raises(NotAParty):
        sign(agreement, ONE, "nobody")


@pytest.mark.parametrize(
    "forged",
    [
        Signature(party="two", key=spell_key(ONE.public_key()), signature=""),
        Signature(party="one", key=spell_key(STRANGER.public_key()), signature=""),
        Signature(party="nobody", key=spell_key(ONE.public_key()), signature=""),
        Signature(party="one", key=spell_key(ONE.public_key()), signature="!"),
        Signature(party="one", key=spell_key(ONE.public_key()), signature=base64.b64encode(bytes(64)).decode()),
    ],
)
def test_forged_signatures_are_refused(forged: Signature):
    agreement = _agreement()
    real = gather(agreement, [sign(agreement, ONE, "one")])
    content = json.loads(write_signatures(real))
    content["signatures"] = [
        {
            "party": forged.party,
            "key": forged.key,
            "signature": forged.signature or content["signatures"][0]["signature"],
        }
    ]
    with pytest.raises(SignatureInvalid):
        verify(agreement, read_signatures(json.dumps(content).encode(), "x"))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", StrictJsonError),
        (b"[]", BadSignatureFile),
        (b'{"agreement": "x"}', BadSignatureFile),
        (b'{"agreement":"a","version":1,"digest":"d","signatures":[{"party":"a"}]}', BadSignatureFile),
        (b'{"agreement":"a","agreement":"b"}', StrictJsonError),
    ],
)
def test_what_is_no_file_of_signatures_is_refused(data: bytes, error: type[Exception]):
    with pytest.raises(error):
        read_signatures(data, "x.json")

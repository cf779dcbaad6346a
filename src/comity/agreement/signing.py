"""Signatures: every party signs the JCS form of the parsed text with the Ed25519 key that the text itself names.

Signatures stand in a file of their own beside the agreement, so that the text that is signed never changes.
Layout, indentation and key order are not part of what is signed; every word and number is. Source: RFC 8032, RFC 8785.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.agreement.agreement import Agreement
from comity.canon import InputError, Json, ProofError, dumps, loads, printable

_DOMAIN = b"comity-agreement-v1\n"  # so that no signature made for anything else can pass as one of these


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One party's signature under one digest."""

    party: Annotated[str, msgspec.Meta(max_length=63)]
    key: Annotated[str, msgspec.Meta(max_length=60)]
    signature: Annotated[str, msgspec.Meta(max_length=100)]  # base64, 64 bytes


class Signatures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file `<agreement>.signatures.json` holds."""

    agreement: str
    version: int
    digest: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who has signed, and who has not."""

    by: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.missing


class BadSignatureFile(InputError):
    what = "this is no file of signatures"
    why = "{reason}"
    do = "make it with `comity agreement sign`"


class NotAParty(InputError):
    what = "{party} cannot sign {agreement}"
    why = "{reason}"
    do = "sign as one of its parties, with the key that the agreement names for it"


class SignedAnotherText(ProofError):
    what = "the signatures are not over this text of {agreement}"
    why = "they stand under {signed}, and this text has {digest}"
    do = "get the text that was signed, or have every party sign this one"


class SignatureInvalid(ProofError):
    what = "the signature of {party} under {agreement} is not valid"
    why = "{reason}"
    do = "have {party} sign again with the key that the agreement names"


def sign(agreement: Agreement, private_key: Ed25519PrivateKey, party: str) -> Signature:
    """Sign for a party. Raises: NotAParty when it is none, or the key is not the one the text names."""
    known = agreement.party(party)
    if known is None:
        names = ", ".join(one.id for one in agreement.text.parties)
        raise NotAParty(party=printable(party), agreement=agreement.id, reason=f"its parties are {names}")
    key = spell_key(private_key.public_key())
    if key != known.key:
        raise NotAParty(party=party, agreement=agreement.id, reason="the agreement names another key for it")
    signature = base64.b64encode(private_key.sign(_message(agreement))).decode()
    return Signature(party=party, key=key, signature=signature)


def gather(agreement: Agreement, signatures: Iterable[Signature]) -> Signatures:
    """The file's content: one signature a party, the last one given, in the order of the parties."""
    latest = {signature.party: signature for signature in signatures}
    return Signatures(
        agreement=agreement.id,
        version=agreement.text.version,
        digest=agreement.digest,
        signatures=tuple(latest[party.id] for party in agreement.text.parties if party.id in latest),
    )


def verify(agreement: Agreement, signatures: Signatures) -> Signed:
    """Who has signed this very text.

    Raises: SignedAnotherText, SignatureInvalid. Missing signatures raise nothing: they are named in the answer.
    """
    stated = (signatures.agreement, signatures.version, signatures.digest)
    if stated != (agreement.id, agreement.text.version, agreement.digest):
        raise SignedAnotherText(agreement=agreement.id, signed=printable(signatures.digest), digest=agreement.digest)
    by: list[str] = []
    for signature in signatures.signatures:
        _verify_one(agreement, signature)
        by.append(signature.party)
    missing = tuple(party.id for party in agreement.text.parties if party.id not in by)
    return Signed(by=tuple(dict.fromkeys(by)), missing=missing)


def _verify_one(agreement: Agreement, signature: Signature) -> None:
    def refuse(reason: str) -> SignatureInvalid:
        return SignatureInvalid(party=printable(signature.party), agreement=agreement.id, reason=reason)

    party = agreement.party(signature.party)
    if party is None:
        raise refuse("it is no party")
    if party.key is None or signature.key != party.key:
        raise refuse("it was made with another key than the agreement names")
    try:
        raw = base64.b64decode(signature.signature, validate=True)
        read_key(party.key).verify(raw, _message(agreement))
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise refuse("it does not fit the text") from error


def _message(agreement: Agreement) -> bytes:
    return _DOMAIN + dumps(agreement.data)


def read_key(text: str) -> Ed25519PublicKey:
    """`ed25519:<base64 of 32 bytes>`. Raises: ValueError."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.removeprefix("ed25519:"), validate=True))


def spell_key(key: Ed25519PublicKey) -> str:
    return "ed25519:" + base64.b64encode(key.public_bytes_raw()).decode()


def read_signatures(data: bytes, name: str) -> Signatures:
    """Read the file. Raises: StrictJsonError, BadSignatureFile."""
    content: Json = loads(data, at=name)
    try:
        return msgspec.convert(content, Signatures)
    except msgspec.ValidationError as error:
        raise BadSignatureFile(at=name, reason=str(error)) from error


def write_signatures(signatures: Signatures) -> bytes:
    """Canonical JSON and a line break."""
    return dumps(msgspec.to_builtins(signatures)) + b"\n"

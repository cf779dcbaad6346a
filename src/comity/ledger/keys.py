"""Keys that sign notes: a name, an algorithm and an Ed25519 key, in the text forms of C2SP signed-note."""

from __future__ import annotations

import enum
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.canon import InputError, ProofError, printable, strict_base64

KEY_SIZE = 32
_SIGNER_PREFIX = "PRIVATE+KEY+"


class Algorithm(enum.IntEnum):
    """The signature types we know. Others (0x06, ML-DSA-44 cosignatures) are refused in a key and ignored in a note."""

    ED25519 = 0x01
    COSIGNATURE = 0x04  # Ed25519 over the text and the time it was seen: cosignature/v1


class BadKey(InputError):
    what = "this is not a key that we can use"
    why = "{reason}"
    do = "ask its owner for the key again, by a way that you trust"


class BadSignature(ProofError):
    what = "the signature of {name} does not verify"
    why = "what was signed is not what is here, or another key signed it"
    do = "use nothing of it; ask its sender for it again, and keep this one"


def public_key_text(key: Ed25519PublicKey) -> str:
    """`ed25519:<base64>`, as an agreement pins it."""
    return "ed25519:" + strict_base64.encode(key.public_bytes_raw())


def read_public_key(text: str) -> Ed25519PublicKey:
    """The key in `ed25519:<base64 of 32 bytes>`. Raises: BadKey."""
    prefix, found, value = text.partition(":")
    if not found or prefix != "ed25519":
        raise BadKey(reason="it is not written as ed25519:<base64>")
    return _public(value)


def check_name(name: str) -> None:
    """A key name is not empty and holds no space, plus or control character. Raises: BadKey."""
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise BadKey(reason=f"the name {printable(name)} is empty, or holds a space, a plus or a control character")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may have signed, and how to tell: `name+<key id>+base64(algorithm || key)`."""

    name: str
    key: Ed25519PublicKey
    algorithm: Algorithm = Algorithm.ED25519

    def __post_init__(self) -> None:
        check_name(self.name)

    def __hash__(self) -> int:
        return hash((self.name, self.id))

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart; no protection in themselves."""
        encoded = bytes([self.algorithm]) + self.key.public_bytes_raw()
        return hashlib.sha256(self.name.encode() + b"\n" + encoded).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises: BadKey, also when the key id is not that of the key."""
        parts = text.split("+", 2)  # base64 may hold a plus; a name never does
        if len(parts) != 3:
            raise BadKey(reason="it is not written as name+id+key")
        name, key_id, encoded = parts
        algorithm, raw = _algorithm_and_key(encoded)
        key = cls(name, _public_raw(raw), algorithm)
        if key_id != key.id.hex():
            raise BadKey(reason=f"the id {printable(key_id)} is not that of the key, which is {key.id.hex()}")
        return key

    def __str__(self) -> str:
        encoded = bytes([self.algorithm]) + self.key.public_bytes_raw()
        return f"{self.name}+{self.id.hex()}+{strict_base64.encode(encoded)}"

    def verify(self, text: str, signature: bytes) -> int | None:
        """Check a signature (without its key id) of the text of a note.

        Returns: the time of a cosignature, in seconds since 1970; None for a plain signature, which has no time.
        Raises:  BadSignature.
        """
        message, time = text.encode(), None
        if self.algorithm is Algorithm.COSIGNATURE:
            if len(signature) != 72:
                raise BadSignature(name=self.name)
            (time,) = struct.unpack(">Q", signature[:8])
            signature, message = signature[8:], cosigned_message(text, time)
        try:
            self.key.verify(signature, message)
        except InvalidSignature as error:
            raise BadSignature(name=self.name) from error
        return time


@dataclass(frozen=True, slots=True, repr=False)
class SignerKey:
    """A private key with its name; `PRIVATE+KEY+name+<key id>+base64(algorithm || seed)`. Never shown by `repr`."""

    name: str
    key: Ed25519PrivateKey
    algorithm: Algorithm = Algorithm.ED25519

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self.key.public_key(), self.algorithm)

    @classmethod
    def parse(cls, text: str) -> SignerKey:
        """Raises: BadKey."""
        parts = text.removeprefix(_SIGNER_PREFIX).split("+", 2)
        if not text.startswith(_SIGNER_PREFIX) or len(parts) != 3:
            raise BadKey(reason="it is not written as PRIVATE+KEY+name+id+key")
        algorithm, seed = _algorithm_and_key(parts[2])
        signer = cls(parts[0], Ed25519PrivateKey.from_private_bytes(seed), algorithm)
        if parts[1] != signer.verifier.id.hex():
            raise BadKey(reason="its id is not that of the key")
        return signer

    def sign(self, text: str, *, time: int | None = None) -> str:
        """The signature line for the text of a note; a cosignature needs the time, in seconds since 1970."""
        if self.algorithm is Algorithm.COSIGNATURE:
            if not time or time < 0:
                raise ValueError("a cosignature tells when the log was seen; zero is no time")
            signature = struct.pack(">Q", time) + self.key.sign(cosigned_message(text, time))
        else:
            signature = self.key.sign(text.encode())
        return f"— {self.name} {strict_base64.encode(self.verifier.id + signature)}\n"


def cosigned_message(text: str, time: int) -> bytes:
    """What an Ed25519 cosignature signs (C2SP tlog-cosignature, cosignature/v1)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _algorithm_and_key(encoded: str) -> tuple[Algorithm, bytes]:
    try:
        data = strict_base64.decode(encoded)
    except ValueError as error:
        raise BadKey(reason="the key is not written in base64") from error
    if len(data) != 1 + KEY_SIZE:
        raise BadKey(reason=f"it has {max(len(data) - 1, 0)} bytes where an Ed25519 key has {KEY_SIZE}")
    try:
        return Algorithm(data[0]), data[1:]
    except ValueError as error:
        raise BadKey(reason=f"its algorithm {data[0]:#04x} is not known") from error


def _public(encoded: str) -> Ed25519PublicKey:
    try:
        return _public_raw(strict_base64.decode(encoded))
    except ValueError as error:
        raise BadKey(reason="the key is not written in base64") from error


def _public_raw(raw: bytes) -> Ed25519PublicKey:
    if len(raw) != KEY_SIZE:
        raise BadKey(reason=f"it has {len(raw)} bytes where an Ed25519 key has {KEY_SIZE}")
    return Ed25519PublicKey.from_public_bytes(raw)

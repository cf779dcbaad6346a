"""What all our messages are: JSON of a published form, and a signature that says what kind of thing it signs.

ProofError
├── MalformedMessage        it is not of the published form
└── MessageError            it is, and something in it does not hold
    ├── SignedByAnother     it names another key than its sender's
    ├── NotSigned           it has no signature
    ├── ChangedAfterSigning its signature does not verify
    └── ...                 each kind's own, beside its verification
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.canon import LIMITS, InputError, Json, Limits, ProofError, digest_of, dumps, loads, printable, strict_base64
from comity.ledger import public_key_text, read_public_key
from comity.messages.published import misfit


class BadMessage(InputError):
    what = "no {message} can be made"
    why = "{reason}"
    do = "make it of what was verified, and sign it with the key that the agreement pins"


class MalformedMessage(ProofError):
    what = "this is not a {message}"
    why = "{reason}"
    do = "ask its sender for it again, byte for byte"


class MessageError(ProofError):
    do = "use nothing of it, nor of what came with it; keep all as it is, and ask the sender"


class SignedByAnother(MessageError):
    what = "the {message} is signed by another than its {signer}"
    why = "it names the key {found}, and the key that was given is {expected}"
    do = (
        "check that you hold the key that the agreement pins for the {signer}; "
        "if you do, the {message} is not from there"
    )


class NotSigned(MessageError):
    what = "the {message} is not signed"
    why = "it has no signature"


class ChangedAfterSigning(MessageError):
    what = "the {message} was changed after it was signed, or never was"
    why = "its signature does not verify with the {signer}'s key"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedJson:
    """JSON whose form was checked; nothing more is known of it until it was verified."""

    KIND: ClassVar[str]  # "receipt": its schema is comity-receipt.json, and it is signed as comity/receipt-signature/v1
    SIGNER: ClassVar[str]  # whose key signs it: "origin", "destination" or "party"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"signature"})  # members that the signature does not cover
    LIMITS: ClassVar[Limits] = LIMITS

    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        if reason := misfit(self.KIND, dict(self.content)) or self._misfit():
            raise self.malformed(reason)

    def _misfit(self) -> str | None:
        """What a schema cannot say: how its members must fit each other. None if they do."""
        return None

    @classmethod
    def malformed(cls, reason: str, at: str | None = None) -> MalformedMessage:
        return MalformedMessage(at=at, message=cls.name(), reason=reason)

    @classmethod
    def read(cls, data: bytes, *, at: str | None = None) -> Self:
        """Raises: StrictJsonError; MalformedMessage."""
        content = loads(data, limits=cls.LIMITS, at=at)
        if not isinstance(content, dict):
            raise cls.malformed("it is not one JSON object", at)
        return cls(content=content)

    @classmethod
    def name(cls) -> str:
        """What people call it: `deletion receipt`."""
        return cls.KIND.replace("-", " ")

    @property
    def signed_part(self) -> bytes:
        """What the signature is over. INVARIANT: no other text that a key of ours signs begins with the same line."""
        body = {name: value for name, value in self.content.items() if name not in self.UNSIGNED}
        return f"comity/{self.KIND}-signature/v1\n".encode() + dumps(body)

    @property
    def digest(self) -> str:
        """`sha256:...` of all that is signed, and its signature: what a log commits to."""
        outside = self.UNSIGNED - {"signature"}
        return digest_of({name: value for name, value in self.content.items() if name not in outside})

    @property
    def signer(self) -> Ed25519PublicKey:
        """Whose signature it claims. Raises: BadKey."""
        return read_public_key(str(self.content["signed_by"]))

    def __bytes__(self) -> bytes:
        """The file, in canonical form."""
        return dumps(dict(self.content)) + b"\n"

    def with_members(self, **members: Json) -> Self:
        return type(self)(content={**self.content, **members})


Signable = TypeVar("Signable", bound=SignedJson)


def sign_message(message: Signable, key: Ed25519PrivateKey) -> Signable:
    """The same with its signature. Raises: BadMessage when it names another key."""
    if message.signer != key.public_key():
        raise BadMessage(message=message.name(), reason="the key that signs is not the one that it names")
    return message.with_members(signature=strict_base64.encode(key.sign(message.signed_part)))


def check_signer(message: SignedJson, key: Ed25519PublicKey) -> None:
    """That it names this key, and no other, as its signer's. Raises: SignedByAnother; BadKey."""
    if message.signer != key:
        found, expected = printable(message.content["signed_by"]), public_key_text(key)
        raise SignedByAnother(message=message.name(), signer=message.SIGNER, found=found, expected=expected)


def check_signature(message: SignedJson, key: Ed25519PublicKey) -> None:
    """That this key signed it as it is. Raises: NotSigned; ChangedAfterSigning."""
    signature = message.content.get("signature")
    if signature is None:
        raise NotSigned(message=message.name())
    try:
        key.verify(strict_base64.decode(signature), message.signed_part)
    except (InvalidSignature, ValueError) as error:
        raise ChangedAfterSigning(message=message.name(), signer=message.SIGNER) from error

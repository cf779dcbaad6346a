"""A message that travels as a STIX 2.1 object of a type of our own, in a collection like everything else."""

from __future__ import annotations

import datetime as dt
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import Json, dumps, format_instant, parse_instant
from comity.ledger import public_key_text
from comity.messages.published import EXTENSION_ID
from comity.messages.signed import SignedJson


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(SignedJson):
    """A STIX object of type `comity-<kind>`, with an id of its own and the moment at which it was made."""

    @classmethod
    def stix_type(cls) -> str:
        return f"comity-{cls.KIND}"

    @property
    def id(self) -> str:
        return str(self.content["id"])

    @property
    def made_at(self) -> dt.datetime:
        """Business time, UTC. Raises: NaiveTime for a moment that no calendar has."""
        return parse_instant(self.content["created"])

    @classmethod
    def compose(
        cls, members: Mapping[str, Json], *, made_at: dt.datetime, key: Ed25519PublicKey, secret: bytes
    ) -> Self:
        """The message with these members, not yet signed.

        Its id is a UUID of version 4 in form, drawn from the secret and all of its members.
        Raises: MalformedMessage; NaiveTime.
        """
        body: dict[str, Json] = {
            **members,
            "type": cls.stix_type(),
            "spec_version": "2.1",
            "created": format_instant(made_at),
            "modified": format_instant(made_at),
            "extensions": {EXTENSION_ID: {"extension_type": "new-sdo"}},
            "signed_by": public_key_text(key),
        }
        name = uuid.UUID(bytes=derived(secret, f"{cls.KIND}-id", dumps(body))[:16], version=4)
        return cls(content={**body, "id": f"{cls.stix_type()}--{name}"})


def derived(secret: bytes, use: str, text: bytes) -> bytes:
    """32 bytes for one use, that nobody without the secret can foretell."""
    return hmac.digest(secret, f"comity/{use}/v1\n".encode() + text, "sha256")

"""The agreement's secret, and the keys derived from it: for outgoing ids, value tags, referrals and pseudonyms."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.canon import InputError

SECRET_BYTES = 16  # 128 bits: more than anybody can try; new ones are made with 256


class WeakSecret(InputError):
    what = "the secret is too short"
    why = "it holds {size} bytes, and {needed} are needed so that nobody can try them all"
    do = "make one with `comity key new --secret --out FILE`"


@dataclass(frozen=True)
class Keys:
    """Everything keyed in a crossing. Different agreements get different keys from one secret (RFC 5869 info)."""

    secret: bytes = field(repr=False)
    agreement: str

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_BYTES:
            raise WeakSecret(size=len(self.secret), needed=SECRET_BYTES)

    def derived(self, use: str) -> bytes:
        """A 32-byte key for one use under this agreement."""
        info = f"comity/v1/{self.agreement}/{use}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self.secret)

    @cached_property
    def _ids(self) -> bytes:
        return self.derived("ids")

    @cached_property
    def _tags(self) -> bytes:
        return self.derived("tags")

    @cached_property
    def _referrals(self) -> bytes:
        return self.derived("referrals")

    def outgoing_id(self, source_id: str) -> str:
        """The id a changed object leaves under: the same source keeps the same one, and nobody can work back.

        INVARIANT: no id derives from an original value unkeyed (attack A51). The UUID is shaped as version 4
        (RFC 9562 section 5.4), since a deterministic version would claim the STIX namespace (STIX 2.1 section 2.9).
        """
        kind = source_id.split("--", 1)[0]
        octets = hmac.digest(self._ids, source_id.encode(), sha256)[:16]
        return f"{kind}--{uuid.UUID(bytes=octets, version=4)}"

    def tag(self, value: str) -> str:
        """A keyed name for a value, so that circumstances can say "the same value" without holding it."""
        return hmac.digest(self._tags, value.encode(), sha256).hex()[:32]

    def referral(self, *parts: str) -> str:
        """The name of one question put to an officer."""
        return hmac.digest(self._referrals, "\x1f".join(parts).encode(), sha256).hex()[:32]

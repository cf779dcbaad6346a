"""A passkey made of software, that can be told to misbehave. It answers as `navigator.credentials` does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG
SOUND = FLAG.UP | FLAG.UV
ORIGIN = "https://localhost:9441"


@dataclass
class Passkey:
    """What it says of itself can be changed before each answer."""

    id: bytes = b"a passkey of tests, 32 bytes long"
    origin: str = ORIGIN
    rp: str = "localhost"
    flags: int = SOUND
    counter: int = 1
    more: dict[str, Any] = field(default_factory=dict)  # in the client data
    user: bytes = b""
    key: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def made(self, options: dict[str, Any]) -> str:
        """To `navigator.credentials.create`."""
        public = options["publicKey"]
        self.user = websafe_decode(public["user"]["id"])
        credential = AttestedCredentialData.create(
            bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        told = AuthenticatorData.create(self._rp(), FLAG(self.flags) | FLAG.AT, self.counter, credential)
        return self._written({
            "clientDataJSON": websafe_encode(self._client("webauthn.create", public["challenge"])),
            "attestationObject": websafe_encode(AttestationObject.create("none", told, {})),
        })  # fmt: skip

    def signed(self, options: dict[str, Any], counted: int = 1) -> str:
        """To `navigator.credentials.get`."""
        self.counter += counted
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        told = AuthenticatorData.create(self._rp(), FLAG(self.flags), self.counter)
        signature = self.key.sign(bytes(told) + sha256(client).digest(), ECDSA(SHA256()))
        return self._written({
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(told),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(self.user),
        })  # fmt: skip

    def _rp(self) -> bytes:
        return sha256(self.rp.encode()).digest()

    def _client(self, kind: str, challenge: str) -> bytes:
        return bytes(CollectedClientData.create(kind, challenge, self.origin, **self.more))

    def _written(self, response: dict[str, str]) -> str:
        return json.dumps({
            "type": "public-key",
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "response": response,
            "clientExtensionResults": {"credProps": {"rk": True}},
        })  # fmt: skip


def options_on(page: Any) -> dict[str, Any]:
    """What a page gives its script."""
    found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', page.content.decode())
    assert found is not None
    told = json.loads(found[1])
    return dict(told.get("creation_options") or told["request_options"])

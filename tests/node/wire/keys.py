"""Whose keys sign in these tests, the published vectors, and a ledger of nonces in memory."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from comity.node.exchange.signatures import Keys, Request, SigningKey, nonce_of

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
RFC9421: dict[str, Any] = json.loads((VECTORS / "http-signatures" / "rfc9421_vectors.json").read_text("utf-8"))
NODE: dict[str, Any] = json.loads((VECTORS / "http-signatures" / "node_cases.json").read_text("utf-8"))

NOW = dt.datetime(2025, 6, 3, 10, 1, tzinfo=dt.UTC)  # 1748944860, the clock of node_cases.json
OURS = SigningKey(keyid="cert-ee", private=Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
THEIRS = SigningKey(keyid="cert-br", private=Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))

NONCE = nonce_of(bytes(range(16)))
OTHER_NONCE = nonce_of(bytes(range(16, 32)))


def pinned(*signers: SigningKey) -> Keys:
    """The keys that agreements pin, by their names."""
    return {signer.keyid: signer.private.public_key() for signer in signers}.get


def published_public(name: str) -> Any:
    return load_pem_public_key(RFC9421["keys"][name]["public_pem"].encode())


def published_private(name: str) -> Any:
    return load_pem_private_key(RFC9421["keys"][name]["private_pem"].encode(), None)


def published_ed25519() -> SigningKey:
    return SigningKey(keyid="test-key-ed25519", private=published_private("test-key-ed25519"))


def only(keyid: str, key: Ed25519PublicKey) -> Keys:
    return {keyid: key}.get


class MemoryNonces:
    """A ledger of nonces in one process. Like the node's, it forgets a nonce once its moment has passed."""

    def __init__(self, now: dt.datetime = NOW, room: int = 1000) -> None:
        self.now = now
        self._room = room
        self._used: dict[tuple[str, str], dt.datetime] = {}
        self._lock = threading.Lock()

    def use(self, keyid: str, nonce: str, expires: dt.datetime) -> bool:
        with self._lock:
            self._used = {key: until for key, until in self._used.items() if until >= self.now}
            if (keyid, nonce) in self._used:
                return False
            if len(self._used) >= self._room:
                raise MemoryError("the ledger of nonces is full")
            self._used[keyid, nonce] = expires
            return True

    @property
    def held(self) -> int:
        return len(self._used)


def changed(request: Request, name: str, value: str | None) -> Request:
    """The request with one header's value replaced, or without the header."""
    lines = [(key, value if key.lower() == name and value is not None else old) for key, old in request.headers]
    if value is None:
        lines = [line for line in lines if line[0].lower() != name]
    return Request(method=request.method, target_uri=request.target_uri, headers=tuple(lines), body=request.body)

"""The node's own keys, read from its folder by the serving processes alone. One key for each use.

signing.pem    Ed25519, pinned in the agreements: signs bills, messages, requests and the node's card
log.pem        Ed25519, signs checkpoints of the node's log
witness.pem    Ed25519, cosigns partners' checkpoints
sealing.key    32 bytes, wraps the keys of holdings (AES-256-GCM)
secret.key     32 bytes, from which each agreement's secret is derived: outgoing ids, tags, pseudonyms
sessions.key   32 bytes, signs cookies and the like
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from comity.canon import InputError
from comity.crossing import Keys
from comity.ledger import Algorithm, SignerKey, public_key_text
from comity.node import chance
from comity.node.config import NodeConfig, current

SIZE = 32
_PAIRS = ("signing", "log", "witness")
_SECRETS = ("sealing", "secret", "sessions")


class BadKeyring(InputError):
    what = "the node's keys cannot be used"
    why = "{reason}"
    do = "restore the folder keys/ from its own backup; a new key must be agreed with every partner first"


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """All of them. Never shown by `repr`."""

    signing: Ed25519PrivateKey
    log: SignerKey
    witness: SignerKey
    sealing: bytes
    secret: bytes
    sessions: bytes
    _by_agreement: dict[str, Keys] = field(default_factory=dict)

    @property
    def pinned(self) -> str:
        """`ed25519:<base64>`, as agreements pin it."""
        return public_key_text(self.signing.public_key())

    def agreement(self, agreement_id: str) -> Keys:
        """The keyed values of one agreement's crossings."""
        if agreement_id not in self._by_agreement:
            self._by_agreement[agreement_id] = Keys(self.secret, agreement_id)
        return self._by_agreement[agreement_id]

    def derived(self, use: str) -> bytes:
        """A 32-byte key for one use of the node's own, as tokens of pages or tombstones (RFC 5869)."""
        info = f"comity/node/v1/{use}".encode()
        return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=info).derive(self.secret)


@functools.cache
def held() -> Keyring:
    """The keys of this process's node. Raises: BadKeyring."""
    return read_keyring(current())


def read_keyring(config: NodeConfig) -> Keyring:
    """Raises: BadKeyring, also where anybody else on the machine can read a key."""
    pairs = {name: _pair(config.keys / f"{name}.pem") for name in _PAIRS}
    secrets = {name: _secret(config.keys / f"{name}.key") for name in _SECRETS}
    return Keyring(
        signing=pairs["signing"],
        log=SignerKey(config.log_name, pairs["log"]),
        witness=SignerKey(config.witness_name, pairs["witness"], Algorithm.COSIGNATURE),
        sealing=secrets["sealing"],
        secret=secrets["secret"],
        sessions=secrets["sessions"],
    )


def make_keyring(folder: Path) -> None:
    """New keys, for a new node. Raises: FileExistsError; nothing is ever overwritten."""
    folder.mkdir(mode=0o700, parents=True)
    for name in _PAIRS:
        pem = Ed25519PrivateKey.from_private_bytes(chance.octets(SIZE)).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        _write(folder / f"{name}.pem", pem)
    for name in _SECRETS:
        _write(folder / f"{name}.key", chance.octets(SIZE))


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise BadKeyring(reason=f"others on this machine can read {path.name}")
        return path.read_bytes()
    except OSError as error:
        raise BadKeyring(reason=f"{path.name} cannot be read: {error.strerror}") from error


def _pair(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(_read(path), None)
    except (TypeError, ValueError) as error:
        raise BadKeyring(reason=f"{path.name} is not a private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKeyring(reason=f"{path.name} is not an Ed25519 key")
    return key


def _secret(path: Path) -> bytes:
    data = _read(path)
    # A file of one repeated byte, or of text somebody typed, is no secret (attack A45).
    if len(data) != SIZE or len(set(data)) < 12 or data.isascii():
        raise BadKeyring(reason=f"{path.name} is not {SIZE} random bytes")
    return data

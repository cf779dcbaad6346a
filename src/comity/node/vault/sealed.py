"""The two seals: content under its box's own key, and that key under the node's sealing key. AES-256-GCM, both times.

Source: NIST SP 800-38D; a random 96-bit nonce for each seal (section 8.2.2). A box's key seals one content once. The
sealing key wraps one key a box: at most 2^32 under one sealing key (section 8.3), which a change of it starts anew.
"""

from __future__ import annotations

from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE = 32
NONCE_SIZE = 12


def lock(key: bytes, nonce: bytes, data: bytes, bound: bytes) -> bytes:
    """Nonce, then ciphertext and tag. `bound`: what it can be opened with alone (associated data)."""
    return nonce + AESGCM(key).encrypt(nonce, data, bound)


def unlock(key: bytes, locked: bytes, bound: bytes) -> bytes:
    """Raises: cryptography.exceptions.InvalidTag; ValueError where it is too short to hold a nonce."""
    return AESGCM(key).decrypt(locked[:NONCE_SIZE], locked[NONCE_SIZE:], bound)


def bound_content(box_id: UUID, kind: str) -> bytes:
    """Content opens in the box of this id and kind only."""
    return box_id.bytes + kind.encode()


def bound_key(box_id: UUID) -> bytes:
    """A wrapped key opens for the box of this id only."""
    return box_id.bytes

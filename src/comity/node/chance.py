"""The node's randomness: the one place that asks for it."""

from __future__ import annotations

import secrets
import uuid


def octets(count: int) -> bytes:
    """From the operating system's generator."""
    return secrets.token_bytes(count)


def uuid4() -> uuid.UUID:
    """RFC 9562 section 5.4."""
    return uuid.UUID(bytes=octets(16), version=4)

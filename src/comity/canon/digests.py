"""Digests as they are written in agreements, bills and records: `sha256:` and 64 hexadecimal digits."""

from __future__ import annotations

import hashlib
from typing import Any

from comity.canon.jcs import dumps


def digest(data: bytes) -> str:
    """`sha256:<hex>` of the bytes (FIPS 180-4)."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """`sha256:<hex>` of the value's canonical form (RFC 8785)."""
    return digest(dumps(value))

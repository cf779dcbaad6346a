"""Identifiers for what came without one: the same input gives the same, and no value can be guessed from them."""

from __future__ import annotations

import hashlib
import uuid


def mint(*parts: str) -> str:
    """A UUID of version 4's shape from where something stood: a document's digest or an event's id, and a place in it.

    INVARIANT: callers pass positions and digests of whole documents, never a single value such as an address. A UUID
    made of a value alone could be found again by trying all values.
    """
    seed = hashlib.sha256("\x1f".join(("comity minted", *parts)).encode()).digest()
    return str(uuid.UUID(bytes=seed[:16], version=4))

"""Nonces that were used: what keeps a signed request from being sent twice (RFC 9421 section 7.2.2, attack A34)."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Nonces(Protocol):
    """Which nonces each key has used. The node's lies in its database; what verifies needs this much of it."""

    def use(self, keyid: str, nonce: str, expires: dt.datetime) -> bool:
        """True for the first use of (keyid, nonce), False for every later one.

        INVARIANT: atomic across processes. Of two uses at the same instant one gets True.
        Kept until `expires` has passed; a nonce is still accepted in that very second. A ledger that cannot keep it
        (full, database away) raises: the request is then refused, never let through.
        """
        ...

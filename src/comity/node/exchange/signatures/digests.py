"""Content-Digest (RFC 9530) of what was received. The library makes ours, but refuses algorithms that do not count."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from comity.node.exchange.signatures.library import members
from comity.node.exchange.signatures.refusals import Reason, SignatureRefused

_KNOWN: dict[str, Callable[[bytes], Any]] = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def check_digest(field: str | None, body: bytes) -> None:
    """Rule 4: every known algorithm must match, at least one must be known, unknown ones do not count.

    Args:    field: the header as received, several lines joined.
             body: the bytes as received, before any content coding is undone and before anything reads them.
    Raises:  SignatureRefused.
    """
    known = {name: value for name, value in _members(field).items() if name in _KNOWN}
    if not known:
        raise SignatureRefused(reason=Reason.NO_DIGEST)
    for name, value in known.items():
        if not isinstance(value, bytes) or not hmac.compare_digest(value, _KNOWN[name](body).digest()):
            raise SignatureRefused(reason=Reason.DIGEST, detail=name)


def _members(field: str | None) -> dict[str, Any]:
    try:
        return members(field or "", _once)
    except ValueError as error:
        raise SignatureRefused(reason=Reason.NO_DIGEST, detail="the header cannot be read") from error


def _once(name: str, context: str) -> None:
    if context == "dictionary":  # two digests of one algorithm: which would count?
        raise SignatureRefused(reason=Reason.DIGEST, detail=f"{name} occurs twice")

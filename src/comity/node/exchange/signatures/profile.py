"""What the profile `cti-exchange` asks of a signature beyond RFC 9421: its cover, its parameters and its time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from comity.node.exchange.signatures.messages import Answer, Request
from comity.node.exchange.signatures.refusals import Reason, SignatureRefused

TAG = "cti-exchange"
LABEL = "node"  # under which our own signatures stand
ALGORITHM = "ed25519"
LIFETIME = dt.timedelta(seconds=300)  # the longest that may lie between created and expires
BEHIND = dt.timedelta(seconds=60)  # how long ago a signature may have been made
AHEAD = dt.timedelta(seconds=5)  # how far the sender's clock may be ahead
MAX_FIELD = 8192  # characters of Signature-Input, and of Signature
MAX_KEYID = 120

PARAMETERS = ("created", "expires", "keyid", "nonce", "tag")
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")  # 22 characters of base64url carry 132 bits

Component = tuple[str, frozenset[tuple[str, Any]]]  # name and parameters; their order does not matter


def plain(*names: str) -> frozenset[Component]:
    return frozenset((name, frozenset()) for name in names)


def of_request(*names: str) -> frozenset[Component]:
    """Components of the request that an answer answers (RFC 9421 section 2.4)."""
    return frozenset((name, frozenset({("req", True)})) for name in names)


def cover_of_request(request: Request) -> frozenset[Component]:
    """Rule 1: method and target always; with content its digest and its type. A digest that is there must count."""
    if request.body:
        return plain("@method", "@target-uri", "content-digest", "content-type")
    if request.field("content-digest") is not None:
        return plain("@method", "@target-uri", "content-digest")
    return plain("@method", "@target-uri")


def cover_of_answer(_answer: Answer, label: str) -> frozenset[Component]:
    """What ties an answer to its request: without the request's own signature it could answer another (section 2.4)."""
    signature = ("signature", frozenset({("req", True), ("key", label)}))
    return plain("@status", "content-digest") | of_request("@method", "@target-uri") | {signature}


def check_parameters(parameters: Mapping[str, Any], now: dt.datetime) -> None:
    """Rules 2 and 3. The strength of the nonce is checked where it is used. Raises: SignatureRefused."""
    for name in PARAMETERS:
        if name not in parameters:
            raise SignatureRefused(reason=Reason.PARAMETER_MISSING, detail=name)
    if parameters.get("alg", ALGORITHM) != ALGORITHM:
        raise SignatureRefused(reason=Reason.ALGORITHM, detail=parameters["alg"])
    if len(parameters["keyid"]) > MAX_KEYID:
        raise SignatureRefused(reason=Reason.UNKNOWN_KEY, detail="its keyid is too long")
    check_window(parameters["created"], parameters["expires"], now)


def check_window(created: int, expires: int, now: dt.datetime) -> None:
    """Rule 3, on seconds since 1970; both ends of the window are in it. Raises: SignatureRefused."""
    if not 0 < expires - created <= LIFETIME.total_seconds():
        raise SignatureRefused(reason=Reason.LIFETIME, detail=f"created {created}, expires {expires}")
    age = now.timestamp() - created
    if age > BEHIND.total_seconds():
        raise SignatureRefused(reason=Reason.TOO_OLD, detail=f"made {age:.0f} s ago")
    if -age > AHEAD.total_seconds():
        raise SignatureRefused(reason=Reason.TOO_NEW, detail=f"made {-age:.0f} s ahead")
    if now.timestamp() > expires:
        raise SignatureRefused(reason=Reason.EXPIRED, detail=f"expired at {expires}")


def check_cover(covered: Iterable[Component], required: frozenset[Component]) -> None:
    """Raises: SignatureRefused, with the missing component in its detail."""
    missing = required - frozenset(covered)
    if missing:
        raise SignatureRefused(reason=Reason.NOT_COVERED, detail=", ".join(sorted(name for name, _ in missing)))


def check_nonce(nonce: str) -> None:
    """Rule 2: at least 128 bits, base64url. Raises: SignatureRefused."""
    if not _NONCE.fullmatch(nonce):
        raise SignatureRefused(reason=Reason.WEAK_NONCE, detail=f"{len(nonce)} characters")

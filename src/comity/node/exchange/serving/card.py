"""This node's card at /.well-known/comity.json: public, and signed with the key that agreements pin.

All of its processes show the same bytes without a word to each other: a card is issued at the full hour of business
time, its serial is that hour's seconds since 1970, and Ed25519 signs the same text always in the same way (RFC 8032).
"""

from __future__ import annotations

import datetime as dt
import functools

from django.http import HttpRequest, HttpResponse

from comity.canon import utc
from comity.messages import make_card, sign_message
from comity.node import clock, keyring
from comity.node.config import current

HOUR = dt.timedelta(hours=1)
HOLDS = dt.timedelta(days=7)  # so long a partner can do with the card that it has


def card(request: HttpRequest) -> HttpResponse:
    """GET /.well-known/comity.json."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    body = signed_card(_hour(clock.now()))
    headers = {"Cache-Control": "no-cache", "Content-Length": str(len(body))}
    return HttpResponse(body if request.method == "GET" else b"", content_type="application/json", headers=headers)


@functools.lru_cache(maxsize=2)
def signed_card(issued_at: dt.datetime) -> bytes:
    """The card of one hour. `issued_at`: business time, a full hour."""
    node, keys = current(), keyring.held()
    made = make_card(
        url=node.url,
        party=node.party,
        log=keys.log.verifier,
        witness=keys.witness.verifier,
        serial=int(issued_at.timestamp()),
        issued_at=issued_at,
        valid_until=issued_at + HOLDS,
        development=node.development,
        key=keys.signing.public_key(),
    )
    return bytes(sign_message(made, keys.signing))


def _hour(moment: dt.datetime) -> dt.datetime:
    return utc(moment).replace(minute=0, second=0, microsecond=0)

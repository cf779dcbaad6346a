"""`next`: where a client's walk through a list goes on, sealed so that only its own next request can use it.

A token is a Fernet token (AES-128-CBC and HMAC-SHA256, with the time it was made) over the position and a digest of
the walk. The client learns nothing from it: a readable position would count what others were given (attack A46).
The server keeps nothing, so tokens live through a restart as long as the key does.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken

from comity.canon import dumps, utc
from comity.node.exchange.taxii.endpoints import Endpoint
from comity.node.exchange.taxii.errors import BadRequest
from comity.node.exchange.taxii.query import Query

CURSOR_LIFETIME = dt.timedelta(hours=24)  # after it, a client goes on by added_after
KEY_BYTES = 32  # of a key that is used for nothing else
_POSITION_BYTES = 8


class BadCursor(BadRequest):
    what = "the value of next cannot be used"
    why = "it was not given to you for this list and these parameters, or it is too old"
    do = "leave next out, and set added_after to the X-TAXII-Date-Added-Last of the last page that you have"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Whose way through which list. A token is good for one walk; the size of a page may change on the way, as
    clients do who were given fewer items than they asked for."""

    client: str  # who asks, as authentication says
    collection: str
    endpoint: Endpoint
    object_id: str | None = None  # of the endpoints below one object
    query: Query

    def digest(self) -> bytes:
        """SHA-256 over all that the token is bound to, in canonical JSON (RFC 8785)."""
        bound = {
            "client": self.client,
            "collection": self.collection,
            "endpoint": self.endpoint.value,
            "object": self.object_id,
            "filters": self.query.filters(),
        }
        return hashlib.sha256(dumps(bound)).digest()


def seal_cursor(position: int, walk: Walk, *, key: bytes, now: dt.datetime) -> str:
    """The `next` of a page whose last item stands at `position`.

    Args:    position: 0 to 2^63 - 1; the next page begins after it.
             key: KEY_BYTES octets.   now: real time, never business time.
    """
    content = position.to_bytes(_POSITION_BYTES, "big") + walk.digest()
    return _fernet(key).encrypt_at_time(content, int(utc(now).timestamp())).decode("ascii")


def open_cursor(token: str, walk: Walk, *, key: bytes, now: dt.datetime) -> int:
    """The position after which the page begins.

    Raises: BadCursor, with one text, for a token that is changed, foreign, older than CURSOR_LIFETIME or from a
            time to come.
    """
    fernet, lifetime = _fernet(key), int(CURSOR_LIFETIME.total_seconds())
    try:
        # Base64 readers drop what is not of the alphabet: a changed token must not pass for the one it was.
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(token)) != token.encode("ascii"):
            raise BadCursor
        content = fernet.decrypt_at_time(token, lifetime, int(utc(now).timestamp()))
    except (InvalidToken, ValueError) as error:
        raise BadCursor from error
    position, digest = content[:_POSITION_BYTES], content[_POSITION_BYTES:]
    if not hmac.compare_digest(digest, walk.digest()):
        raise BadCursor
    return int.from_bytes(position, "big")


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))

"""HTTP Basic (RFC 7617), for tools that an operator turned on: over TLS alone, read only.

A password hash is made to be slow, and a tool sends its password with every request. So for a minute it is remembered
that a password matches a hash: a fact that never changes. Whether the tool is on, and whether that is still its hash,
is asked of its row each time.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import functools
import hmac
import threading

from django.contrib.auth.hashers import check_password, make_password

from comity.node import chance, clock
from comity.node.exchange.models import Tool
from comity.node.exchange.serving import tries

BASIC = "basic"
REMEMBERED = dt.timedelta(seconds=60)  # real time
MOST_REMEMBERED = 1000


class Matches:
    """Which passwords were found to match which hashes, a minute ago at most. Holds neither: only keyed digests."""

    def __init__(self) -> None:
        self._key = chance.octets(32)  # of this process, and nowhere else
        self._until: dict[bytes, dt.datetime] = {}
        self._lock = threading.Lock()

    def known(self, password: str, encoded: str, real: dt.datetime) -> bool:
        with self._lock:
            until = self._until.get(self._digest(password, encoded))
        return until is not None and real < until <= real + REMEMBERED  # a clock set back forgets too

    def keep(self, password: str, encoded: str, real: dt.datetime) -> None:
        with self._lock:
            self._until = {digest: until for digest, until in self._until.items() if real < until}
            if len(self._until) < MOST_REMEMBERED:
                self._until[self._digest(password, encoded)] = real + REMEMBERED

    def _digest(self, password: str, encoded: str) -> bytes:
        return hmac.digest(self._key, encoded.encode() + b"\0" + password.encode(), "sha256")


@functools.cache
def _matches() -> Matches:
    """Those of this process."""
    return Matches()


def tool_of(credentials: str, address: str) -> Tool | None:
    """The tool whose credentials these are, on or off.

    INVARIANT: a name that does not exist costs the same work, and gives the same answer, as a wrong password (A47).
    Raises: TooManyTries.
    """
    read = _read(credentials)
    if read is None:
        return None
    name, password = read
    tool = Tool.objects.filter(username=name, scheme=BASIC).first()
    encoded = _nobody() if tool is None else tool.password
    real = clock.real()
    if _matches().known(password, encoded, real):
        return tool
    tries.check(address, name, real)
    if not check_password(password, encoded) or tool is None:
        tries.failed(address, name, real)
        return None
    _matches().keep(password, encoded, real)
    return tool


def _read(credentials: str) -> tuple[str, str] | None:
    """User and password; None where they are not written as RFC 7617 section 2 writes them."""
    try:
        text = base64.b64decode(credentials.strip(" "), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    name, colon, password = text.partition(":")
    return (name, password) if colon and text.isprintable() else None


@functools.cache
def _nobody() -> str:
    """The hash of a password that nobody knows, made as those of tools are."""
    return make_password(chance.octets(32).hex())

"""How often passwords may be tried, counted across processes (SP 800-63B-4 section 3.2.2).

Secrets of tools are made here, of 256 random bits, and nobody guesses one. What is limited is the work that a stranger
can have us do, since each try costs a password hash. A tool whose password was found right a moment ago is never held
up (see `passwords`), so nobody can lock one out that is at work.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress

from django.core.cache import cache

from comity.node.exchange.serving.later import TryLater

WINDOW = dt.timedelta(minutes=5)
FROM_ONE_ADDRESS = 30  # failures in one window
FOR_ONE_NAME = 100


class TooManyTries(TryLater):
    """INVARIANT: the same for names that exist and names that do not (attack A47)."""

    what = "too many credentials were tried"
    why = "several requests from your address, or with this name, had wrong ones"
    do = "correct the credentials, and try again after the time that Retry-After gives"
    wait = WINDOW


def check(address: str, name: str, real: dt.datetime) -> None:
    """Before the password is looked at. Raises: TooManyTries."""
    counts = cache.get_many([counter for counter, _ in _counters(address, name, real)])
    if any(counts.get(counter, 0) >= most for counter, most in _counters(address, name, real)):
        raise TooManyTries()


def failed(address: str, name: str, real: dt.datetime) -> None:
    """Count one failure."""
    for counter, _ in _counters(address, name, real):
        cache.add(counter, 0, timeout=int(WINDOW.total_seconds()))
        cache.incr(counter)


def _counters(address: str, name: str, real: dt.datetime) -> tuple[tuple[str, int], ...]:
    window = int(real.timestamp() // WINDOW.total_seconds())
    who = hashlib.sha256(name.encode()).hexdigest()[:32]  # a cache's key is short and plain
    return (f"tool-address/{window}/{_network(address)}", FROM_ONE_ADDRESS), (f"tool-name/{window}/{who}", FOR_ONE_NAME)


def _network(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one, which one machine has all of."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "none"
    network = ipaddress.ip_network((parsed, 64 if parsed.version == 6 else 32), strict=False)
    return str(network).replace("/", "-")

"""A caller for tests: development, the test authority, short times."""

from __future__ import annotations

from typing import Any

from comity.node.exchange.outgoing import Caller, Limits, Origin, Signing, Timeouts, Trust

from .keys import NOW, OURS, THEIRS, pinned

QUICK = Timeouts(connect=2, read=2, write=2, total=4)
SIGNED = Signing(key=OURS, answered_by=pinned(THEIRS))


def caller(url: str, trust: Trust = None, **changes: Any) -> Caller:
    """Calls cert-br at `url`."""
    options: dict[str, Any] = {
        "allowed": {"cert-br": Origin.read(url)},
        "development": True,
        "trust": trust,
        "timeouts": QUICK,
        "limits": Limits(received=1_000_000, decoded=2_000_000),
        "now": lambda: NOW,
        "draw": lambda count: bytes(range(count)),
        **changes,
    }
    return Caller(**options)

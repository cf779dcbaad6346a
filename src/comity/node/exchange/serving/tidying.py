"""What the server forgets: nonces whose time is over, and the statuses of what was taken long enough ago."""

from __future__ import annotations

import datetime as dt

from comity.node import clock
from comity.node.exchange.models import Post
from comity.node.exchange.serving import nonces

STATUS_KEPT = dt.timedelta(hours=24)  # after it was done (TAXII 2.1 section 4.3)


def tidy(now: dt.datetime) -> int:
    """Idempotent. `now`: business time. Returns how many rows went."""
    over = Post.objects.filter(done_at__lt=now - STATUS_KEPT)
    return nonces.forget(clock.real()) + over.delete()[0]

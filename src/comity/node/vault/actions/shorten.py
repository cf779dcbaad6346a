"""shorten: what is held ends sooner, since its terms do. Nothing is ever kept for longer by it (promise 6)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from comity.node.vault.models import Box, Holding


def shorten(agreement: str, partner: str, direction: str, end: dt.datetime) -> int:
    """Have what is held under this agreement with this partner end by then. How many end sooner now.

    What was over already at `end` goes with the next sweep. In the caller's transaction; again is no harm.
    """
    longer = Holding.objects.filter(agreement=agreement, partner=partner, direction=direction, expires__gt=end)
    return longer.filter(deleted_at=None).update(expires=end)


def shorten_boxes(boxes: QuerySet[Box], end: dt.datetime) -> int:
    """The same for boxes of no holding. How many end sooner now."""
    return boxes.filter(Q(expires=None) | Q(expires__gt=end)).update(expires=end)

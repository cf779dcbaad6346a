"""tidy: forget what is over, and look at what partners owe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from comity.node.exchange.actions.overdue import watch_overdue
from comity.node.exchange.incoming.parcels import WAITING
from comity.node.exchange.models import Message, Parcel
from comity.node.exchange.serving.tidying import tidy

KEPT = dt.timedelta(days=90)  # business time: what came before is told from what is new by `border` as well


def tidy_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work. Idempotent."""
    del facts
    tidy(now)
    Parcel.objects.exclude(state=WAITING).filter(settled_at__lt=now - KEPT).delete()
    Message.objects.filter(delivered_at__lt=now - KEPT).delete()
    watch_overdue(now)

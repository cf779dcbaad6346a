"""Whether anybody still vouches for our log: an alarm where too long nobody did (promise 5)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.node.journal.actions.alarms import STALE, healed, our_log, raise_alarm
from comity.node.journal.actions.proofs import proof_time
from comity.node.journal.models import Witness

FRESH_WITHIN = dt.timedelta(hours=24)
"""For status and alarm. What each agreement asks, its flow says, and the door keeps."""


def is_fresh(now: dt.datetime, within: dt.timedelta = FRESH_WITHIN) -> bool:
    time = proof_time(now)
    return time is not None and time >= now - within


def watch_freshness(now: dt.datetime) -> bool:
    """Raise the alarm of a stale proof, or end it. A node that has no witnesses yet is not alarmed, and never fresh."""
    fresh = is_fresh(now)
    if fresh:
        healed(our_log(), now, STALE)
    elif Witness.objects.exists():
        with transaction.atomic():
            raise_alarm(STALE, our_log(), now)
    return fresh

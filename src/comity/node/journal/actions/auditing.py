"""Auditing: verifying the whole journal, and an alarm where it does not verify, at least once a day (attack A87)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from comity.canon import ComityError
from comity.node.journal.actions.alarms import UNVERIFIED, healed, our_log, raise_alarm
from comity.node.journal.actions.verifying import Progress, Verified, verify


def audit(now: dt.datetime, progress: Progress | None = None) -> Verified:
    """As `verify`, keeping or ending the alarm of it. Raises: what `verify` raises."""
    try:
        verified = verify(progress)
    except ComityError as error:
        with transaction.atomic():
            raise_alarm(UNVERIFIED, our_log(), now, evidence=error.sentence.encode())
        raise
    healed(our_log(), now, UNVERIFIED)
    return verified


def audit_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work."""
    del facts
    audit(now)

"""Pruning: wake-ups that are over, and work that was done long ago."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from comity.node import clock
from comity.node.due.models import Due

WAKE_UPS_KEPT = dt.timedelta(hours=1)  # real time: also those whose worker was killed, which stay "running" for ever
DONE_KEPT = dt.timedelta(days=7)  # business time: so that people can see what was done
GIVEN_UP_KEPT = dt.timedelta(days=90)


def prune(now: dt.datetime) -> int:
    """Delete what is over. Nothing that is still to be done is touched.

    Args:    now: business time.
    Returns: how many rows were deleted.
    """
    old = clock.real() - WAKE_UPS_KEPT
    over = Q(status__in=(TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED), finished_at__lt=old)
    killed = Q(status=TaskResultStatus.RUNNING, started_at__lt=old)
    done = Q(done_at__lt=now - DONE_KEPT) | Q(given_up_at__lt=now - GIVEN_UP_KEPT)
    return DBTaskResult.objects.filter(over | killed).delete()[0] + Due.objects.filter(done).delete()[0]

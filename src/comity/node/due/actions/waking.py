"""Waking what is due: the tasks that `schedule` sends may be lost, and what failed or lost its worker has none."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from comity.node import clock
from comity.node.due.actions.performing import LONGEST_DELAY, PUT_OFF
from comity.node.due.leases import OPEN, free
from comity.node.due.models import Due
from comity.node.due.tasks import wake_one

MOST_WAITING = 500  # tasks in the queue; beyond, waking more would not have them done any sooner


def wake(now: dt.datetime) -> int:
    """Send a task for each row that is due, that nobody holds and that no waiting task is about, oldest first.

    Args:    now: business time.
    Returns: how many tasks were sent; at most as many as leave `MOST_WAITING` in the queue.
    """
    _bring_back(now)
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=wake_one.module_path)
    waiting = [said["args"][0] for said in ready.values_list("args_kwargs", flat=True)[:MOST_WAITING]]
    due = Due.objects.filter(OPEN, free(clock.real()), due_at__lte=now).exclude(pk__in=waiting)
    found = list(due.order_by("due_at", "pk").values_list("pk", flat=True)[: MOST_WAITING - len(waiting)])
    if found:
        with transaction.atomic():
            for due_id in found:
                wake_one.enqueue(due_id)
    return len(found)


def _bring_back(now: dt.datetime) -> None:
    """What failed is tried again within `LONGEST_DELAY`; one that waits longer failed before the clock was set back."""
    ahead = Due.objects.filter(OPEN, attempts__gt=0, due_at__gt=now + LONGEST_DELAY)
    failed = ahead.exclude(last_error__startswith=PUT_OFF)
    if failed.exists():
        failed.update(due_at=now + LONGEST_DELAY)

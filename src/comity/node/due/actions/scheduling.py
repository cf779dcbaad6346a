"""Asking for work: in the caller's own transaction, so that it is asked for if and only if what it follows is kept."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, DateTimeField, Q, Value, When
from django.db.models.functions import Coalesce, Least

from comity.canon import utc
from comity.node import clock
from comity.node.due.leases import OPEN, free
from comity.node.due.models import Due
from comity.node.due.tasks import wake_one

MOST_AT_ONCE = 100
_NOBODY, _SOMEBODY = Q(lease_until=None), Q(lease_until__isnull=False)


class BadWork(ValueError):
    """A kind or key that the table of due work has no room for: a fault of the program that asks."""


def schedule(kind: str, key: str, due_at: dt.datetime, facts: Mapping[str, Any] | None = None) -> None:
    """Have `kind` of work done about `key` from `due_at` on.

    Where it is asked for already, the earlier time and the newer facts stand. Where somebody is at it just now, who
    may have begun before this transaction's changes were there to be seen, it is done once more afterwards.

    Args:   kind: a name in `comity.node.work.WORK`.
            key: what it is about; "" where there is only one.
            due_at: business time; the past is as good as now.
            facts: what the work needs to know: ids and codes, no personal data.
    Raises: BadWork; NaiveTime where `due_at` has no zone.
    """
    if not kind or len(kind) > 64 or len(key) > 200:
        raise BadWork(f"kind {kind!r}, key of {len(key)} characters")
    due_at, facts = utc(due_at), dict(facts or {})
    with transaction.atomic():
        if _promised(kind, key, due_at, facts):
            return
        _asked.kinds.setdefault(kind, set()).add(key)
        transaction.on_commit(_wake, robust=True)
        # Another process may open the row, or do and close it, between one step and the next: the round goes on until
        # one of them took. Neither raises for a row that another has just inserted.
        while not _hastened(kind, key, due_at, facts):
            Due.objects.bulk_create([Due(kind=kind, key=key, due_at=due_at, facts=facts)], ignore_conflicts=True)


def _promised(kind: str, key: str, due_at: dt.datetime, facts: dict[str, Any]) -> bool:
    """Whether it will be done by then anyway, by somebody who begins after this transaction is over.

    The row is locked so that nobody begins, or ends, before that; but shared with all who ask for the same, since what
    many transactions ask for (the sequencer) would else run them one after the other. SQLite does that in any case.
    """
    if facts:
        return False
    waiting = _NOBODY & Q(due_at__lte=due_at) | _SOMEBODY & Q(again_at__lte=due_at)
    sql, parameters = (
        Due.objects.filter(OPEN, waiting, kind=kind, key=key, facts={}).values("pk").query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} FOR SHARE" if connection.features.has_select_for_update else sql, parameters)
        return cursor.fetchone() is not None


def _hastened(kind: str, key: str, due_at: dt.datetime, facts: dict[str, Any]) -> bool:
    """Whether an open row was there, which now says so too."""
    asked = Value(due_at, output_field=DateTimeField())
    again = Coalesce(Least("again_at", asked), asked)  # SQLite's least of NULL and a time is NULL
    changed = Due.objects.filter(OPEN, kind=kind, key=key).update(
        facts=facts,
        due_at=Least("due_at", asked),
        again_at=Case(When(_SOMEBODY, then=again), default=Value(None), output_field=DateTimeField()),
    )
    return changed == 1


class _Asked(threading.local):
    """What this thread's transaction asked for: all of it is woken in one step, when it is over."""

    def __init__(self) -> None:
        self.kinds: dict[str, set[str]] = {}


_asked = _Asked()


def _wake() -> None:
    """At once, what is due. Where this is lost, or there is much of it, `waking` makes up for it within a second."""
    asked, _asked.kinds = _asked.kinds, {}
    now, real = clock.now(), clock.real()
    with transaction.atomic():
        for kind, keys in asked.items():
            due = Due.objects.filter(OPEN, free(real), kind=kind, key__in=sorted(keys)[:MOST_AT_ONCE], due_at__lte=now)
            for due_id in due.values_list("pk", flat=True):
                wake_one.enqueue(due_id)

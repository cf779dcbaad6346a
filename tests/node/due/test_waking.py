"""The ticker's part: what is due is woken, what recurs is there, what is over goes; whatever the clock does."""

from __future__ import annotations

import datetime as dt

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from node.due import planted

from comity.node import clock
from comity.node.due import leases
from comity.node.due.actions import keep_recurring, perform, prune, schedule, wake
from comity.node.due.actions.waking import MOST_WAITING
from comity.node.due.models import Due

SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def woken() -> list[int]:
    return [said["args"][0] for said in DBTaskResult.objects.values_list("args_kwargs", flat=True)]


def test_what_is_due_is_woken_oldest_first(node):
    for name, ago in (("b", 1), ("a", 2), ("c", 0)):
        schedule("note", name, node.now - ago * HOUR)
    schedule("note", "later", node.now + HOUR)
    assert wake(node.now) == 3
    order = dict(Due.objects.values_list("pk", "key"))
    tasks = DBTaskResult.objects.order_by("enqueued_at")
    assert [order[said["args"][0]] for said in tasks.values_list("args_kwargs", flat=True)] == ["a", "b", "c"]


def test_what_waits_in_the_queue_is_not_woken_twice(node):
    schedule("note", "a", node.now)
    assert (wake(node.now), wake(node.now)) == (1, 0)


def test_a_lost_task_is_made_up_for(node):
    schedule("note", "a", node.now)
    wake(node.now)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)  # its worker was killed before it took the lease
    assert wake(node.now) == 1


def test_who_is_at_it_is_not_disturbed_and_a_lapsed_lease_is_woken(node):
    schedule("note", "a", node.now)
    leases.take(Due.objects.get().pk, node.now)
    assert wake(node.now) == 0
    Due.objects.update(lease_until=clock.real() - SECOND)
    assert wake(node.now) == 1


def test_what_is_done_or_given_up_is_left_alone(node):
    schedule("note", "a", node.now)
    schedule("note", "b", node.now)
    perform(Due.objects.get(key="a").pk)
    Due.objects.filter(key="b").update(given_up_at=node.now)
    assert wake(node.now + DAY) == 0


def test_a_flood_of_due_work_does_not_flood_the_queue(node):
    Due.objects.bulk_create(Due(kind="note", key=str(n), due_at=node.now) for n in range(MOST_WAITING + 100))
    assert wake(node.now) == MOST_WAITING
    assert wake(node.now) == 0
    assert len(set(woken())) == MOST_WAITING


def test_what_recurs_is_there_from_the_first_tick_and_once(node):
    keep_recurring(node.now)
    keep_recurring(node.now + SECOND)
    row = Due.objects.get()
    assert (row.kind, row.key, row.due_at) == ("round", "", node.now)


def test_what_recurs_is_put_to_its_next_time_in_its_own_row(node):
    keep_recurring(node.now)
    row = Due.objects.get()
    assert perform(row.pk)
    assert not perform(row.pk)
    row.refresh_from_db()
    [(_, first)] = planted.noted
    assert (row.done_at, row.due_at) == (None, first + 60 * SECOND)
    node.move(61 * SECOND)
    assert perform(row.pk)
    assert Due.objects.count() == 1


def test_after_months_without_a_worker_it_runs_once_and_not_for_each_interval_missed(node):
    keep_recurring(node.now)
    row = Due.objects.get()
    perform(row.pk)
    node.move(90 * DAY)
    perform(row.pk)
    assert not perform(row.pk)
    assert len(planted.noted) == 2


def test_when_the_clock_is_set_back_what_recurs_does_not_wait_for_its_old_time(node):
    node.move(365 * DAY)
    keep_recurring(node.now)
    row = Due.objects.get()
    perform(row.pk)
    now = node.move(-365 * DAY)
    assert not perform(row.pk)
    keep_recurring(now)
    row.refresh_from_db()
    assert row.due_at == now + 60 * SECOND


def test_when_the_clock_is_set_back_what_failed_does_not_wait_for_its_old_time(node):
    node.move(365 * DAY)
    schedule("nowhere", "a", node.now)
    perform(Due.objects.get().pk)
    now = node.move(-365 * DAY)
    wake(now)
    assert Due.objects.get().due_at == now + HOUR


def test_when_the_clock_is_set_back_a_term_stays_where_it_is(node):
    """A retention that ends in a year ends in that year, whatever the clock does meanwhile."""
    ends = node.now + 365 * DAY
    schedule("note", "a", ends)
    node.move(-30 * DAY)
    wake(node.now)
    keep_recurring(node.now)
    assert Due.objects.get(kind="note").due_at == ends


def test_a_recurring_kind_that_fails_keeps_its_wait(node):
    keep_recurring(node.now)
    row = Due.objects.get()
    waits = node.now + HOUR
    Due.objects.update(due_at=waits, attempts=11, last_error="Broken")
    keep_recurring(node.now)
    wake(node.now)
    row.refresh_from_db()
    assert row.due_at == waits


@pytest.mark.parametrize("status", TaskResultStatus.values)
def test_wake_ups_are_kept_for_an_hour(node, status: str):
    schedule("note", "a", node.now)
    wake(node.now)
    for age, left in ((HOUR - 60 * SECOND, True), (HOUR + 60 * SECOND, status == TaskResultStatus.READY)):
        at = clock.real() - age
        DBTaskResult.objects.update(status=status, started_at=at, finished_at=at)
        prune(node.now)
        assert DBTaskResult.objects.exists() == left


def test_what_is_still_to_be_done_is_never_pruned(node):
    schedule("note", "open", node.now - 3650 * DAY)
    schedule("note", "done", node.now)
    perform(Due.objects.get(key="done").pk)
    prune(node.now + 6 * DAY)
    assert Due.objects.count() == 2
    prune(node.now + 8 * DAY)
    assert Due.objects.get().key == "open"

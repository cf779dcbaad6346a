"""Asking for work: one open row for each kind and key, whoever asks, and nothing that was asked for is forgotten."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from node.due import planted

from comity.canon import NaiveTime
from comity.node.due import leases
from comity.node.due.actions import BadWork, perform, schedule
from comity.node.due.models import Due

HOUR = dt.timedelta(hours=1)


def open_rows(key: str = "a"):
    return Due.objects.filter(leases.OPEN, kind="note", key=key)


def test_it_is_one_open_row(node):
    schedule("note", "a", node.now)
    schedule("note", "a", node.now)
    assert open_rows().count() == 1


def test_the_earlier_time_stands(node):
    for at in (node.now + HOUR, node.now, node.now + 2 * HOUR):
        schedule("note", "a", at)
    assert open_rows().get().due_at == node.now


def test_the_newer_facts_stand(node):
    schedule("note", "a", node.now, {"version": 1})
    schedule("note", "a", node.now, {"version": 2})
    assert open_rows().get().facts == {"version": 2}
    schedule("note", "a", node.now)
    assert open_rows().get().facts == {}


def test_another_key_is_another_row(node):
    schedule("note", "a", node.now)
    schedule("note", "b", node.now)
    assert Due.objects.count() == 2


def test_what_was_done_can_be_asked_for_anew(node):
    schedule("note", "a", node.now)
    assert perform(open_rows().get().pk)
    schedule("note", "a", node.now)
    assert (Due.objects.count(), open_rows().count()) == (2, 1)


def test_what_is_asked_for_while_somebody_is_at_it_is_done_once_more(node):
    """Whoever is at it may have looked before the new reason was there to be seen."""
    schedule("act", "a", node.now)
    planted.acts.append(lambda _facts, now: schedule("act", "a", now, {"second": True}))
    row = Due.objects.get()
    assert perform(row.pk)
    assert [facts for facts, _ in planted.noted] == [{}, {"second": True}]
    row.refresh_from_db()
    assert row.done_at is not None


def test_work_that_asks_for_itself_later_is_due_then(node):
    schedule("act", "a", node.now)
    planted.acts.append(lambda _facts, now: schedule("act", "a", now + HOUR))
    row = Due.objects.get()
    perform(row.pk)
    row.refresh_from_db()
    assert len(planted.noted) == 1
    assert row.done_at is None
    assert HOUR <= row.due_at - node.now < HOUR + dt.timedelta(seconds=30)
    node.move(2 * HOUR)
    assert perform(row.pk)
    assert len(planted.noted) == 2


def test_of_several_times_asked_meanwhile_the_earliest_stands(node):
    schedule("act", "a", node.now)
    planted.acts.append(lambda _facts, now: [schedule("act", "a", now + n * HOUR) for n in (3, 1, 2)])
    row = Due.objects.get()
    perform(row.pk)
    row.refresh_from_db()
    assert HOUR <= row.due_at - node.now < HOUR + dt.timedelta(seconds=30)


def test_what_is_rolled_back_was_never_asked_for(node_live):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        schedule("note", "a", node_live.now)
        _ = 1 / 0
    assert not Due.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_a_task_is_sent_on_commit(node_live):
    with transaction.atomic():
        schedule("note", "a", node_live.now)
        assert not DBTaskResult.objects.exists()
    sent = DBTaskResult.objects.get()
    assert sent.task_path == "comity.node.due.tasks.wake_one"
    assert sent.args_kwargs["args"] == [open_rows().get().pk]


def test_one_transaction_that_asks_for_much_sends_a_task_for_each(node_live):
    with transaction.atomic():
        for key in "abc":
            schedule("note", key, node_live.now)
        schedule("act", "a", node_live.now)
    sent = [said["args"][0] for said in DBTaskResult.objects.values_list("args_kwargs", flat=True)]
    assert sorted(sent) == sorted(Due.objects.values_list("pk", flat=True))


def test_what_a_rolled_back_transaction_asked_for_is_not_woken_by_the_next(node_live):
    schedule("note", "a", node_live.now + HOUR)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        schedule("note", "a", node_live.now)
        _ = 1 / 0
    schedule("note", "b", node_live.now)
    [sent] = DBTaskResult.objects.values_list("args_kwargs", flat=True)
    assert sent["args"] == [Due.objects.get(key="b").pk]


def test_no_task_is_sent_for_what_is_not_due_yet(node_live):
    schedule("note", "a", node_live.now + HOUR)
    assert not DBTaskResult.objects.exists()
    schedule("note", "a", node_live.now)
    assert DBTaskResult.objects.count() == 1


def test_a_clock_that_cannot_be_read_does_not_take_back_what_was_asked_for(node_live):
    node_live.config.clock_file.write_text("2026-11-23T10:00:00", encoding="ascii")  # no zone
    schedule("note", "a", node_live.now)
    assert open_rows().count() == 1


def test_a_time_without_zone_is_refused(node):
    with pytest.raises(NaiveTime):
        schedule("note", "a", node.now.replace(tzinfo=None))


@pytest.mark.parametrize(("kind", "key"), [("", "a"), ("k" * 65, "a"), ("note", "k" * 201)])
def test_what_no_row_has_room_for_is_refused(node, kind: str, key: str):
    with pytest.raises(BadWork):
        schedule(kind, key, node.now)
    assert not connection.needs_rollback


steps = st.lists(
    st.tuples(st.sampled_from(("schedule", "perform")), st.integers(min_value=0, max_value=5)), min_size=1, max_size=12
)


@given(plan=steps)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example begins with an empty table
def test_every_request_is_followed_by_a_run_at_or_after_its_time(node, plan: list[tuple[str, int]]):
    """Whatever the order of asking and doing."""
    Due.objects.all().delete()
    planted.noted.clear()
    asked: list[dt.datetime] = []
    now = node.move(node.now)
    for verb, hours in plan:
        if verb == "schedule":
            asked.append(now + hours * HOUR)
            schedule("note", "a", asked[-1])
        else:
            now = node.move(now + hours * HOUR)
            due = [at for at in asked if at <= now]
            row = open_rows().first()
            assert (row is not None) == bool(asked)
            if row is not None and perform(row.pk):
                assert due
                asked = [] if due else asked
        assert open_rows().count() == bool(asked)

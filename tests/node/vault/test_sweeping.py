"""The sweep: what is over goes, what broke off is finished, and nothing goes because keys cannot be found."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from comity.node import clock
from comity.node.journal import actions as journal
from comity.node.journal.models import Witness
from comity.node.vault import actions
from comity.node.vault.models import Box, BoxKey, Holding

from .kept import DAY, boxes, keep, live_keys

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def machine(monkeypatch):
    """Moves the machine's clock on."""
    began = clock.real()

    def move(span):
        monkeypatch.setattr(clock, "real", lambda: began + span)

    return move


def test_a_holding_goes_at_the_instant_it_expires_and_not_before(node):
    holding = keep(node)
    assert actions.sweep(holding.expires - dt.timedelta(microseconds=1)).holdings == 0
    assert list(actions.due_for_deletion(holding.expires)) == [holding]
    assert actions.sweep(holding.expires).holdings == 1
    assert Holding.objects.get().deleted_why == "expiry"


def test_the_longest_overdue_goes_first(node):
    late, early = keep(node, "a", expires=node.now + 9 * DAY), keep(node, "b", expires=node.now + 3 * DAY)
    assert list(actions.due_for_deletion(node.now + 9 * DAY)) == [early, late]


def test_a_box_of_no_holding_goes_when_it_expires(node):
    stays = actions.seal("record", b"no end", now=node.now)
    actions.seal("record", b"ends", now=node.now, expires=node.now + DAY)
    assert actions.sweep(node.now + DAY).boxes == 1
    assert boxes() == live_keys() == {stays.pk}


def test_sweeping_again_does_nothing(node):
    keep(node)
    actions.sweep(node.now + 30 * DAY)
    again = actions.sweep(node.now + 30 * DAY)
    assert (again.holdings, again.boxes, again.finished, again.orphan_keys, again.keyless) == (0, 0, 0, 0, 0)


def test_a_key_without_a_box_goes_once_it_is_an_hour_old(node, machine):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.seal("words", b"never written", now=node.now)
        raise ZeroDivisionError
    machine(HOUR / 2)
    assert actions.sweep(node.now).orphan_keys == 0
    machine(2 * HOUR)
    assert actions.sweep(node.now).orphan_keys == 1
    assert not live_keys()


@pytest.mark.parametrize("known", [10_000, 0], ids=["set back", "not asked yet"])
def test_no_key_goes_while_the_log_may_not_be_signed_since_its_box_may_be_in_the_newer_database(node, machine, known):
    """Yesterday's rows with today's keys: the newer database that is put back then must still open (attack A71)."""
    holding = keep(node)
    newer = Box.objects.get(pk=holding.box_id)
    Holding.objects.all().delete()
    Box.objects.all().delete()
    machine(2 * HOUR)
    witness = Witness.objects.create(name="witness.example", party="cert-br", cosigned_size=known)
    assert not journal.may_sign()
    assert [actions.sweep(node.now).orphan_keys for _ in range(2)] == [1, 1], "found each time"
    Box.objects.bulk_create([newer])
    assert actions.opened(newer) == b'{"secret":"planted-a"}'
    Box.objects.all().delete()
    witness.delete()
    assert actions.sweep(node.now).orphan_keys == 1
    assert not live_keys()


def test_business_time_a_year_ahead_makes_no_orphan_of_what_is_being_written(node):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.seal("words", b"still being written", now=node.now)
        assert actions.sweep(node.now + 365 * DAY).orphan_keys == 0
        raise ZeroDivisionError


def test_boxes_whose_keys_are_not_to_be_found_are_counted_and_left_alone(node):
    """Another database of keys is mounted, or an old one was restored: whoever deletes now deletes everything."""
    holding = keep(node)
    loose = actions.seal("record", b"decisions", now=node.now)
    rows = list(BoxKey.objects.all())
    BoxKey.objects.all().delete()
    swept = actions.sweep(node.now)
    assert (swept.keyless, swept.finished) == (2, 0)
    assert boxes() == {holding.box_id, loose.pk}

    BoxKey.objects.bulk_create(rows)
    assert actions.sweep(node.now).keyless == 0
    assert actions.opened(loose) == b"decisions"


def test_an_old_copy_of_the_first_database_is_brought_up_to_its_deletions(node):
    """Yesterday's rows with today's keys: what was deleted since goes again, and only that."""
    gone, stays = keep(node, "a"), keep(node, "b")
    yesterday = Box.objects.get(pk=gone.box_id)
    actions.delete([gone], "retraction", node.now)
    Box.objects.bulk_create([yesterday])
    Holding.objects.filter(pk=gone.pk).update(box=yesterday, deleted_at=None, deleted_why="", digest="sha256:old")
    swept = actions.sweep(node.now)
    assert (swept.finished, swept.keyless) == (1, 0)
    assert boxes() == {stays.box_id}
    assert Holding.objects.get(pk=gone.pk).deleted_why == "key-destroyed"


def test_a_holding_that_lost_its_box_is_deleted(node):
    holding = keep(node)
    Box.objects.filter(pk=holding.box_id).delete()
    assert actions.sweep(node.now).finished == 1
    assert Holding.objects.get().deleted_why == "key-destroyed"


def test_the_rows_of_destroyed_keys_go_when_no_copy_that_old_is_restored(node_live, machine):
    actions.delete([keep(node_live)], "retraction", node_live.now)
    machine(HOUR)
    assert actions.sweep(node_live.now).scrubbed
    assert BoxKey.objects.count() == 1
    machine(401 * DAY)
    actions.sweep(node_live.now)
    assert not BoxKey.objects.exists()


def test_more_than_one_lot_is_swept(node):
    items = [("record", b"x", node.now)] * 2000
    actions.seal_many(items, node.now)
    assert actions.sweep(node.now).boxes == 2000
    assert not boxes()


def test_each_sweep_finishes_what_broke_off_last_and_a_thorough_one_compares_everything(node, machine):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            actions.seal("words", b"never written", now=node.now)
            raise ZeroDivisionError
    kept = [keep(node, "a"), keep(node, "b")]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.delete(kept, "retraction", node.now)
        raise ZeroDivisionError
    machine(2 * HOUR)
    light = actions.sweep(node.now, thorough=False)
    assert (light.finished, light.orphan_keys, light.keyless) == (2, 0, None)
    assert actions.sweep(node.now).orphan_keys == 2


def test_they_are_work_for_the_table_of_due_work(node, machine):
    holding = keep(node)
    actions.sweep_work({}, holding.expires)
    assert Holding.objects.get().deleted_why == "expiry"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.seal("words", b"never written", now=node.now)
        raise ZeroDivisionError
    machine(2 * HOUR)
    actions.repair_work({}, node.now)
    assert not live_keys()

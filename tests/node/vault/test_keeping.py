"""Keeping: one holding of a version under an agreement, from its first receipt; touching it restarts nothing."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.canon import digest
from comity.node.vault import actions
from comity.node.vault.models import Box, BoxKey, Holding, Tombstone

from .kept import DAY, boxes, fields, keep


def test_what_is_kept_is_sealed_in_a_box_of_its_own(node):
    holding = keep(node)
    assert holding.first_receipt == node.now
    assert holding.expires == node.now + 30 * DAY
    assert holding.digest == digest(b'{"secret":"planted-a"}')
    assert holding.box is not None
    assert actions.opened(holding.box) == b'{"secret":"planted-a"}'


def test_a_second_receipt_does_not_restart_retention(node):
    first = keep(node)
    node.move(10 * DAY)
    again = keep(node, bill="bill-2")
    assert again.pk == first.pk
    assert again.first_receipt == first.first_receipt
    assert again.expires == first.expires
    assert again.bill == "bill-1"
    assert len(boxes()) == 1


def test_a_second_receipt_can_bring_the_end_nearer(node):
    first = keep(node)
    keep(node, expires=node.now + 5 * DAY)
    assert Holding.objects.get(pk=first.pk).expires == node.now + 5 * DAY


def test_a_second_receipt_from_another_partner_does_not_restart_retention_either(node):
    first = keep(node)
    node.move(10 * DAY)
    other = keep(node, partner="cert-jp", bill="bill-9")
    assert other.pk != first.pk
    assert (other.first_receipt, other.expires) == (first.first_receipt, first.expires)


def test_a_nearer_end_from_another_partner_ends_both(node):
    first = keep(node)
    keep(node, partner="cert-jp", expires=node.now + 2 * DAY)
    assert Holding.objects.get(pk=first.pk).expires == node.now + 2 * DAY


def test_what_was_released_to_one_partner_says_nothing_of_what_was_released_to_another(node):
    first = keep(node, direction="released")
    node.move(10 * DAY)
    other = keep(node, direction="released", partner="cert-jp")
    assert (other.first_receipt, other.expires) == (node.now, node.now + 30 * DAY)
    assert Holding.objects.get(pk=first.pk).first_receipt == node.now - 10 * DAY


def test_the_same_object_under_two_agreements_is_two_holdings(node):
    one, other = keep(node), keep(node, agreement="ee-jp-csirt")
    actions.delete([one], "retraction", node.now)
    other.refresh_from_db()
    assert other.box is not None
    assert actions.opened(other.box) == b'{"secret":"planted-a"}'


def test_the_same_version_with_other_content_is_refused(node):
    """STIX 2.1 section 3.6: whoever changes an object gives it a new version."""
    first = keep(node)
    with pytest.raises(actions.OtherContent, match="with other content"):
        keep(node, data=b"other")
    assert actions.opened(Box.objects.get(pk=first.box_id)) == b'{"secret":"planted-a"}'


def test_an_observable_has_no_version_and_its_newest_content_stands(node):
    first = keep(node, version="")
    old = first.box_id
    node.move(DAY)
    again = keep(node, version="", data=b"newer")
    assert again.pk == first.pk
    assert again.first_receipt == first.first_receipt
    assert again.expires == first.expires
    assert again.digest == digest(b"newer")
    assert again.box is not None
    assert actions.opened(again.box) == b"newer"
    actions.sweep(node.now)
    assert old not in boxes()


def test_the_old_content_of_an_observable_stands_where_the_new_one_is_not_committed(node):
    first = keep(node, version="")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        keep(node, version="", data=b"newer")
        raise ZeroDivisionError
    actions.sweep(node.now)
    box = Holding.objects.get(pk=first.pk).box
    assert box is not None
    assert actions.opened(box) == b'{"secret":"planted-a"}'


def test_the_old_content_of_an_observable_goes_when_the_new_one_is_committed(node_live):
    old = keep(node_live, version="").box_id
    keep(node_live, version="", data=b"newer")
    assert old not in boxes()
    assert not BoxKey.objects.filter(box_id=old, destroyed_at=None).exists()


def test_an_observable_on_legal_hold_keeps_the_content_that_is_held(node):
    first = keep(node, version="")
    actions.hold([first], "court-order", node.now + DAY, now=node.now)
    with pytest.raises(actions.OnHold, match="court-order"):
        keep(node, version="", data=b"newer")
    assert actions.opened(Box.objects.get(pk=first.box_id)) == b'{"secret":"planted-a"}'


def test_a_batch_is_kept_whole_or_not_at_all(node):
    keep(node, "a")
    items = [actions.Keeping(expires=node.now + DAY, **fields(name)) for name in ("b", "c")]
    with pytest.raises(actions.OtherContent):
        actions.keep_many([*items, actions.Keeping(expires=node.now + DAY, **fields("a", data=b"other"))], node.now)
    assert set(Holding.objects.values_list("object_id", flat=True)) == {"indicator--a"}


def test_a_batch_that_names_a_version_twice_keeps_it_once(node):
    twice = [actions.Keeping(expires=node.now + days * DAY, **fields("a")) for days in (9, 3)]
    one, other = actions.keep_many(twice, node.now)
    assert one.pk == other.pk
    assert Holding.objects.get().expires == node.now + 3 * DAY


def test_a_batch_that_names_an_observable_twice_keeps_its_last_content(node):
    contents = [fields("a", version="", data=data) for data in (b"old", b"new")]
    actions.keep_many([actions.Keeping(expires=node.now + DAY, **one) for one in contents], node.now)
    holding = Holding.objects.get()
    assert holding.box is not None
    assert actions.opened(holding.box) == b"new"
    assert holding.digest == digest(b"new")
    assert len(boxes()) == 1


def test_a_batch_asks_few_questions(node, django_assert_max_num_queries):
    items = [actions.Keeping(expires=node.now + DAY, **fields(str(number))) for number in range(100)]
    with django_assert_max_num_queries(7, using="default"):
        actions.keep_many(items, node.now)
    with django_assert_max_num_queries(7, using="default"):
        actions.keep_many(items, node.now)
    assert Holding.objects.count() == 100


def test_a_version_whose_deletion_broke_off_is_deleted_first_and_then_kept_anew(node):
    first = keep(node, direction="released")
    BoxKey.objects.filter(box_id=first.box_id).update(wrapped=b"", destroyed_at=node.now)
    node.move(DAY)
    again = keep(node, direction="released")
    first.refresh_from_db()
    assert again.pk != first.pk
    assert again.first_receipt == node.now
    assert (first.deleted_why, first.box, first.digest) == ("key-destroyed", None, "")


@pytest.mark.parametrize("what", [{}, {"version": "", "data": b'{"newer":"content"}'}])
def test_what_is_over_is_deleted_first_though_no_sweep_came_by(node, what):
    """Else it would be said to be kept, and go with the next sweep."""
    first = keep(node, **what)
    node.move(first.expires)
    with pytest.raises(actions.Buried):
        keep(node, partner="cert-jp", **what)
    first.refresh_from_db()
    assert (first.deleted_at, first.deleted_why) == (node.now, "expiry")
    again = keep(node, may_return=True, **what)
    assert (again.first_receipt, again.expires) == (node.now, node.now + 30 * DAY)
    assert actions.sweep(node.now + DAY).holdings == 0


@pytest.mark.parametrize("direction", ["received", "released"])
def test_what_is_over_and_on_legal_hold_is_neither_lengthened_nor_said_to_be_kept(node, direction):
    first = keep(node, direction=direction)
    actions.hold([first], "court-order", first.expires + DAY, now=node.now)
    node.move(first.expires)
    with pytest.raises(actions.OnHold):
        keep(node, direction=direction, may_return=True)
    assert set(Holding.objects.values_list("expires", "deleted_at")) == {(first.expires, None)}
    assert actions.opened(first.box) == b'{"secret":"planted-a"}'


def test_a_direction_that_is_none_is_refused(node):
    with pytest.raises(ValueError, match="direction"):
        keep(node, direction="sideways")


receipts = st.lists(
    st.tuples(st.sampled_from(["cert-br", "cert-jp"]), st.integers(0, 20), st.integers(1, 40)), min_size=1, max_size=6
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(receipts)
def test_however_often_a_version_comes_its_end_is_the_earliest_ever_said(node, receipts):
    """INVARIANT (promise 6): retention runs from the first receipt, whoever sends it again and however late."""
    Holding.objects.all().delete()
    Tombstone.objects.all().delete()
    first, began, ends = node.now, None, None
    for partner, later, days in sorted(receipts, key=lambda one: one[1]):
        now = first + later * DAY
        if ends is not None and ends <= now:
            with pytest.raises(actions.Buried):  # whoever sends it then: its time is over, though no sweep came by
                actions.keep(now=now, **fields(partner=partner, expires=now + days * DAY))
            return
        ends = min(ends or now + days * DAY, now + days * DAY)
        began = began or now
        actions.keep(now=now, **fields(partner=partner, expires=now + days * DAY))
        rows = set(Holding.objects.values_list("first_receipt", "expires"))
        assert rows == {(began, ends)}

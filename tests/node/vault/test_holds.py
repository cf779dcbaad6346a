"""Legal holds: on a stated ground something stays that was to go, until a person lifts it."""

from __future__ import annotations

import pytest

from comity.node.journal.models import Entry
from comity.node.vault import actions
from comity.node.vault.models import Box, Holding

from .kept import DAY, boxes, keep


def test_what_is_held_is_not_deleted_and_the_journal_says_so(node):
    held, free = keep(node, "a"), keep(node, "b")
    assert actions.hold([held], "court-order", node.now + 90 * DAY, now=node.now) == 1
    assert actions.delete([held, free], "retraction", node.now) == [free]
    assert boxes() == {held.box_id}
    assert actions.opened(Box.objects.get(pk=held.box_id)) == b'{"secret":"planted-a"}'
    events = list(Entry.objects.order_by("id").values_list("event", flat=True))
    assert events == ["vault:holding:held", "vault:holding:deleted", "vault:holding:stayed"]
    assert b"court-order" in bytes(Entry.objects.get(event="vault:holding:stayed").body)


def test_the_sweep_passes_over_what_is_held_and_counts_it(node):
    held = keep(node)
    actions.hold([held], "legal-claims", node.now + 90 * DAY, now=node.now)
    swept = actions.sweep(node.now + 60 * DAY)
    assert (swept.holdings, swept.held, swept.for_review) == (0, 1, 0)
    assert actions.sweep(node.now + 90 * DAY).for_review == 1
    assert Entry.objects.filter(event="vault:holding:stayed").count() == 0


def test_a_hold_does_not_lapse_by_itself(node):
    held = keep(node)
    actions.hold([held], "legal-claims", node.now + DAY, now=node.now)
    actions.sweep(node.now + 400 * DAY)
    assert boxes() == {held.box_id}
    assert list(actions.for_review(node.now + 400 * DAY)) == [held]


def test_once_it_is_lifted_the_next_sweep_takes_what_is_over(node):
    held = keep(node)
    actions.hold([held], "supervisory-order", node.now + DAY, now=node.now)
    assert actions.unhold([held], now=node.now + 60 * DAY) == 1
    assert actions.sweep(node.now + 60 * DAY).holdings == 1
    assert not boxes()


def test_a_held_box_is_not_destroyed_by_the_other_way(node):
    held = keep(node)
    other = actions.seal("words", b"other", now=node.now)
    actions.hold([held], "court-order", node.now + DAY, now=node.now)
    with pytest.raises(actions.OnHold, match="court-order"):
        actions.destroy([other, Box.objects.get(pk=held.box_id)])
    assert boxes() == {held.box_id, other.pk}


def test_a_ground_that_is_not_in_the_list_is_refused(node):
    held = keep(node)
    with pytest.raises(actions.UnknownCode, match="ground to keep"):
        actions.hold([held], "might-be-useful", node.now + DAY, now=node.now)


def test_what_was_deleted_cannot_be_held(node):
    gone = keep(node)
    actions.delete([gone], "retraction", node.now)
    assert actions.hold([gone], "court-order", node.now + DAY, now=node.now) == 0
    assert Holding.objects.get().deleted_why == "retraction"

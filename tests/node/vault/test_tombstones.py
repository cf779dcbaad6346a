"""Tombstones: what was deleted on terms does not come back by another way (attack A81)."""

from __future__ import annotations

import pytest

from comity.node.vault import actions
from comity.node.vault.models import Tombstone

from .kept import DAY, keep


@pytest.mark.parametrize("partner", ["cert-br", "cert-jp", "cert-nl"])
def test_after_deletion_nobody_posts_it_again_under_that_agreement(node, partner):
    actions.delete([keep(node)], "retraction", node.now)
    with pytest.raises(actions.Buried, match="deleted on the terms of ee-br-csirt"):
        keep(node, partner=partner)


def test_another_version_or_another_agreement_is_another_matter(node):
    actions.delete([keep(node)], "retraction", node.now)
    assert keep(node, version="2026-11-22T00:00:00.000Z").box is not None
    assert keep(node, agreement="ee-jp-csirt").box is not None


def test_an_officer_may_let_it_return(node):
    actions.delete([keep(node)], "retraction", node.now)
    assert keep(node, may_return=True).box is not None


def test_what_we_released_ourselves_leaves_none(node):
    actions.delete([keep(node, direction="released")], "retraction", node.now)
    assert not Tombstone.objects.exists()
    assert keep(node, direction="released").box is not None


def test_a_tombstone_tells_nobody_what_lies_under_it(node):
    """Ids can be guessed; the tag is keyed, and differs from node to node."""
    holding = keep(node)
    actions.delete([holding], "retraction", node.now)
    (stone,) = Tombstone.objects.all()
    assert len(stone.tag) == 64
    assert "indicator" not in stone.tag


def test_tags_do_not_run_into_each_other(node):
    """Three texts written one after the other could be split otherwise."""
    actions.delete([keep(node, agreement="a", object_id="b--c", version="d")], "retraction", node.now)
    assert actions.is_buried("a", "b--c", "d")
    for other in (("ab", "--c", "d"), ("a", "b--cd", ""), ("a,b", "--c", "d"), ("", "ab--c", "d")):
        assert not actions.is_buried(*other)


def test_it_lies_for_two_years_and_is_swept_then(node):
    actions.delete([keep(node)], "expiry", node.now)
    stone = Tombstone.objects.get()
    assert stone.until == node.now.replace(year=node.now.year + 2)
    assert actions.sweep(stone.until - DAY).tombstones == 0
    assert actions.sweep(stone.until).tombstones == 1
    assert not actions.is_buried("ee-br-csirt", "indicator--a", "2026-11-20T00:00:00.000Z")


def test_it_lies_until_the_sunset_where_that_is_later(node):
    sunset = node.now + 1000 * DAY
    actions.delete([keep(node)], "expiry", node.now, sunset=sunset)
    assert Tombstone.objects.get().until == sunset


def test_of_many_versions_the_buried_ones_are_told_at_once(node, django_assert_num_queries):
    kept = [keep(node, str(number)) for number in range(10)]
    actions.delete(kept[:3], "retraction", node.now)
    versions = [("ee-br-csirt", holding.object_id, holding.version) for holding in kept]
    with django_assert_num_queries(1, using="keys"):
        assert actions.buried(versions) == set(versions[:3])

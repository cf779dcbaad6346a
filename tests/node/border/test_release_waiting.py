"""What only waited for proof goes by itself once partners have witnessed the log again."""

from __future__ import annotations

import datetime as dt

from tests.node.world import BR, World, indicator

from comity.node.border import actions as border
from comity.node.border.models import Crossing
from comity.node.due.models import Due

C2 = indicator("c2")


def waiting(world: World) -> Crossing:
    """Submitted while the partners had not seen our log for longer than the agreement allows."""
    world.later(dt.timedelta(hours=25), witnessed=False)
    (crossing,) = world.submitted([C2])
    assert (crossing.waits, crossing.releases.count()) == ("stale-proof", 0)
    return crossing


def test_it_goes_when_the_log_is_witnessed_again(world: World):
    waiting(world)
    world.witness()
    border.publish_work({}, world.now)
    (due,) = Due.objects.filter(kind="release-waiting", done_at=None)
    border.release_waiting_work(due.facts, world.now)
    world.publish()
    assert C2["id"] in {one["id"] for one in world.read(BR)}


def test_doing_it_twice_is_doing_it_once(world: World):
    crossing = waiting(world)
    world.witness()
    for _ in range(2):
        border.release_waiting_work({"crossing": str(crossing.pk)}, world.now)
    assert Crossing.objects.filter(submission=crossing.submission, releases__isnull=False).distinct().count() == 1


def test_nothing_goes_while_the_proof_is_stale(world: World):
    crossing = waiting(world)
    border.release_waiting_work({"crossing": str(crossing.pk)}, world.now)
    latest = Crossing.objects.get(submission=crossing.submission, latest=True)
    assert (latest.waits, latest.releases.count()) == ("stale-proof", 0)

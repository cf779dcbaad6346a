"""Two real nodes exchange, countersign, withdraw and delete; a worker that is killed loses and doubles nothing."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node.world import BR, US

from .two_nodes import Nation, two_nodes

pytestmark = pytest.mark.slow


@pytest.fixture
def nations(tmp_path: Path) -> Iterator[tuple[Nation, Nation]]:
    with two_nodes(tmp_path) as (ee, br):
        ee.serve()
        br.serve()
        yield ee, br


def test_two_nodes_meet_exchange_countersign_withdraw_and_delete(nations: tuple[Nation, Nation]):
    ee, br = nations
    ee.work()
    br.work()
    ee.until(met=1)
    br.until(met=1)
    ee.send(3, BR)
    br.until(held=4, arrivals=2, open=0, parts=0, sealed=0)  # three indicators and their marking, on two bills
    ee.until(complete=2, published=2)
    br.until(undelivered=0)
    assert ee.do("withdraw", BR) == 1
    br.until(held=1, deleted=3)
    ee.until(unanswered=0, undelivered=0)
    for nation in nations:
        found = nation.state()
        assert (found["alarms"], found["paused"], found["quarantined"]) == ([], [], 0)


def test_a_worker_killed_in_the_middle_of_a_visit_loses_and_doubles_nothing(nations: tuple[Nation, Nation]):
    """SIGKILL, again and again, while a release of several pages comes in."""
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    ee, br = nations
    worker = br.work()
    ee.work()
    br.until(met=1)
    ee.until(met=1)
    worker.end(signal.SIGKILL)
    ee.send(1100, BR)
    ee.until(published=2)
    br.free()
    worker, kills = br.work(), 0
    while br.state()["held"] < 1101 and kills < 40:
        time.sleep(chance.random())
        worker.end(signal.SIGKILL)
        kills += 1
        br.free()
        worker = br.work()
        if kills > 10:  # it may take a while on a slow machine
            time.sleep(10)
    br.until(held=1101, arrivals=2, receipts=2, stored=2, open=0, parts=0, quarantined=0, undelivered=0)
    ee.until(complete=2)
    assert kills, f"seed {seed}"
    assert (br.state()["alarms"], br.state()["paused"]) == ([], []), f"seed {seed}"


def test_a_partner_that_was_away_is_found_again(nations: tuple[Nation, Nation]):
    ee, br = nations
    ee.work()
    worker = br.work()
    ee.until(met=1)
    br.until(met=1)
    ee.send(2, BR)
    br.until(held=3)
    serving = ee.place.processes[0]
    serving.end(signal.SIGKILL, group=True)
    worker.end(signal.SIGTERM)
    br.work()
    ee.send(2, BR, "two")
    time.sleep(3)
    assert br.state()["held"] == 3
    ee.serve()
    br.until(held=5)
    ee.until(complete=3)
    assert (br.state()["alarms"], ee.state()["alarms"], US) == ([], [], ee.party)

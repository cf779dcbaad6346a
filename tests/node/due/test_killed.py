"""A worker that is killed loses nothing and does nothing twice, wherever it was.

Once between any two statements to the database, one after the other; once by SIGKILL at random, in real processes.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult
from node.due import planted
from node.due.killed import counted, kill, nursery, plant, start, stop, until_done
from node.running.places import Place

from comity.node.due import leases
from comity.node.due.actions import perform, schedule, wake
from comity.node.due.models import Due
from comity.node.people.models import Role


class Killed(BaseException):
    """The process is gone: nobody catches this, and what was not committed is rolled back."""


@contextmanager
def killed_at(statement: int, *, after: bool) -> Iterator[list[str]]:
    """Before the statement of this number reaches the database, or after it was executed. Yields those that were."""
    seen: list[str] = []

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if len(seen) == statement and not after:
            raise Killed
        result = execute(sql, params, many, context)
        seen.append(sql)
        if len(seen) == statement + 1 and after:
            raise Killed
        return result

    with connection.execute_wrapper(wrapper):
        yield seen


def effect(facts: planted.Facts, now: Any) -> None:
    """Adds a row once, and asks for what follows; both or neither."""
    from django.db import transaction

    with transaction.atomic():
        Role.objects.get_or_create(code=f"effect-{facts['step']}", defaults={"title": "-"})
        if facts["step"] < 2:
            schedule("act", f"step-{facts['step'] + 1}", now, {"step": facts["step"] + 1})


def finish(node: Any) -> None:
    """What a new worker does: leases lapse, what is due is woken and done, until nothing is left."""
    for _ in range(10):
        Due.objects.update(lease_until=None)
        wake(node.now)
        for row in list(Due.objects.filter(leases.OPEN)):
            planted.acts[:] = [effect]
            perform(row.pk)


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_killed_at_each_statement_it_does_all_and_nothing_twice(node_live: Any, after: bool):
    points = 0
    while True:
        Due.objects.all().delete()
        DBTaskResult.objects.all().delete()
        Role.objects.filter(code__startswith="effect-").delete()
        killed = False
        with killed_at(points, after=after):
            try:
                schedule("act", "step-1", node_live.now, {"step": 1})
                planted.acts[:] = [effect]
                perform(Due.objects.get(key="step-1").pk)
            except Killed:
                killed = True
                connection.close()  # with what was not committed
        asked = Due.objects.exists()
        finish(node_live)
        effects = sorted(Role.objects.filter(code__startswith="effect-").values_list("code", flat=True))
        assert effects == (["effect-1", "effect-2"] if asked else []), f"killed at statement {points}"
        assert not Due.objects.filter(leases.OPEN).exists()
        assert Due.objects.exclude(done_at=None).count() == len(effects)
        if not killed:
            break
        points += 1
    assert points >= 10


@pytest.mark.slow
def test_killed_at_random_fifty_times_and_more_it_does_all_and_nothing_twice(place: Place):
    count, kills = 150, 60
    seed = int(os.environ.get("COMITY_TEST_SEED", random.SystemRandom().randrange(2**32)))
    print(f"COMITY_TEST_SEED={seed}")
    chance = random.Random(seed)
    plant(place, count)
    workers = nursery(place, lease=0.4)
    for _ in range(kills):
        pid = start(workers)
        time.sleep(chance.uniform(0, 0.25))  # so that kills fall anywhere
        kill(workers, pid)
    assert counted(place).effects
    pid = start(workers)
    found = until_done(place)
    stop(workers, pid)
    everything = sorted(f"{name}/{step}" for name in range(count) for step in (1, 2, 3))
    assert found.effects == sorted(set(found.tries)) == everything
    assert found.done >= len(everything)  # what was done may have been asked for once more, by one who was then killed
    assert len(found.tries) > len(everything), "no kill fell between an effect and its being said: kill more often"

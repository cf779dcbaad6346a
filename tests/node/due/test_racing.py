"""Many at once: of all who want a lease one gets it, and asking for the same work at the same time hurts nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connections, transaction
from node.due import planted

from comity.node.due import leases
from comity.node.due.actions import perform, schedule
from comity.node.due.models import Due

MANY = 8


def at_once(work: Callable[[int], object]) -> list[object]:
    """What `MANY` threads came to that began together, each with a connection of its own; errors as they are."""
    start, results = threading.Barrier(MANY), list[object]([None] * MANY)

    def run(number: int) -> None:
        start.wait()
        try:
            results[number] = work(number)
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_all_who_want_a_lease_exactly_one_gets_it(node_live):
    for number in range(10):
        schedule("note", str(number), node_live.now)
        row = Due.objects.get(key=str(number))
        taken = at_once(lambda _, row=row: leases.take(row.pk, node_live.now))
        assert sum(isinstance(one, Due) for one in taken) == 1, taken
        assert sum(one is None for one in taken) == MANY - 1
        [winner] = [one for one in taken if isinstance(one, Due)]
        assert Due.objects.get(pk=row.pk).holder == winner.holder


def test_of_all_who_would_do_it_exactly_one_does(node_live):
    schedule("note", "a", node_live.now, {"n": 1})
    row = Due.objects.get()
    assert sorted(at_once(lambda _: perform(row.pk)), key=bool) == [False] * (MANY - 1) + [True]
    assert len(planted.noted) == 1


@pytest.mark.parametrize("facts", [{}, {"same": 1}])
def test_who_asks_for_the_same_at_the_same_time_is_not_refused(node_live, facts: dict[str, int]):
    for number in range(10):
        asked = at_once(lambda _, number=number: schedule("note", str(number), node_live.now, facts))
        assert asked == [None] * MANY
    assert Due.objects.count() == 10


def test_a_transaction_that_asks_for_what_another_has_just_asked_for_is_kept(node_live):
    """Each makes a row of its own too, and none is lost with a refusal."""

    def both(number: int) -> None:
        with transaction.atomic():
            Due.objects.create(kind="own", key=str(number), due_at=node_live.now)
            schedule("note", "shared", node_live.now)

    assert at_once(both) == [None] * MANY
    assert (Due.objects.filter(kind="own").count(), Due.objects.filter(kind="note").count()) == (MANY, 1)


def test_what_is_asked_for_while_others_do_it_is_always_followed_by_a_run(node_live):
    """The reason is committed with the request; whoever runs after that must have seen it."""
    written: list[int] = []
    seen_last: list[set[int]] = []
    planted.acts[:] = [lambda _facts, _now: seen_last.append(reasons())] * 1000

    def ask_and_do(number: int) -> None:
        for turn in range(5):
            with transaction.atomic():
                Due.objects.create(kind="reason", key=f"{number}/{turn}", due_at=node_live.now)
                schedule("act", "a", node_live.now)
            written.append(turn)
            for row in Due.objects.filter(leases.OPEN, kind="act"):
                perform(row.pk)

    def reasons() -> set[int]:
        return set(Due.objects.filter(kind="reason").values_list("pk", flat=True))

    assert at_once(ask_and_do) == [None] * MANY
    for row in Due.objects.filter(leases.OPEN, kind="act"):
        perform(row.pk)
    assert not Due.objects.filter(leases.OPEN, kind="act").exists()
    assert len(written) == 5 * MANY
    assert reasons() == set().union(*seen_last)


def test_nobody_begins_what_a_transaction_asks_for_before_it_is_over(node_live):
    """Else the run would neither see the reason nor be followed by one that does."""
    schedule("act", "a", node_live.now)
    row, seen = Due.objects.get(), list[bool]()
    planted.acts[:] = [lambda _facts, _now: seen.append(Due.objects.filter(kind="reason").exists())] * 2
    begins = threading.Event()

    def do() -> None:
        begins.set()
        perform(row.pk)
        connections.close_all()

    doer = threading.Thread(target=do)
    with transaction.atomic():
        Due.objects.create(kind="reason", key="", due_at=node_live.now)
        schedule("act", "a", node_live.now)
        doer.start()
        begins.wait()
        time.sleep(0.3)  # time enough to do it, for one who does not wait
    doer.join()
    for left in Due.objects.filter(leases.OPEN, kind="act"):
        perform(left.pk)
    assert seen[-1]

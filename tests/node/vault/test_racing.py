"""Several at once: one holding of a version whoever comes first, one deletion whoever is asked, and no deadlock."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

from comity.node import clock
from comity.node.journal.models import Entry
from comity.node.vault import actions
from comity.node.vault.models import Box, Holding

from .kept import DAY, boxes, fields, keep, live_keys

AT_ONCE = 6


def all_at_once(*works: Callable[[], Any]) -> list[Any]:
    """Each in a thread of its own, with connections of its own; what each returned, or raised."""
    ready, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            ready.wait(timeout=30)
            answers[place] = work()
        except Exception as error:
            answers[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    return answers


def test_a_version_that_comes_several_times_at_once_is_held_once(node_live, monkeypatch):
    now = node_live.now

    def arrives(days: int) -> Callable[[], Holding]:
        return lambda: actions.keep(now=now, **fields("a", expires=now + days * DAY))

    kept = all_at_once(*(arrives(10 + number) for number in range(AT_ONCE)))
    assert len({holding.pk for holding in kept}) == 1
    holding = Holding.objects.get()
    assert holding.expires == now + 10 * DAY
    assert actions.opened(Box.objects.get(pk=holding.box_id)) == fields("a")["data"]
    later = clock.real() + dt.timedelta(hours=2)
    monkeypatch.setattr(clock, "real", lambda: later)
    actions.sweep(now)
    assert live_keys() == boxes() == {holding.box_id}


def test_what_several_delete_at_once_is_deleted_once(node_live):
    now = node_live.now
    kept = [keep(node_live, name) for name in "abc"]

    def deletes() -> int:
        return len(actions.delete(kept, "retraction", now))

    def sweeps() -> int:
        return actions.sweep(now + 40 * DAY).holdings

    counts = all_at_once(*[deletes] * (AT_ONCE - 2), sweeps, sweeps)
    assert sum(counts) == 3
    assert not boxes()
    assert not live_keys()
    bodies = [bytes(entry.body) for entry in Entry.objects.filter(event="vault:holding:deleted")]
    assert sum(int(body.split(b'"count":')[1].split(b",")[0]) for body in bodies) == 3


def test_a_hold_that_comes_while_it_is_deleted_either_keeps_all_of_it_or_nothing(node_live):
    now = node_live.now
    for round_ in range(4):
        holding = keep(node_live, str(round_))
        held, deleted = all_at_once(
            lambda holding=holding: actions.hold([holding], "court-order", now + DAY, now=now),
            lambda holding=holding: len(actions.delete([holding], "retraction", now)),
        )
        assert held + deleted == 1
        box = Box.objects.filter(pk=holding.box_id).first()
        assert (box is not None and actions.opened(box) == holding_data(round_)) == bool(held)


def holding_data(number: int) -> bytes:
    return bytes(fields(str(number))["data"])

"""A visit that is killed at any write is taken up again, and nothing is lost or there twice."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.transaction import Atomic
from tests.node.world import BR, indicator

from comity.messages import Withdrawal, make_receipt, make_retraction, sign_message
from comity.node import chance
from comity.node.border.models import Arrival, Quarantined, Release
from comity.node.exchange.models import Message, Part
from comity.node.vault.models import Box, Holding

from .neighbourhood import Neighbourhood

WRITES = ("INSERT", "UPDATE", "DELETE")


class Killed(BaseException):
    """The process is gone: nothing catches it, and what was not committed is not there."""


@contextlib.contextmanager
def killed_at(number: int) -> Iterator[list[str]]:
    """At this write to either database, counted from 0. Yields: the writes that went through."""
    done: list[str] = []

    def execute(go: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip("( ").startswith(WRITES):
            if len(done) == number:
                raise Killed
            done.append(sql)
        return go(sql, params, many, context)

    with contextlib.ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(execute))
        yield done


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction that a node would have is undone by itself, though all are inside the test's own."""
    enter = Atomic.__enter__

    def entered(self: Atomic) -> None:
        blocks = connections[self.using or "default"].atomic_blocks
        self.savepoint = self.savepoint or bool(blocks and blocks[-1]._from_testcase)
        enter(self)

    monkeypatch.setattr(Atomic, "__enter__", entered)


def what_there_is(near: Neighbourhood) -> dict[str, Any]:
    return {
        "held": near.held(),
        "gone": sorted(Holding.objects.filter(partner=BR).exclude(deleted_at=None).values_list("object_id", flat=True)),
        "told": sorted(one["type"] for one in near.world.told(BR)),
        "parcels": near.parcels(),
        "parts": Part.objects.count(),
        "arrivals": Arrival.objects.count(),
        "came": sorted(Message.objects.filter(outward=False).values_list("kind", flat=True)),
        "complete": Release.objects.exclude(complete_at=None).count(),
        "quarantined": Quarantined.objects.count(),
        "paused": near.peer.paused_why,
        "alarms": near.alarms(),
        "boxes": Box.objects.exclude(kind__in=("bill", "parcel")).count(),
    }


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.slow)])
def test_a_visit_that_is_killed_at_any_write_is_taken_up_again(near: Neighbourhood, step: int):
    """Two releases on pages of two, a stray, a retraction of the first, and a receipt for one of ours."""
    near.meet()
    near.world.sent([indicator("ours")])
    ours = near.world.bills(BR)[-1]
    objects = [[indicator(f"{r}-{n}") for n in range(3)] for r in range(2)]
    bills = [near.bill(some) for some in objects]
    key, now = near.br.origin.key, near.world.now
    retraction = make_retraction(
        bills[0], [objects[0][0]["id"]], reason=Withdrawal.ERROR, delete_by=now + dt.timedelta(days=1), made_at=now,
        key=key.public_key(), secret=chance.octets(32),
    )  # fmt: skip
    receipt = make_receipt(ours, made_at=now, key=key.public_key(), secret=chance.octets(32))

    def shelves() -> None:
        near.br.most = 2
        for bill, some in zip(bills, objects, strict=True):
            near.br.put([bill, *some])
        near.br.put([indicator("stray")])
        near.br.put([dict(sign_message(one, key).content) for one in (retraction, receipt)], near.br.outbox)

    with near.undone():
        shelves()
        with killed_at(-1) as writes:
            assert near.pull() == ""
        whole, number = what_there_is(near), len(writes)
    assert whole["held"] == sorted(one["id"] for some in objects for one in some if one is not objects[0][0])
    assert (whole["parts"], whole["quarantined"], whole["complete"]) == (0, 1, 1)
    assert number >= 100, "there is something to kill"
    for point in range(0, number, step):
        with near.undone():
            shelves()
            with killed_at(point), pytest.raises(Killed):
                near.pull()
            assert near.pull() == ""
            assert what_there_is(near) == whole, f"killed at write {point} of {number}: {writes[point][:80]}"

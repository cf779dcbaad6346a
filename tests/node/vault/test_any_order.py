"""Whatever is done in whatever order, and wherever the process is killed: no deleted thing can be read, nothing that
was not deleted is lost, and after one sweep both databases say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.node import clock
from comity.node.journal.models import Entry
from comity.node.vault import actions
from comity.node.vault.models import Box, BoxKey, Holding, Tombstone

from .kept import DAY, boxes, fields, live_keys

pytestmark = pytest.mark.slow  # many histories


class Killed(BaseException):
    """The process ended here: what it had not committed never was."""


@contextmanager
def killed_at(write: int | None) -> Iterator[None]:
    """Dies in place of its nth write to either database; None: lives."""
    left = [write]

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if left[0] is not None and sql.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(watch), connections["keys"].execute_wrapper(watch):
        yield


@dataclass(frozen=True)
class Step:
    verb: str  # keep, delete, destroy, sweep
    names: tuple[str, ...]
    later: int  # days
    rolls_back: bool  # the caller's own transaction fails afterwards
    killed_at: int | None


steps = st.lists(
    st.builds(
        Step,
        verb=st.sampled_from(["keep", "keep", "delete", "sweep"]),
        names=st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True).map(tuple),
        later=st.integers(0, 4),
        rolls_back=st.booleans(),
        killed_at=st.none() | st.integers(0, 24),
    ),
    max_size=10,
)


def take(step: Step, now: dt.datetime) -> None:
    """Do it as the running node would: in a transaction of the caller's, but for the sweep."""
    if step.verb == "sweep":
        actions.sweep(now)
        return
    with transaction.atomic():
        if step.verb == "keep":
            items = [actions.Keeping(expires=now + 5 * DAY, may_return=True, **fields(n)) for n in step.names]
            actions.keep_many(items, now)
        else:
            wanted = [f"indicator--{name}" for name in step.names]
            actions.delete(Holding.objects.filter(object_id__in=wanted, deleted_at=None), "retraction", now)
        if step.rolls_back:
            raise Killed


def readable() -> dict[str, bytes]:
    """What can be opened of what claims to be held, by object id."""
    live = list(Holding.objects.filter(deleted_at=None).exclude(box=None).select_related("box"))
    opened = actions.opened_many(holding.box for holding in live if holding.box)
    return {holding.object_id: opened[holding.box_id] for holding in live if holding.box_id in opened}


class Expected:
    """What must be readable, what must not, and what a death in between leaves open until the next sweep."""

    def __init__(self) -> None:
        self.held: dict[str, dt.datetime] = {}  # until when
        self.open: set[str] = set()
        self.copies: dict[UUID, Box] = {}  # of every box there ever was, as a backup would have it, by holding

    def after(self, step: Step, done: bool, now: dt.datetime) -> None:
        over = {name for name, ends in self.held.items() if ends <= now}
        if step.verb == "sweep":
            self._gone(over, done)
        elif step.verb == "delete":
            self._gone(set(step.names), done)
        elif done:
            for name in step.names:
                self.held[name] = Holding.objects.get(object_id=f"indicator--{name}", deleted_at=None).expires
                self.open.discard(name)
        else:
            self._gone(over & set(step.names), False)  # what is over is ended before anything takes its place

    def _gone(self, names: set[str], done: bool) -> None:
        if done:
            self.open -= names
            for name in names:
                self.held.pop(name, None)
                assert f"indicator--{name}" not in readable()
        else:
            self.open |= names & set(self.held)

    def holds(self, now: dt.datetime) -> bool:
        self.copies |= {one.pk: one.box for one in Holding.objects.exclude(box=None).select_related("box") if one.box}
        # INVARIANT: once a row says that it was deleted, no copy of it opens.
        deleted = Holding.objects.exclude(deleted_at=None).values_list("pk", flat=True)
        assert not actions.opened_many(self.copies[one] for one in deleted if one in self.copies)
        must = {f"indicator--{name}" for name in set(self.held) - self.open}
        may = {f"indicator--{name}" for name in self.held}
        return must <= set(readable()) <= may


def nothing_is_here() -> None:
    for model in (Holding, Box, BoxKey, Tombstone, Entry):
        model.objects.all().delete()


@contextmanager
def two_hours_later() -> Iterator[None]:
    """By the machine's clock: whatever was killed has long been dead."""
    real = clock.real
    clock.real = lambda: real() + dt.timedelta(hours=2)
    try:
        yield
    finally:
        clock.real = real


def all_is_well(now: dt.datetime) -> dict[str, bytes]:
    """After one sweep that lives: both databases say the same, and nothing deleted has left anything. What is held."""
    with two_hours_later():
        assert actions.sweep(now).keyless == 0
        again = actions.sweep(now)
    assert (again.holdings, again.boxes, again.finished, again.orphan_keys) == (0, 0, 0, 0)
    held = {holding.object_id: holding for holding in Holding.objects.filter(deleted_at=None)}
    assert boxes() == live_keys() == {holding.box_id for holding in held.values()}
    assert not Holding.objects.exclude(deleted_at=None).exclude(box=None, digest="").exists()
    found = readable()
    assert set(found) == set(held)
    return found


KEEP = Step("keep", ("a", "b"), 0, False, None)
DELETE = Step("delete", ("a", "b"), 0, False, None)
SWEEP = Step("sweep", (), 0, False, None)


@pytest.mark.parametrize("step", [KEEP, DELETE, SWEEP], ids=lambda step: step.verb)
def test_killed_at_any_write_it_leaves_nothing_half_readable(node_live, step):
    """Every write of the verb in turn, until it is through: before the sweep all or nothing, after it no trace."""
    now, write, points = node_live.now, 0, 0
    while True:
        nothing_is_here()
        expected, later = Expected(), now + (6 * DAY if step is SWEEP else 0 * DAY)
        if step is not KEEP:
            take(KEEP, now)
            expected.after(KEEP, True, now)
            assert expected.holds(now)
        try:
            with killed_at(write):
                take(step, later)
        except Killed:
            points += 1
        else:
            break
        expected.after(step, False, later)
        assert expected.holds(later)
        all_is_well(later)
        write += 1
    assert points >= 3
    assert bool(all_is_well(later)) == (step is KEEP)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_nothing_deleted_is_readable_and_nothing_else_is_lost(node_live, steps):
    nothing_is_here()
    now, expected = node_live.now, Expected()
    for step in steps:
        now += step.later * DAY
        try:
            with killed_at(step.killed_at):
                take(step, now)
        except Killed:
            expected.after(step, False, now)
        else:
            expected.after(step, True, now)
        assert expected.holds(now)

    assert all(content == f'{{"secret":"planted-{name[-1]}"}}'.encode() for name, content in all_is_well(now).items())

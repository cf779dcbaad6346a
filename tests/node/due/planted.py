"""Work for tests, and its table: what `comity.node.work` is for a node."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from comity.node.work import Work

HERE = "node.due.planted"
WORK = {
    "note": Work(f"{HERE}:note", gives_up=True),
    "act": Work(f"{HERE}:act", gives_up=True),
    "insist": Work(f"{HERE}:act", gives_up=False),
    "round": Work(f"{HERE}:note", gives_up=False),
    "nowhere": Work(f"{HERE}:nobody_wrote_this", gives_up=True),
}
RECURRING = (("round", dt.timedelta(minutes=1)),)

Facts = Mapping[str, Any]
noted: list[tuple[dict[str, Any], dt.datetime]] = []
acts: list[Callable[[Facts, dt.datetime], None]] = []


def note(facts: Facts, now: dt.datetime) -> None:
    """Say that it was done."""
    noted.append((dict(facts), now))


def act(facts: Facts, now: dt.datetime) -> None:
    """Do what the test planted, one after the other; nothing when all is used up."""
    noted.append((dict(facts), now))
    if acts:
        acts.pop(0)(facts, now)

"""The kinds of work there are, from one table, `comity.node.work`, that names a function for each."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, Protocol

TABLE = "comity.node.work"
RECURS = ""  # the key of what recurs

Doing = Callable[[Mapping[str, Any], dt.datetime], None]


class Work(Protocol):
    """How one kind of work is done. The function is idempotent and takes well under `leases.LEASE`."""

    @property
    def function(self) -> str:
        """`package.module:name` of `def name(facts: Mapping[str, Any], now: datetime) -> None`."""

    @property
    def gives_up(self) -> bool:
        """False: it is tried for ever."""


class NoSuchWork(LookupError):
    """A row names a kind that this version does not know: a newer version may, so the row stays open."""


def work(kind: str) -> Work:
    """Raises: NoSuchWork."""
    table: Mapping[str, Work] = importlib.import_module(TABLE).WORK
    if kind not in table:
        raise NoSuchWork(kind)
    return table[kind]


def doing(kind: str) -> Doing:
    """The function of a kind. Raises: NoSuchWork; ImportError and AttributeError where the table names none."""
    function: Doing = pkgutil.resolve_name(work(kind).function)
    return function


def recurring() -> dict[str, dt.timedelta]:
    """What is done again and again, and how long after it was done last (business time)."""
    return dict(importlib.import_module(TABLE).RECURRING)

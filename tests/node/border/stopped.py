"""A process that is stopped at its nth statement to either database: what a kill leaves, for any n."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import connections, transaction


class Stopped(BaseException):
    """No code of ours catches it."""


class Statements:
    """Counts what is sent to both databases, and stops at the nth."""

    def __init__(self, stop_at: int | None) -> None:
        self.stop_at, self.count = stop_at, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA")):
            self.count += 1
            if self.count == self.stop_at:
                raise Stopped
        return execute(sql, params, many, context)


@contextlib.contextmanager
def statements(stop_at: int | None = None) -> Iterator[Statements]:
    counting = Statements(stop_at)
    with contextlib.ExitStack() as stack:
        for name in ("default", "keys"):
            stack.enter_context(connections[name].execute_wrapper(counting))
        yield counting


def rows() -> dict[str, int]:
    """How many rows each table has that a verb writes to. Keys are not counted: an unused one opens nothing."""
    tables: dict[str, int] = {}
    for label in ("border", "journal", "vault"):
        for model in apps.get_app_config(label).get_models():
            name = f"{label}.{model.__name__}"
            if name not in ("vault.BoxKey", "vault.Tombstone", "journal.Salt"):
                tables[name] = model._default_manager.count()
    return tables


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What is written to either database inside is not there afterwards. Inside a transaction of each."""
    names = ("default", "keys")
    points = {name: transaction.savepoint(using=name) for name in names}
    try:
        yield
    finally:
        for name in names:
            transaction.savepoint_rollback(points[name], using=name)


def every_statement(act: Callable[[], Any]) -> Iterator[int]:
    """Run `act`, stopped at its first statement, then at its second, and so on, until it is not stopped any more."""
    at = 0
    while True:
        at += 1
        with statements(at) as counting:
            try:
                act()
            except Stopped:
                pass
            else:
                assert counting.count < at
                return
        yield at

"""Two that lock the same rows lock them in one order, so that neither waits for the other for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.node.world import World, indicator, sdo

from comity.messages import Withdrawal
from comity.node.border import actions as border
from comity.node.border.models import Release
from comity.node.vault import actions as vault

C2 = indicator("c2")
# The shelf, then the release, then what came with it.
ORDER = ("border_collection", "border_release", "border_shelved")


def locked(act: Callable[[], Any]) -> list[str]:
    """The tables of `ORDER` in which rows are locked or changed, in the order in which that begins."""
    with CaptureQueriesContext(connections["default"]) as captured:
        act()
    found: dict[str, None] = {}
    for query in captured.captured_queries:
        sql = query["sql"]
        for table in ORDER:
            changed = sql.startswith(f'UPDATE "{table}"')
            if changed or (sql.startswith("SELECT") and "FOR UPDATE" in sql and f'FROM "{table}"' in sql):
                found.setdefault(table)
    return [*found]


@pytest.fixture
def world(world: World) -> World:
    if not connections["default"].features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time")
    return world


def test_publishing_withdrawing_stripping_and_reacting_lock_in_one_order(world):
    note = sdo("note", "n", content="All is well here.", abstract="Something", object_refs=[C2["id"]])
    (crossing,) = world.submitted([C2, note])
    world.witness()
    assert locked(lambda: border.publish(now=world.now)) == [*ORDER]
    how = {"flows": [crossing.flow], "object_id": note["id"], "by": world.officer, "now": world.now}
    assert locked(lambda: border.strip(crossing.submission, paths=["/abstract"], **how)) == [*ORDER]
    release = Release.objects.get(items__object_id=C2["id"])
    withdrawn = locked(lambda: border.withdraw(release, why=Withdrawal.ERROR, by=world.officer, now=world.now))
    assert [table for table in withdrawn if table != ORDER[0]] == [*ORDER[1:]], "it locks the shelf of messages, last"
    world.later(release.flow.ends - world.now.date())
    vault.sweep(world.now)
    assert locked(lambda: border.after_deletion(release.bill_id, world.now))[:2] == [*ORDER[1:]]

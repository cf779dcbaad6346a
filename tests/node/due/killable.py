"""Work whose effect can be counted, in tables of its own in a real node's database.

python killable.py FOLDER plant COUNT      make the tables, and ask for COUNT pieces of work
python killable.py FOLDER work SECONDS     work with leases of so many seconds; each line on standard input starts a
                                           worker in a process of its own and prints its number
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from comity.node import work as of_the_node
from comity.node.work import Work

HERE = "node.due.killable"
WORK = {
    **{kind: Work(f"{HERE}:nothing", gives_up=False) for kind in of_the_node.WORK},  # what a worker asks for at first
    "append": Work(f"{HERE}:append", gives_up=False),
    "bulky": Work(f"{HERE}:bulky", gives_up=False),
}
RECURRING: tuple[tuple[str, dt.timedelta], ...] = ()
TABLES = (
    "CREATE TABLE effects (name VARCHAR(100) PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE tries (name VARCHAR(100) NOT NULL)",
)
STEPS = 3  # each piece of work asks for the next in the transaction of its own effect


def append(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """An effect that is there once however often it is tried, and the work that follows it."""
    from django.db import connection, transaction

    from comity.node.due.actions import schedule

    name, step = facts["name"], facts["step"]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO tries VALUES (%s)", [f"{name}/{step}"])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO effects VALUES (%s, %s) ON CONFLICT DO NOTHING", [f"{name}/{step}", ""])
        if step < STEPS:
            schedule("append", f"{name}/{step + 1}", now, {"name": name, "step": step + 1})


def nothing(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """The node's own work is tested where it is."""
    del facts, now


def bulky(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """An effect of a hundred kilobytes."""
    from django.db import connection

    del now
    with connection.cursor() as cursor:
        row = [facts["name"], "x" * 100_000]
        cursor.execute("INSERT INTO effects VALUES (%s, %s) ON CONFLICT DO NOTHING", row)


def plant(kind: str, count: int) -> None:
    from django.db import connection, transaction

    from comity.node import clock
    from comity.node.due.actions import schedule

    with transaction.atomic():
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(table)
        for number in range(count):
            schedule(kind, f"{number}/1", clock.now(), {"name": str(number), "step": 1})


def work(config: Any, lease: float) -> None:
    """Everything is imported before the first worker starts, so that it can be killed in the middle of its work."""
    from django.db import connections

    from comity.node.due import leases
    from comity.node.running import working

    leases.LEASE = dt.timedelta(seconds=lease)
    connections.close_all()
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            working.work(config, threads=2)
            os._exit(0)
        print(json.dumps({"event": "started", "pid": pid}), flush=True)
        os.waitpid(pid, 0)
        print(json.dumps({"event": "ended", "pid": pid}), flush=True)


def main(folder: str, verb: str, *arguments: str) -> None:
    from comity.node.running.opening import open_node

    config = open_node(Path(folder))
    from comity.node.due import kinds

    kinds.TABLE = HERE
    if verb == "plant":
        plant(arguments[0], int(arguments[1]))
    else:
        work(config, float(arguments[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])

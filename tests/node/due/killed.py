"""Real nodes whose work is that of `killable`: to ask for it, to have it done by processes, and to count what came."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

from node.running.places import Place, Process, until

OURS = "kind IN ('append', 'bulky')"  # and not what a worker asks for when it begins
STILL = f"done_at IS NULL AND given_up_at IS NULL AND {OURS}"


@dataclass(frozen=True)
class Counted:
    """What there is."""

    effects: list[str]
    tries: list[str]  # one for each time that somebody began
    still: int  # rows that are to be done
    done: int


def plant(place: Place, count: int, kind: str = "append") -> None:
    done = place.run("due/killable", "plant", kind, count)
    assert done.running.wait() == 0, done.log.read_text("utf-8")


def counted(place: Place) -> Counted:
    return Counted(
        effects=sorted(name for (name,) in place.sql("SELECT name FROM effects")),
        tries=[name for (name,) in place.sql("SELECT name FROM tries")],
        still=place.sql(f"SELECT count(*) FROM due_due WHERE {STILL}")[0][0],  # noqa: S608
        done=place.sql(f"SELECT count(*) FROM due_due WHERE done_at IS NOT NULL AND {OURS}")[0][0],  # noqa: S608
    )


def move(place: Place, to: str) -> None:
    """Free what is held by the killed, and have it all due at this instant."""
    place.sql(f"UPDATE due_due SET lease_until = NULL, due_at = '{to}' WHERE {STILL}")  # noqa: S608


def until_done(place: Place) -> Counted:
    until(lambda: place.sql(f"SELECT count(*) FROM due_due WHERE {STILL}")[0][0] == 0)  # noqa: S608
    return counted(place)


def nursery(place: Place, lease: float = 60, *, most_bytes: int | None = None) -> Process:
    """A process that starts workers, one after the other."""
    return place.run("due/killable", "work", lease, most_bytes=most_bytes)


def start(nursery: Process) -> int:
    """The next worker, which has begun: its number."""
    times = len(nursery.said("working")) + 1
    assert nursery.running.stdin
    nursery.running.stdin.write(b"\n")
    nursery.running.stdin.flush()
    nursery.until_said("working", times)
    return int(str(nursery.said("started")[-1]["pid"]))


def kill(nursery: Process, pid: int) -> None:
    times = len(nursery.said("ended")) + 1
    os.kill(pid, signal.SIGKILL)
    nursery.until_said("ended", times)


def stop(nursery: Process, pid: int) -> None:
    """By SIGTERM: the worker ends by itself and in order, and the process that started it too."""
    os.kill(pid, signal.SIGTERM)
    nursery.until_said("stopped working")
    assert nursery.running.stdin
    nursery.running.stdin.close()
    assert nursery.running.wait() == 0

"""How a node is: what it lacks, what waits, what went wrong, and how much it keeps. Read only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections
from django.db.models import Count, Min, Q

from comity.canon import ComityError, format_instant
from comity.node import clock, keyring
from comity.node.config import NodeConfig
from comity.node.due.models import Due
from comity.node.journal.models import Alarm
from comity.node.running import checking


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold."""

    name: str
    why_not: str  # "": it holds
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The rows of one kind of due work."""

    kind: str
    waiting: int  # for their time
    due: int
    failing: int  # of those two, how many failed the last time
    given_up: int
    last_error: str  # of one that fails or was given up: an error's class
    earliest: str  # when the next is due, RFC 3339


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All of it."""

    party: str
    url: str
    development: bool
    now: str  # business time, RFC 3339; "" without a clock
    exercise: bool  # the clock is a file that can be moved
    pinned: str
    checks: tuple[Check, ...]
    bytes: dict[str, int]  # of each database
    work: tuple[Work, ...]
    alarms: tuple[dict[str, str], ...]

    @property
    def well(self) -> bool:
        """Nobody needs to do anything."""
        return (
            not self.alarms
            and not any(check.why_not for check in self.checks)
            and not any(w.given_up for w in self.work)
        )


def state(config: NodeConfig) -> State:
    """Of the node that is open. What cannot be read is left out, and its check says why."""
    checks = (
        _check("address", checking.production, config),
        _check("certificate", checking.certificate, config),
        _check("clock", lambda _config: clock.now(), config),
        _check("databases", lambda _config: checking.tables(), config),
    )
    lacking = {check.name for check in checks if check.why_not}
    readable = "databases" not in lacking
    return State(
        party=config.party,
        url=config.url,
        development=config.development,
        now="" if "clock" in lacking else format_instant(clock.now()),
        exercise=config.clock_file is not None,
        pinned=keyring.held().pinned,
        checks=checks,
        bytes={alias: _size(alias) for alias in connections} if readable else {},
        work=_work() if readable and "clock" not in lacking else (),
        alarms=_alarms() if readable else (),
    )


def _check(name: str, check: Callable[[NodeConfig], object], config: NodeConfig) -> Check:
    try:
        check(config)
    except ComityError as error:
        return Check(name=name, why_not=error.sentence, remedy=error.remedy)
    return Check(name=name, why_not="", remedy="")


def _size(alias: str) -> int:
    file = checking.sqlite_file(alias)
    if file is not None:
        parts = (file, file.with_name(f"{file.name}-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _work() -> tuple[Work, ...]:
    now = clock.now()
    still = Q(done_at=None, given_up_at=None)
    rows = (
        Due.objects.filter(done_at=None)
        .values("kind")
        .annotate(
            waiting=Count("pk", filter=still & Q(due_at__gt=now)),
            due=Count("pk", filter=still & Q(due_at__lte=now)),
            failing=Count("pk", filter=still & Q(attempts__gt=0)),
            given_up=Count("pk", filter=Q(given_up_at__isnull=False)),
            earliest=Min("due_at", filter=still),
        )
        .order_by("kind")
    )
    return tuple(
        Work(
            kind=row["kind"],
            waiting=row["waiting"],
            due=row["due"],
            failing=row["failing"],
            given_up=row["given_up"],
            last_error=_last_error(row["kind"]),
            earliest=format_instant(row["earliest"]) if row["earliest"] else "",
        )
        for row in rows
    )


def _last_error(kind: str) -> str:
    failed = Due.objects.filter(kind=kind, done_at=None, attempts__gt=0).order_by("-due_at").first()
    return failed.last_error if failed else ""


def _alarms() -> tuple[dict[str, str], ...]:
    rows = Alarm.objects.filter(cleared_at=None).order_by("raised_at")
    return tuple({"code": alarm.code, "log": alarm.log, "raised": format_instant(alarm.raised_at)} for alarm in rows)

"""Doing a piece of work: under its lease, once for each time it was asked for, and later again where it failed."""

from __future__ import annotations

import datetime as dt
import traceback

import structlog
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Coalesce, Least

from comity.canon import utc
from comity.node import clock
from comity.node.due import kinds, leases
from comity.node.due.models import Due

FIRST_DELAY = dt.timedelta(seconds=5)
LONGEST_DELAY = dt.timedelta(hours=1)
MOST_ATTEMPTS = 12  # about five hours of failing one after the other
PUT_OFF = "Again: "  # how `last_error` begins where it is none
AT_ONCE = 10  # a row that is asked for again and again lets others have their turn

log = structlog.get_logger(__name__)


class Again(Exception):
    """Raised by work that cannot go on yet: it is tried at `at` (business time), and this is no error."""

    def __init__(self, at: dt.datetime, why: str) -> None:
        """`why`: a code that people see in `comity node status`; no personal data. Raises: NaiveTime."""
        super().__init__(why)
        self.at, self.why = utc(at), why


def perform(due_id: int) -> bool:
    """Do one piece of work, if it is due and nobody else is at it.

    Returns: whether this call did it; False also where it failed, which the row then says.
    Raises:  BadClock; the database's own errors. The lease then lapses, and nothing is lost.
    """
    did = False
    for _ in range(AT_ONCE):
        now = clock.now()
        row = leases.take(due_id, now)
        if row is None:
            break
        did = _tried(row, now)
        if not did or not Due.objects.filter(leases.OPEN, pk=due_id, due_at__lte=now).exists():
            break
    return did


def _tried(row: Due, now: dt.datetime) -> bool:
    gives_up = False
    try:
        gives_up = kinds.work(row.kind).gives_up
        kinds.doing(row.kind)(row.facts, now)
    except Again as again:
        _put_off(row, again)
    except Exception as error:  # whatever it is, it must not end the worker
        _failed(row, error, now, gives_up=gives_up)
    else:
        return _finished(row, now)
    return False


def _finished(row: Due, now: dt.datetime) -> bool:
    """Close the row, or put it to when it is to be done next."""
    mine = leases.held(row.pk, row.holder)
    every = kinds.recurring().get(row.kind) if row.key == kinds.RECURS else None
    if every is None and mine.filter(again_at=None).update(**leases.released(done_at=now, last_error="")):
        return True
    following = F("again_at") if every is None else _earlier(now + every)
    return mine.update(**leases.released(due_at=following, again_at=None, attempts=0, last_error="")) == 1


def _put_off(row: Due, again: Again) -> None:
    why = f"{PUT_OFF}{again.why}"[:500]
    changes = leases.released(due_at=_earlier(again.at), again_at=None, last_error=why)
    leases.held(row.pk, row.holder).update(**changes)


def _failed(row: Due, error: Exception, now: dt.datetime, *, gives_up: bool) -> None:
    attempts, name = row.attempts + 1, type(error).__name__[:500]
    # INVARIANT: neither the row nor the log holds an error's words, which may be somebody's data (attack A25).
    said = log.bind(kind=row.kind, due=row.pk, attempts=attempts, error=name, place=_place(error))
    mine = leases.held(row.pk, row.holder)
    if gives_up and attempts >= MOST_ATTEMPTS:
        closed = leases.released(given_up_at=now, attempts=attempts, last_error=name)
        if mine.filter(again_at=None).update(**closed):  # who asked for it meanwhile gets attempts of their own
            said.error("due work was given up")
            return
        attempts = 0
    said.warning("due work failed")
    changes = leases.released(due_at=now + delay(attempts), again_at=None, attempts=attempts, last_error=name)
    mine.update(**changes)


def delay(attempts: int) -> dt.timedelta:
    """How long to wait after this many errors in a row: 5 s, twice as long each time, an hour at most."""
    doublings = min(max(attempts, 1) - 1, 20)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


def _earlier(at: dt.datetime) -> Coalesce:
    """This time, or the one for which it was asked meanwhile if that is earlier."""
    value = Value(at, output_field=DateTimeField())
    return Coalesce(Least("again_at", value), value)


def _place(error: Exception) -> str:
    """Where it was raised, file and line, ours and the innermost: it tells a developer much and nobody's data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/comity/" in frame.filename]
    named = {f"{frame.filename.rpartition('/')[2]}:{frame.lineno}": None for frame in [*ours[-1:], *frames[-1:]]}
    return " ".join(named)

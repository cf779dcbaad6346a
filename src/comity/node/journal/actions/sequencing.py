"""Sequencing: entries that wait are given their places in the log, in batches, by one process at a time.

INVARIANT: one transaction holds a batch whole: bundles, tiles, the signed checkpoint, and the places of the entries.
Who is killed anywhere in it has changed nothing, and who comes after does all of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from comity.canon import ComityError, ProofError, utc
from comity.node.due import actions as due
from comity.node.journal.actions.alarms import CLOCK_BACK, DAMAGED, SET_BACK, healed, our_log, raise_alarm
from comity.node.journal.actions.gate import (
    LogStopped,
    NotClear,
    OlderThanLeft,
    as_left,
    clear_to_sign,
    leave,
    refusal,
)
from comity.node.journal.models import Entry, Turn, Witness
from comity.node.journal.rows import Rows, clear_superseded, lock, open_log, publish
from comity.node.journal.seals import check_entry, entry_seal

BATCH = 1000
BATCHES_A_LEASE = 20  # a lease is a minute long
SKEW = dt.timedelta(minutes=1)  # two processes read one clock, and one of them waited for the other
WAIT = dt.timedelta(seconds=10)  # until witnesses that could not be reached are asked for again


class ClockWentBack(ProofError):
    what = "nothing is entered in the log: business time went backwards"
    why = "it is {now}, and the log was last moved at {last}"
    do = "set the clock right; what happens meanwhile is kept, and entered once the time is past again"
    http_status = 503


def sequence(now: dt.datetime) -> int:
    """Integrate every entry that waits, in the order of its row.

    Returns: how many; 0 if none waited.
    Raises:  NotClear; LogSetBack, LogForked, OlderThanLeft: this node may not sign. ClockWentBack. RowChanged, BadTile
             and what opening a checkpoint raises: the database is not as it was left. An alarm is kept, and no entry is
             lost.
    """
    total = 0
    while count := _batch(now):
        total += count
    return total


def sequence_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work."""
    del facts
    for _ in range(BATCHES_A_LEASE):
        try:
            if not _batch(now):
                return
        except NotClear as error:
            raise due.Again(now + WAIT, "witnesses-not-asked") from error
    raise due.Again(now, "more-entries")


def _batch(now: dt.datetime) -> int:
    now = utc(now)
    if not Entry.objects.filter(index=None).exists():
        return 0
    clear_to_sign(now)
    try:
        return _integrate(now)
    except OlderThanLeft:
        with transaction.atomic(durable=True):
            raise_alarm(SET_BACK, our_log(), now)
        raise
    except (NotClear, LogStopped):
        raise
    except ComityError as error:
        with transaction.atomic(durable=True):
            raise_alarm(CLOCK_BACK if isinstance(error, ClockWentBack) else DAMAGED, our_log(), now)
        raise


def _integrate(now: dt.datetime) -> int:
    with transaction.atomic(durable=True):
        turn = lock()
        if error := refusal():
            raise error
        now = _onward(turn, now)
        waiting = list(Entry.objects.filter(index=None).order_by("id")[:BATCH])
        if not waiting:  # another process was quicker
            return 0
        for entry in waiting:
            check_entry(entry)
        log = open_log(Rows(now))
        as_left()
        old = log.checkpoint.size
        places = log.append([bytes(entry.body) for entry in waiting])
        _place(waiting, places)
        clear_superseded(old, log.checkpoint.size)
        _follow_up(log.note, log.checkpoint.size, now)
        healed(our_log(), now, CLOCK_BACK, DAMAGED)
    leave(log.checkpoint.size, log.checkpoint.root)
    return len(waiting)


def _onward(turn: Turn, now: dt.datetime) -> dt.datetime:
    """Business time, which never goes back. Raises: ClockWentBack."""
    last = turn.last_now or now
    if now < last - SKEW:
        raise ClockWentBack(now=now.isoformat(), last=last.isoformat())
    turn.last_now = max(now, last)
    turn.save(update_fields=["last_now"])
    return turn.last_now


def _place(entries: Sequence[Entry], places: range) -> None:
    for entry, place in zip(entries, places, strict=True):
        entry.index = place
        entry.seal = entry_seal(entry)
    Entry.objects.bulk_update(entries, ["index", "seal"])


def _follow_up(note: bytes, size: int, now: dt.datetime) -> None:
    """A log without witnesses is published at once, and its proof is never fresh; any other waits for its witnesses."""
    if Witness.objects.exists():
        due.schedule("witness", "", now)
        return
    publish(note)
    due.schedule("publish", str(size), now, {"size": size})

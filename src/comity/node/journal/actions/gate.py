"""Whether this node may sign its log: not before its witnesses have said what they hold of it (attack A71).

A node cannot tell by itself that its database is yesterday's. Its witnesses can: since a checkpoint counts only once a
majority has cosigned it, and any two majorities share a witness, a majority of answers shows every tree that counted.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.canon import ProofError
from comity.node.journal.actions.alarms import FORKED, SET_BACK, our_log, raise_alarm
from comity.node.journal.models import Alarm, Checkpoint, Witness
from comity.node.journal.rows import newest_size


class NotClear(ProofError):
    what = "nothing is entered in the log yet"
    why = "since this node started {answered} of its {witnesses} witnesses have said what they hold; {needed} must"
    do = "wait until they can be reached; what happens meanwhile is kept, and entered then"
    http_status = 503


class LogStopped(ProofError):
    """This node signs nothing any more; see its subclasses."""

    code = ""
    http_status = 503


class LogSetBack(LogStopped):
    what = "this node's log is older than what its witnesses hold: it signs nothing more"
    why = "{witness} has cosigned a tree of {known} entries, and the log here has {size}"
    do = (
        "restore the newer database: there is no other remedy, since every new signature would be a second history. "
        "Ask {witness} for the checkpoint: it bears this log's own signature if its word is true; if it cannot show "
        "one, end its part as a witness, then clear the alarm"
    )
    code = SET_BACK


class OlderThanLeft(LogStopped):
    what = "this node's log is older than this node left it: it signs nothing more"
    why = "a checkpoint that it has signed is no longer in the database, which has {size} entries"
    do = "restore the newer database: there is no other remedy, since every new signature would be a second history"
    code = SET_BACK


class LogForked(LogStopped):
    what = "this node's log is another than the one that a witness holds: it signs nothing more"
    why = "{witness} says that the tree of {size} entries here does not grow out of the one it cosigned"
    do = LogSetBack.do
    code = FORKED


_left: dict[str, tuple[int, bytes]] = {}  # of each log: size and root of the newest tree that this process signed


def as_left() -> None:
    """The database still has what this process left in it; under the sequencer's lock. Raises: OlderThanLeft.

    A process that works on while a server fails over to a copy that lags, or is restored, notices nothing else.
    """
    left = _left.get(our_log())
    if left and not Checkpoint.objects.filter(size=left[0], root=left[1]).exists():
        raise OlderThanLeft(witness="", size=newest_size())


def leave(size: int, root: bytes) -> None:
    """This tree is in the database, committed."""
    _left[our_log()] = (size, root)


def forget() -> None:
    """As if this process had just started."""
    _left.clear()


def may_sign() -> bool:
    return refusal() is None


def clear_to_sign(now: dt.datetime) -> None:
    """Raises: NotClear; LogSetBack and LogForked, of which an alarm is kept."""
    error = refusal()
    if isinstance(error, LogStopped):
        with transaction.atomic():
            raise_alarm(error.code, our_log(), now, witness=str(error.fields["witness"]))
    if error is not None:
        raise error


def refusal() -> NotClear | LogStopped | None:
    """What stands against signing, if anything does."""
    witnesses = {witness.name: witness for witness in Witness.objects.all()}
    size = newest_size()
    # INVARIANT: such an alarm is never cleared here; a person clears that of a witness which is none any more.
    if alarm := Alarm.objects.filter(stops_signing=True, cleared_at=None).first():
        known = witnesses[alarm.witness].cosigned_size if alarm.witness in witnesses else 0
        if not alarm.witness:
            return OlderThanLeft(witness="", size=size)
        error = LogForked if alarm.code == FORKED else LogSetBack
        return error(witness=alarm.witness, known=known, size=size)
    for witness in witnesses.values():
        if witness.cosigned_size > size:
            return LogSetBack(witness=witness.name, known=witness.cosigned_size, size=size)
    answered, needed = sum(one.asked_at is not None for one in witnesses.values()), quorum(len(witnesses))
    return NotClear(answered=answered, witnesses=len(witnesses), needed=needed) if answered < needed else None


def quorum(witnesses: int) -> int:
    """How many of so many witnesses make a majority; none where there are none."""
    return witnesses // 2 + 1 if witnesses else 0

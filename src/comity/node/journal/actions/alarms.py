"""Alarms: what must not be about a log, ours or a partner's, kept with its evidence until a person has looked."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.canon import InputError, digest
from comity.node import keyring
from comity.node.journal.actions.recording import record
from comity.node.journal.models import Alarm, Witness
from comity.node.people.models import Person

# Our own log.
CLOCK_BACK = "clock-back"  # business time went backwards: nothing is sequenced
DAMAGED = "log-damaged"  # rows or tiles are not what they were: nothing is sequenced
SET_BACK = "set-back"  # a witness, or this process, knows more of our log than the database: it is an older copy
FORKED = "forked"  # a witness knows another tree of our log than we do
UNVERIFIED = "not-verified"  # what is in the database does not verify: see `audit`
STALE = "stale-proof"  # no quorum has vouched for the log for too long: nothing is released
FORGETFUL = "witness-forgot"  # a witness knows less than it once cosigned
# A partner's log that we watch.
FORK = "fork"  # two roots, signed, for one size
INCONSISTENT = "inconsistent"  # not shown to have grown out of what we cosigned
ROLLBACK = "rollback"  # a smaller tree than we cosigned: a late request, or a log that was set back

# Cleared by the program once it is as it should be.
HEAL = frozenset({CLOCK_BACK, DAMAGED, UNVERIFIED, STALE, INCONSISTENT, ROLLBACK})
STOP = frozenset({SET_BACK, FORKED})  # nothing is signed any more


class CannotBeCleared(InputError):
    what = "the alarm {code} cannot be cleared"
    why = "another tree of this log was signed, and whatever this node would sign now could be a second history"
    do = "restore the newer database; if it is the false word of a witness, end its part as one, then clear the alarm"
    http_status = 409


def our_log() -> str:
    """The origin of our own log."""
    return keyring.held().log.name


def raise_alarm(code: str, log: str, now: dt.datetime, *, evidence: bytes = b"", witness: str = "") -> Alarm:
    """Keep an alarm, once while it is open, and enter it in our log with the digest of its evidence.

    Args: log: the origin of the log that it is about; witness: on whose word, where it is not what we see ourselves.
    """
    with transaction.atomic():
        values = {"raised_at": now, "evidence": evidence, "stops_signing": code in STOP}
        alarm, new = Alarm.objects.get_or_create(code=code, log=log, witness=witness, cleared_at=None, defaults=values)
        if new:
            facts = {"alarm": code, "ours": log == our_log(), "evidence": digest(evidence)}
            record("journal:alarm:raised", str(alarm.pk), kind="witness", facts=facts, now=now)
    return alarm


def healed(log: str, now: dt.datetime, *codes: str) -> None:
    """It is as it should be again."""
    Alarm.objects.filter(log=log, code__in=HEAL & {*codes}, cleared_at=None).update(cleared_at=now)


def clear_alarm(alarm: Alarm, *, by: Person, now: dt.datetime) -> None:
    """A person has looked at it.

    Raises: CannotBeCleared for what stops signing, unless it is the word of a witness that is none any more.
    """
    if alarm.stops_signing and (not alarm.witness or Witness.objects.filter(pk=alarm.witness).exists()):
        raise CannotBeCleared(code=alarm.code)
    with transaction.atomic():
        if Alarm.objects.filter(pk=alarm.pk, cleared_at=None).update(cleared_at=now):
            facts = {"alarm": alarm.code, "ours": alarm.log == our_log()}
            record("journal:alarm:cleared", str(alarm.pk), kind="witness", facts=facts, now=now, actor=by)

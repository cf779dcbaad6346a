"""Starting: what a process of this node does with the log before anything else."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.canon import ComityError, utc
from comity.node.journal.actions.alarms import DAMAGED, our_log, raise_alarm
from comity.node.journal.actions.gate import forget
from comity.node.journal.models import Witness
from comity.node.journal.rows import Rows, lock, open_log


def begin(now: dt.datetime) -> None:
    """Call it whenever `comity node serve` or `work` starts. Idempotent.

    A start is this: no witness has said yet what it holds of our log. It is in the database, so that every process of
    the node sees it, and the first signature of any of them waits (`may_sign`). A log that does not exist is begun:
    its first checkpoint, of the empty tree, is part of every other, so that signing it can fork nothing.

    Raises: RowChanged, BadTile and what opening a checkpoint raises, when the log is not what its newest checkpoint
            signs; an alarm is kept.
    """
    forget()
    with transaction.atomic(durable=True):
        lock()
        Witness.objects.update(asked_at=None)
    try:
        with transaction.atomic(durable=True):
            lock()
            open_log(Rows(utc(now)))
    except ComityError:
        with transaction.atomic(durable=True):
            raise_alarm(DAMAGED, our_log(), now)
        raise

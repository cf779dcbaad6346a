"""What recurs: one open row for each kind in the table, which is put to its next time whenever it was done."""

from __future__ import annotations

import datetime as dt

from comity.node.due import kinds
from comity.node.due.actions.scheduling import schedule
from comity.node.due.leases import OPEN
from comity.node.due.models import Due


def keep_recurring(now: dt.datetime) -> None:
    """Have each row there, due at once where it is new.

    One that waits for its next time longer than its interval had that time from a clock that was since set back.
    """
    table = kinds.recurring()
    rows = {row.kind: row for row in Due.objects.filter(OPEN, kind__in=table, key=kinds.RECURS)}
    for kind, every in table.items():
        row = rows.get(kind)
        if row is None:
            schedule(kind, kinds.RECURS, now)
        elif row.due_at > now + every and not row.last_error:
            schedule(kind, kinds.RECURS, now + every)

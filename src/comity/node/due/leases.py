"""Leases: one worker at a time does a piece of work, and a killed one does not keep it.

Leases run on the machine's own time, since a business clock may be moved. A lease that would last longer than leases do
comes from before the machine's clock was set back, and counts as lapsed.
"""

from __future__ import annotations

import datetime as dt
import os
import socket

from django.db.models import Q, QuerySet

from comity.node import chance, clock
from comity.node.due.models import Due

LEASE = dt.timedelta(seconds=60)  # a kill is noticed after this long; work that takes longer schedules more work
OPEN = Q(done_at=None, given_up_at=None)


def free(real: dt.datetime) -> Q:
    """Rows that nobody holds at this real time."""
    return Q(lease_until=None) | Q(lease_until__lte=real) | Q(lease_until__gt=real + 2 * LEASE)


def take(due_id: int, now: dt.datetime) -> Due | None:
    """Take the lease of a row that is open, due at `now` and free. None: somebody else has it, or there is no need.

    INVARIANT: one conditional UPDATE decides, so that of all who try exactly one gets it.
    """
    real, holder = clock.real(), _name()
    rows = Due.objects.filter(OPEN, free(real), pk=due_id, due_at__lte=now)
    if rows.update(lease_until=real + LEASE, holder=holder) == 0:
        return None
    return held(due_id, holder).first()


def held(due_id: int, holder: str) -> QuerySet[Due]:
    """The row while its lease is still that of `holder`: whoever was too slow changes nothing any more."""
    return Due.objects.filter(OPEN, pk=due_id, holder=holder)


def released(**changes: object) -> dict[str, object]:
    """These changes, and the lease given back."""
    return {"lease_until": None, "holder": "", **changes}


def _name() -> str:
    return f"{socket.gethostname()[:24]}/{os.getpid()}/{chance.octets(8).hex()}"

"""Due work that waits already: asked for again it would be done at once, and a partner that is away asked too often."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from comity.node.due import actions as due
from comity.node.due.models import Due


def ask_for(kind: str, party: str, now: dt.datetime) -> None:
    """Have this work done about a party, unless it waits for its time.

    Where somebody is at it just now, who may have begun before what it is asked for happened, it is done once more;
    not where it failed before, since then it waits again soon enough.
    """
    open_rows = Due.objects.filter(kind=kind, key=party, done_at=None, given_up_at=None)
    if not open_rows.filter(Q(lease_until=None) | ~Q(last_error="")).exists():
        due.schedule(kind, party, now, {"party": party})

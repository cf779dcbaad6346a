"""begin: what a process of this node asks of partners first."""

from __future__ import annotations

import datetime as dt

from comity.node.due import actions as due


def begin(now: dt.datetime) -> None:
    """Call it when `comity node work` starts, after `journal.begin`.

    Until the witnesses have said what they hold of our log, nothing is signed.
    """
    due.schedule("witness", "", now)
    due.schedule("meet", "", now)

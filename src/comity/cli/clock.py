"""The command line's one clock: business time is what the user says it is, or now."""

from __future__ import annotations

import datetime as dt

from comity.canon import midnight


def now() -> dt.datetime:
    """The present instant, in UTC."""
    return dt.datetime.now(dt.UTC)


def business_time(on: dt.datetime | None) -> dt.datetime:
    """00:00Z of the day a user names, or the present instant."""
    return midnight(on.date()) if on else now()

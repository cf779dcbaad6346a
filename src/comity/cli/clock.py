"""The command line's one clock: business time is what the user says it is, or now."""

from __future__ import annotations

import datetime as dt

from comity.canon import InputError, midnight

_YEARS = range(1970, 2200)  # beyond, retentions and deadlines counted from the day leave the calendar


class NoSuchDay(InputError):
    what = "{day} is no business day"
    why = "days from 1970 to 2199 are reckoned with"
    do = "write the day as in 2026-11-23"


def now() -> dt.datetime:
    """The present instant, in UTC."""
    return dt.datetime.now(dt.UTC)


def business_time(on: dt.datetime | None) -> dt.datetime:
    """00:00Z of the day a user names, or the present instant. Raises: NoSuchDay."""
    if on is not None and on.year not in _YEARS:
        raise NoSuchDay(day=on.date())
    return midnight(on.date()) if on else now()

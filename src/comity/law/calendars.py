"""Calendars: which day it is where a duty is owed, when that day ends, and which days count as business days."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING

from whenever import Instant, PlainDateTime

from comity.canon import Duration, midnight, utc

if TYPE_CHECKING:
    from holidays import HolidayBase

_LAST_SECOND = dt.time(23, 59, 59)


def local_day(moment: dt.datetime, zone: str) -> dt.date:
    """The date of an instant on the calendar of an IANA time zone. Raises: NaiveTime."""
    return Instant(utc(moment)).to_tz(zone).date().to_stdlib()


def end_of(day: dt.date, zone: str) -> dt.datetime:
    """The last second of a local day, in UTC: a report made in that second is still in time.

    Where clocks go back at midnight the second comes twice; the earlier one counts.
    """
    last = PlainDateTime(dt.datetime.combine(day, _LAST_SECOND))
    return last.assume_tz(zone).to_instant().to_stdlib()


def days_after(day: dt.date, span: Duration) -> dt.date:
    """`span` in calendar days, weeks or months after a day; the day itself is not counted."""
    return span.after(midnight(day)).date()


def business_days_after(day: dt.date, count: int, country: str) -> dt.date:
    """The `count`-th business day after a day; the day itself is not counted.

    Weekends and nation-wide public holidays are left out, optional and regional holidays are not: where a calendar
    is doubtful, or (for the Union and the EEA) no public holidays are known, the day found is the earlier one.
    """
    return _holidays(country).get_nth_working_day(day, count)


@functools.cache
def _holidays(country: str) -> HolidayBase:
    # Here, because the library takes a tenth of a second to load and few commands count business days.
    from holidays import HolidayBase, country_holidays  # noqa: PLC0415

    try:
        return country_holidays(country)
    except NotImplementedError:
        return HolidayBase()  # Saturdays and Sundays only

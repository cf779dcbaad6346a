"""Instants: timezone-aware UTC datetimes, read and written as STIX does (RFC 3339, `Z`, milliseconds)."""

from __future__ import annotations

import datetime as dt
import re

from whenever import Instant

from comity.canon.errors import InputError

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z")


class NaiveTime(InputError):
    what = "the time {text} is not an instant"
    why = "{reason}"
    do = "write it in UTC, as in 2026-11-23T10:00:00Z"


def parse_instant(text: str, *, at: str | None = None) -> dt.datetime:
    """Read `YYYY-MM-DDTHH:MM[:SS[.s+]]Z`; UTC only, real calendar dates only. Raises: NaiveTime."""
    if not _FORM.fullmatch(text):
        raise NaiveTime(at=at, text=ascii(text[:40]), reason="it has another form, or no Z at its end")
    try:
        return Instant.parse_iso(text).to_stdlib()
    except ValueError as error:
        raise NaiveTime(at=at, text=text, reason="no such moment exists") from error


def utc(moment: dt.datetime) -> dt.datetime:
    """The same instant in UTC. Raises: NaiveTime when it has no zone."""
    if moment.tzinfo is None:
        raise NaiveTime(text=moment.isoformat(), reason="it has no time zone")
    return moment.astimezone(dt.UTC)


def format_instant(moment: dt.datetime) -> str:
    """`2026-11-23T10:00:00.000Z`: UTC with exactly three fraction digits (STIX 2.1 section 3.2)."""
    moment = utc(moment)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def midnight(day: dt.date) -> dt.datetime:
    """00:00 UTC of a day: the business time that a bare date stands for."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)

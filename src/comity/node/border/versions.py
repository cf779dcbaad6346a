"""Versions of objects in the one form that sorts by time, and places in a collection."""

from __future__ import annotations

import datetime as dt

from comity.canon import NaiveTime, parse_instant, utc

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def version_key(version: str) -> str:
    """`2026-12-25T12:30:59.500Z` is `2026-12-25T12:30:59.5`: text order is the order of time, however many digits.

    Raises: NaiveTime for what is no STIX timestamp.
    Source: STIX 2.1 section 3.2 lets a fraction be as long as it likes; TAXII 2.1 section 3.4.1 compares instants.
    """
    second, _, fraction = version.removesuffix("Z").partition(".")
    if not version.endswith("Z") or (fraction and not (fraction.isascii() and fraction.isdigit())):
        raise NaiveTime(text=ascii(version[:40]), reason="it is not written as YYYY-MM-DDTHH:MM:SS[.s]Z")
    parse_instant(second + "Z")
    return f"{second}.{digits}" if (digits := fraction.rstrip("0")) else second


def taxii_timestamp(moment: dt.datetime) -> str:
    """With exactly six digits of fraction (TAXII 2.1 section 2). Raises: NaiveTime."""
    return utc(moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def place_of(date_added: dt.datetime) -> int:
    """Whole microseconds since 1970: a place in a collection, where date_added is unique and rising."""
    return (utc(date_added) - _EPOCH) // _MICROSECOND


def date_added_at(place: int) -> dt.datetime:
    """The date_added whose `place_of` this is. Raises: OverflowError beyond the year 9999."""
    return _EPOCH + place * _MICROSECOND


def rising(count: int, *, now: dt.datetime, last: dt.datetime | None) -> list[dt.datetime]:
    """So many values of date_added, each a microsecond after the one before, none before `now` or `last`."""
    first = utc(now) if last is None else max(utc(now), last + _MICROSECOND)
    return [first + number * _MICROSECOND for number in range(count)]

"""Timestamps: TAXII's, with exactly microseconds, and the versions of STIX objects, with any precision."""

from __future__ import annotations

import datetime as dt
import re

from comity.canon import InputError, NaiveTime, parse_instant, utc

# TAXII 2.1 section 2: YYYY-MM-DDTHH:MM:SS.ssssssZ. A second 60 would be read as 59 and two texts be one instant.
TIMESTAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]\.[0-9]{6}Z"
_TIMESTAMP = re.compile(TIMESTAMP)
# STIX 2.1 section 3.2 sets no limit to the fraction; what is longer than this is no honest version.
_VERSION = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9])(?:\.([0-9]{1,20}))?Z")


class BadTimestamp(InputError):
    what = "this is not {wanted}"
    why = "it has another form, or no such moment exists"
    do = "write it as in {example}"


def parse_timestamp(text: str) -> dt.datetime:
    """Read a TAXII timestamp, as `2016-11-03T12:30:59.001000Z`; with six digits of fraction. Raises: BadTimestamp."""
    try:
        if _TIMESTAMP.fullmatch(text):
            return parse_instant(text)
    except NaiveTime:
        pass
    raise BadTimestamp(wanted="a TAXII timestamp", example="2016-11-03T12:30:59.001000Z")


def format_timestamp(moment: dt.datetime) -> str:
    """Write a TAXII timestamp. Raises: NaiveTime when the moment has no zone."""
    return utc(moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def version_key(text: str) -> str:
    """A version, which is a STIX timestamp, in the one form that sorts by time and is equal for equal instants.

    The zone and the zeros that end a fraction go: `2016-12-25T12:30:59.500Z` is `2016-12-25T12:30:59.5`. Text order
    is the order of time, here and in a database, and no digit of a long fraction is lost.
    Raises: BadTimestamp.
    Source: TAXII 2.1 section 3.4.1, match[version].
    """
    found = _VERSION.fullmatch(text)
    try:
        if found is not None:
            parse_instant(found[1] + "Z")
            fraction = (found[2] or "").rstrip("0")
            return f"{found[1]}.{fraction}" if fraction else found[1]
    except NaiveTime:
        pass
    raise BadTimestamp(wanted="a version of a STIX object", example="2016-11-03T12:30:59.000Z")

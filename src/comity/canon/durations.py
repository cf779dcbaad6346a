"""Durations: ISO 8601, as agreements and laws write them (`PT72H`, `P1M`, `P2Y`)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import total_ordering

from whenever import Instant, ItemizedDelta

from comity.canon.errors import InputError
from comity.canon.instants import utc


class BadDuration(InputError):
    what = "{text} is not a duration"
    why = "ISO 8601 durations look like PT72H, P30D, P1M or P2Y"
    do = "write whole, positive amounts, largest unit first"


@total_ordering
@dataclass(frozen=True, slots=True)
class Duration:
    """A positive span of time. Months and years are calendar months and years, counted from an instant."""

    text: str

    def __post_init__(self) -> None:
        parse_delta(self.text)

    def after(self, start: dt.datetime) -> dt.datetime:
        """The instant this long after `start`, in UTC (31 January + P1M is the last day of February)."""
        moment = Instant(utc(start)).to_tz("UTC").add(parse_delta(self.text))
        return moment.to_instant().to_stdlib()

    @property
    def at_least(self) -> dt.timedelta:
        """The shortest this can turn out to be: a month as February, a year as 365 days.

        Two durations are compared by it, so that a limit in months is never read as longer than it can be.
        """
        delta = parse_delta(self.text)
        years, months = delta.get("years", 0), delta.get("months", 0)
        return dt.timedelta(
            days=365 * years + 28 * months + 7 * delta.get("weeks", 0) + delta.get("days", 0),
            hours=delta.get("hours", 0),
            minutes=delta.get("minutes", 0),
            seconds=delta.get("seconds", 0),
        )

    def __lt__(self, other: Duration) -> bool:
        return (self.at_least, self.text) < (other.at_least, other.text)

    def __str__(self) -> str:
        return self.text


def parse_delta(text: str) -> ItemizedDelta:
    try:
        delta = ItemizedDelta.parse_iso(text)
    except ValueError as error:
        raise BadDuration(text=ascii(str(text)[:40])) from error
    if delta.sign() < 0 or not text.isascii() or text != text.upper():
        raise BadDuration(text=ascii(text[:40]))
    return delta

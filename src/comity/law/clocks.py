"""Clocks: when each stage of a duty is due, from its own start, on its own calendar.

Elapsed time runs through nights and weekends. Days are counted on the calendar of the jurisdiction's capital, the
day of the event is not counted, and the last day counts to its end. No limit is moved for falling on a weekend: the
earlier instant is shown, also where a law (as Regulation 1182/71) would allow the next working day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import get_args

from comity.canon import Duration, InputError, printable, utc
from comity.law.calendars import business_days_after, days_after, end_of, local_day
from comity.law.duties import Duty
from comity.law.facts import Stage
from comity.law.shapes import Calendar, ClockStart, StageName


class Certainty(StrEnum):
    """What an instant is worth."""

    LAW = "law"
    BOUND = "at the latest"  # the true start may be earlier: the last instant it can turn out to be
    PLANNING = "planning value, not law"  # the law says no number
    WAITING = "not yet running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When one stage of a duty is due, or what it waits for."""

    duty: Duty
    stage: StageName
    deadline: str  # as the law says it
    calendar: Calendar
    clock_start: ClockStart
    at: dt.datetime | None  # UTC; the last moment that is in time
    certainty: Certainty
    detail: str  # from what it was counted, or what it waits for
    note: str | None
    strictest: bool = False  # the earliest instant for its addressee


class UnknownClock(InputError):
    what = "{name} starts no clock"
    why = "clocks start at {known}, or at a stage that was filed"
    do = "name the event as the duty does"


# What cannot come later than becoming aware of it, so that awareness gives the latest it can have been.
_NOT_AFTER_AWARENESS = ("discovery", "suspicion", "occurrence")
_SINGLE_DAYS = re.compile(r"P(\d+)D")


class NotInDays(InputError):
    what = "{deadline} cannot be counted in business days"
    why = "{duty} gives no number of days"
    do = "mend the fact in the law pack"


def read_clocks(given: Mapping[str, dt.datetime]) -> dict[str, dt.datetime]:
    """Instants by event, with hyphens or underscores, in UTC. Raises: UnknownClock, NaiveTime."""
    known = {*get_args(ClockStart), *get_args(StageName)}
    out: dict[str, dt.datetime] = {}
    for name, moment in given.items():
        event = name.replace("-", "_")
        if event not in known:
            starts = ", ".join(start.replace("_", "-") for start in get_args(ClockStart))
            raise UnknownClock(name=printable(name), known=starts)
        out[event] = utc(moment)
    return out


def due(duty: Duty, clocks: Mapping[str, dt.datetime], *, zone: str, planning: Mapping[str, str]) -> tuple[Due, ...]:
    """When each stage is due.

    Args:    clocks: instants by event (`awareness`, `classification`), or by stage for the moment that stage's report
             was filed (`early_warning`); `previous_report` is the filing that the next waiting stage runs from.
             zone: IANA time zone of the duty's calendar. planning: what an open deadline is planned as.
    Returns: a line for each stage, in the law's order; one without an instant says what it waits for.
    """
    given = dict(clocks)
    out: list[Due] = []
    for stage in duty.row.stages or (_only_stage(duty),):
        start = _start(stage, given, out)
        out.append(_in_order(_counted(duty, stage, start, zone=zone, planning=planning), out))
    return tuple(out)


def _in_order(line: Due, before: list[Due]) -> Due:
    """A planning value never puts a report before the one it follows."""
    last = next((earlier.at for earlier in reversed(before) if earlier.at), None)
    if line.certainty is Certainty.PLANNING and line.at and last and line.at < last:
        return replace(line, at=last, detail=f"{line.detail}, and not before the report it follows")
    return line


def _only_stage(duty: Duty) -> Stage:
    row = duty.row
    return Stage(stage="notification", deadline=row.deadline, clock_start=row.clock_start, calendar=row.calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """Where a clock starts, and what that start is worth; `at` None: it waits."""

    at: dt.datetime | None
    certainty: Certainty
    words: str


def _start(stage: Stage, given: dict[str, dt.datetime], before: list[Due]) -> _Start:
    name = stage.clock_start
    if name == "previous_report":
        return _after_report(given, before)
    if name in given:
        return _Start(at=given[name], certainty=Certainty.LAW, words=_words(name))
    if name == "deadline_expiry":
        return _after_expiry(before)
    if name in _NOT_AFTER_AWARENESS and "awareness" in given:
        words = f"{_words(name)}, taken as the moment of awareness"
        return _Start(at=given["awareness"], certainty=Certainty.BOUND, words=words)
    return _Start(at=None, certainty=Certainty.WAITING, words=_words(name))


def _after_report(given: dict[str, dt.datetime], before: list[Due]) -> _Start:
    """From the filing of the report before; unfiled, from the last instant at which it can be filed in time."""
    last = next((earlier for earlier in reversed(before) if earlier.at or earlier.stage in given), None)
    if last is not None and last.stage in given:
        return _Start(at=given[last.stage], certainty=Certainty.LAW, words=f"the {_words(last.stage)} was filed")
    filed = given.pop("previous_report", None)
    if filed is not None:
        return _Start(at=filed, certainty=Certainty.LAW, words="the previous report was filed")
    if last is None:
        return _Start(at=None, certainty=Certainty.WAITING, words="the previous report")
    certainty = last.certainty if last.certainty is Certainty.PLANNING else Certainty.BOUND
    return _Start(at=last.at, certainty=certainty, words=f"the {_words(last.stage)} is filed at its deadline")


def _after_expiry(before: list[Due]) -> _Start:
    last = next((earlier for earlier in reversed(before) if earlier.at), None)
    if last is None:
        return _Start(at=None, certainty=Certainty.WAITING, words="the previous deadline")
    return _Start(at=last.at, certainty=last.certainty, words=f"the deadline of the {_words(last.stage)}")


def _counted(duty: Duty, stage: Stage, start: _Start, *, zone: str, planning: Mapping[str, str]) -> Due:
    plain = Due(
        duty=duty,
        stage=stage.stage,
        deadline=stage.deadline,
        calendar=stage.calendar,
        clock_start=stage.clock_start,
        at=None,
        certainty=Certainty.WAITING,
        detail=f"after {start.words}",
        note=stage.note or duty.row.note,
    )
    if not duty.counts:
        return replace(plain, detail=f"no clock: {duty.standing.value}")
    if stage.deadline == "on-request":
        return replace(plain, detail="when the addressee asks")
    if start.at is None:
        return plain
    if stage.deadline in planning:
        moment = Duration(planning[stage.deadline]).after(start.at)
        detail = f"{planning[stage.deadline]} after {start.words}"
        return replace(plain, at=moment, certainty=Certainty.PLANNING, detail=detail)
    moment = _count(duty, stage, start.at, zone)
    return replace(plain, at=moment, certainty=start.certainty)


def _count(duty: Duty, stage: Stage, start: dt.datetime, zone: str) -> dt.datetime:
    match stage.calendar:
        case "elapsed":
            return Duration(stage.deadline).after(start)
        case "calendar_days":
            return end_of(days_after(local_day(start, zone), Duration(stage.deadline)), zone)
        case "business_days":
            days = _SINGLE_DAYS.fullmatch(stage.deadline)
            if days is None:
                raise NotInDays(deadline=stage.deadline, duty=duty.fact)
            return end_of(business_days_after(local_day(start, zone), int(days[1]), duty.jurisdiction), zone)


def _words(name: str) -> str:
    return name.replace("_", " ")


def flagged(dues: Iterable[Due]) -> tuple[Due, ...]:
    """The same lines, with the earliest instant of each addressee marked. Duties to other addressees all stand.

    Where an addressee has a deadline that the law gives in numbers, a planning value is not the strictest.
    """
    lines = tuple(dues)
    first: dict[tuple[str, str, str], tuple[bool, dt.datetime]] = {}
    for line in lines:
        if line.at is not None:
            rank = (line.certainty is Certainty.PLANNING, line.at)
            first[line.duty.addressee] = min(rank, first.get(line.duty.addressee, rank))
    return tuple(
        replace(line, strictest=(line.certainty is Certainty.PLANNING, line.at) == first.get(line.duty.addressee))
        for line in lines
    )

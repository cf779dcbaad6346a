"""The node's time. `now()` is business time and the only place that asks for it; `real()` is for signatures' windows,
sign-in and TLS, which no exercise may move.

A development node may read business time from a file that several nodes share: one line, an instant in RFC 3339 with
its zone. Time runs on from there, counted from when the file was written, so that an exercise can move months ahead.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from comity.canon import InputError, NaiveTime, format_instant, parse_instant
from comity.node.config import NodeConfig, current


class BadClock(InputError):
    what = "the business clock cannot be read"
    why = "{reason}"
    do = "write one instant with its zone into the clock file, as 2026-11-23T10:00:00Z; nothing runs without a clock"


def real() -> dt.datetime:
    """The machine's clock, in UTC."""
    return dt.datetime.now(dt.UTC)


def now() -> dt.datetime:
    """Business time, in UTC. Raises: BadClock."""
    return business_time(current(), real())


def business_time(config: NodeConfig, machine: dt.datetime) -> dt.datetime:
    """Business time when the machine's clock says `machine`. Raises: BadClock."""
    if config.clock_file is None:
        return machine
    try:
        text = config.clock_file.read_text(encoding="ascii").strip()
        written = dt.datetime.fromtimestamp(config.clock_file.stat().st_mtime, dt.UTC)
        return parse_instant(text) + max(machine - written, dt.timedelta(0))
    except OSError as error:
        raise BadClock(reason=f"{config.clock_file.name} cannot be read: {error.strerror}") from error
    except (NaiveTime, ValueError) as error:
        raise BadClock(reason=f"{config.clock_file.name} does not hold one instant with its zone") from error


def set_file(path: Path, instant: dt.datetime) -> None:
    """Move the shared clock of development nodes; whole or not at all."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(format_instant(instant) + "\n", encoding="ascii")
    beside.replace(path)

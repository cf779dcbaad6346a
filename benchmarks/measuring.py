"""Measuring: several contenders over the same input, in turn, in CPU seconds of this process."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One way to do the job. `run` does it once over the whole input and returns nothing that is looked at."""

    name: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job, its size, and who does it: ourselves, the limit (the least work there is), the usual alternative."""

    name: str
    unit: str  # what `size` counts
    size: int
    input: str  # what it is done on, in words
    ours: Contender
    limit: Contender
    peer: Contender | None
    skipped: str = ""  # why there is no peer
    does: str = ""  # what ours does that the others do not


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Units per CPU second: one for each repetition."""

    name: str
    each: tuple[float, ...] = field(repr=False)

    @property
    def median(self) -> float:
        return statistics.median(self.each)

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "median": round(self.median, 1),
            "min": round(min(self.each), 1),
            "max": round(max(self.each), 1),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A job with the rates of each contender. Ratios are medians of the ratios of neighbours in time."""

    job: Job
    ours: Rates
    limit: Rates
    peer: Rates | None

    @property
    def against_limit(self) -> float:
        return _ratio(self.ours, self.limit)

    @property
    def against_peer(self) -> float | None:
        return None if self.peer is None else _ratio(self.ours, self.peer)


def _ratio(one: Rates, other: Rates) -> float:
    return statistics.median(a / b for a, b in zip(one.each, other.each, strict=True))


def measure(job: Job, repetitions: int, tick: Callable[[str], None]) -> Measured:
    """Warm each contender up once, then run them in turn, so that a machine whose speed drifts treats them alike."""
    contenders = [c for c in (job.ours, job.limit, job.peer) if c is not None]
    rates: dict[str, list[float]] = {c.name: [] for c in contenders}
    for contender in contenders:
        tick(f"{job.name}: warming up {contender.name}")
        contender.run()
    for _ in range(repetitions):
        for contender in contenders:
            tick(f"{job.name}: {contender.name}")
            rates[contender.name].append(job.size / _seconds(contender.run))
    done = [Rates(name=c.name, each=tuple(rates[c.name])) for c in contenders]
    return Measured(job=job, ours=done[0], limit=done[1], peer=done[2] if job.peer else None)


def _seconds(run: Callable[[], object]) -> float:
    """CPU seconds (user and system) of one run. Short runs are repeated until they can be told from nothing."""
    gc.collect()
    times, began = 0, time.process_time()
    while True:
        run()
        times += 1
        spent = time.process_time() - began
        if spent >= 0.05:
            return spent / times

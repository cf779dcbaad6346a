"""The end of a call: one moment for all of it, whatever the other side dribbles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from comity.node.exchange.outgoing.errors import PartnerNotReached

Ticks: TypeAlias = Callable[[], float]  # seconds of a clock that nobody sets, as `time.monotonic`


class TooSlow(PartnerNotReached):
    what = "the call to {party} was given up"
    why = "it was not done within {seconds:g} s, or nothing came for too long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """In seconds. `total` ends the call even if every single step is quick."""

    connect: float = 5.0
    read: float = 20.0  # the longest silence
    write: float = 20.0
    total: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    party: str
    timeouts: Timeouts
    ticks: Ticks
    ends: float

    @classmethod
    def after(cls, timeouts: Timeouts, *, party: str, ticks: Ticks) -> Deadline:
        return cls(party=party, timeouts=timeouts, ticks=ticks, ends=ticks() + timeouts.total)

    def left(self, step: float | None = None) -> float:
        """Seconds that a step may take. Raises: TooSlow when none are left."""
        left = self.ends - self.ticks()
        if left <= 0:
            raise self.missed()
        return left if step is None else min(step, left)

    def missed(self) -> TooSlow:
        return TooSlow(party=self.party, seconds=self.timeouts.total)

"""Collisions: two duties that cannot both be met. No stricter one is picked; both laws are named to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.law.jurisdiction import Jurisdiction


@dataclass(frozen=True, slots=True, kw_only=True)
class Collision:
    """A log that must be kept, and an erasure that can be due on what is in it."""

    keep: str  # fact id
    erase: str  # fact id
    keep_law: str  # citation
    erase_law: str
    between: tuple[str, str]  # codes: whose law keeps, whose law erases
    who: str | None  # who must keep
    what: str
    period: str  # at least this long

    @property
    def sentence(self) -> str:
        keeper = (self.who or "whoever holds them").replace("_", " ")
        return (
            f"{self.between[0]} has {keeper} keep {self.what} for {self.period} ({self.keep_law}); "
            f"{self.between[1]} gives a right to erasure ({self.erase_law}): a person decides"
        )


def collisions(homes: Sequence[Jurisdiction]) -> Iterator[Collision]:
    """Every minimum of retention against every right to erasure that exists, may exist or is not known about.

    Also within one jurisdiction: whether its law exempts such logs from erasure is not in the law pack.
    """
    for keeper in homes:
        for log in keeper.facts.retention.logs:
            for eraser in homes:
                right = eraser.facts.rights.erasure
                if right.available == "no":
                    continue
                yield Collision(
                    keep=keeper.cite(log),
                    erase=eraser.cite_section("rights", "erasure"),
                    keep_law=log.citation,
                    erase_law=right.citation or eraser.facts.rights.citation,
                    between=(keeper.code, eraser.code),
                    who=log.who,
                    what=log.what,
                    period=log.period,
                )

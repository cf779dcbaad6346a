"""Hard gates between two parties: restrictions on what goes out or comes in, and localisation, as one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from comity.agreement.setting import Flow, Setting
from comity.canon import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Something that stays home: `categories` a detector can find, `unreached` are words that none finds."""

    fact: str
    citation: str
    data: tuple[str, ...]
    categories: frozenset[Category]
    unreached: tuple[str, ...]
    stands: bool  # False: adopted, not yet in force

    @property
    def total(self) -> bool:
        """Whether it reaches every kind of personal data."""
        return self.stands and self.categories >= frozenset(Category)


# A law that only asks to be told keeps nothing home.
_KEEPS = ("prohibit", "prior_approval", "condition")


def gates(setting: Setting, flow: Flow) -> Iterator[Gate]:
    """Every gate of either side for this direction. A condition that nobody can prove met counts as not met."""
    origin, destination = flow.origin.jurisdiction, flow.destination.jurisdiction
    if origin == destination:
        return
    for code, direction, other in ((origin, "out", destination), (destination, "in", origin)):
        for row in setting.law.restrictions(code, direction, other):
            if row.effect in _KEEPS:
                yield Gate(
                    fact=row.fact,
                    citation=row.citation,
                    data=row.data,
                    categories=row.categories,
                    unreached=row.unreached,
                    stands=row.stands,
                )
    home = setting.law.localisation(origin)
    if home.level != "none":
        yield Gate(
            fact=home.fact,
            citation=home.citation,
            data=home.data,
            categories=home.categories,
            unreached=home.unreached,
            stands=True,
        )

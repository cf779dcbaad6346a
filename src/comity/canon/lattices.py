"""The two lattices. Every merge of rules in the program is `join`: the stricter wins, and nothing loosens.

        treatment:           withhold                         outcome:   deny
                                |                                          |
                              redact                                     refer
                             /      \\                                      |
                      generalise  pseudonymise                           permit
                             \\      /
                               keep

INVARIANT: join is associative, commutative, idempotent and monotone (DESIGN section 6, promise 2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum


class Outcome(IntEnum):
    PERMIT = 0
    REFER = 1
    DENY = 2

    def join(self, other: Outcome) -> Outcome:
        return max(self, other)

    @property
    def word(self) -> str:
        return self.name.lower()


class Kind(StrEnum):
    KEEP = "keep"
    GENERALISE = "generalise"
    PSEUDONYMISE = "pseudonymise"
    REDACT = "redact"
    WITHHOLD = "withhold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """How much of a value is left after generalising; 0 leaves nothing of that sort of value.

    Joining takes the smaller of each: a generalisation that says nothing of a sort of value redacts it.
    """

    ipv4: int = 0  # leading bits, 0 to 32
    ipv6: int = 0  # leading bits, 0 to 128
    email: int = 0  # 1: the domain
    host: int = 0  # 1: the registrable domain
    phone: int = 0  # 1: the country calling code
    date: int = 0  # 1: the year
    place: int = 0  # 1: the country

    def join(self, other: Remains) -> Remains:
        return Remains(**{f.name: min(getattr(self, f.name), getattr(other, f.name)) for f in fields(Remains)})


NOTHING = Remains()


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to a detection. Only a generalisation carries `remains`."""

    kind: Kind
    remains: Remains = NOTHING

    def __post_init__(self) -> None:
        # One value has one spelling: a generalisation that leaves nothing is a redaction.
        if self.kind is Kind.GENERALISE and self.remains == NOTHING:
            object.__setattr__(self, "kind", Kind.REDACT)
        if self.kind is not Kind.GENERALISE and self.remains != NOTHING:
            raise ValueError("only a generalisation leaves part of a value")

    def join(self, other: Treatment) -> Treatment:
        """The least treatment at least as strict as both.

        Generalising leaves part of the value and no link, pseudonymising the link and no value; together
        they leave neither.
        """
        kinds = {self.kind, other.kind}
        if Kind.WITHHOLD in kinds:
            return WITHHOLD
        if Kind.REDACT in kinds or kinds == {Kind.GENERALISE, Kind.PSEUDONYMISE}:
            return REDACT
        if kinds == {Kind.GENERALISE}:
            return Treatment(Kind.GENERALISE, self.remains.join(other.remains))
        if Kind.KEEP in kinds and len(kinds) == 2:
            return other if self.kind is Kind.KEEP else self
        return self

    def at_least(self, other: Treatment) -> bool:
        """Whether this is as strict as `other`, or stricter."""
        return self.join(other) == self


KEEP = Treatment(Kind.KEEP)
PSEUDONYMISE = Treatment(Kind.PSEUDONYMISE)
REDACT = Treatment(Kind.REDACT)
WITHHOLD = Treatment(Kind.WITHHOLD)


def join_all(treatments: Iterable[Treatment]) -> Treatment:
    """The join of several treatments; KEEP for none, so callers decide first whether any rule matched."""
    result = KEEP
    for treatment in treatments:
        result = result.join(treatment)
    return result

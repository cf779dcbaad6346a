"""Protect and never clauses as rules: which question each speaks to, what it says, and the floor under it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from comity.agreement.agreement import Agreement
from comity.agreement.grammar.protection import Protect, treatment
from comity.agreement.grammar.sharing import Unless
from comity.agreement.grammar.words import categories, many
from comity.agreement.plan import Question
from comity.canon import REDACT, Category, Duration, Role, Treatment

EVERY_ROLE = frozenset(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What rules say to one question, and which clauses said it."""

    treatment: Treatment
    expires: Duration | None = None
    attribution_forbidden: bool = False
    clauses: tuple[str, ...] = ()

    def join(self, other: Cell) -> Cell:
        """The stricter of each: treatment, the earlier expiry, a ban on attribution."""
        spans = [span for span in (self.expires, other.expires) if span is not None]
        return Cell(
            treatment=self.treatment.join(other.treatment),
            expires=min(spans, default=None),
            attribution_forbidden=self.attribution_forbidden or other.attribution_forbidden,
            clauses=tuple(dict.fromkeys((*self.clauses, *other.clauses))),
        )

    def same_answer(self, other: Cell) -> bool:
        """Whether both say the same, whoever says it."""
        mine = (self.treatment, self.expires, self.attribution_forbidden)
        return mine == (other.treatment, other.expires, other.attribution_forbidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One clause, ready to be asked."""

    clause: str
    categories: frozenset[Category]
    roles: frozenset[Role]
    purposes: frozenset[str] | None  # None: all
    inside_only: bool  # only for subjects in the recipient's constituency
    except_purposes: frozenset[str] | None  # with `except_inside`: when both hold, the rule is silent
    except_inside: bool
    excepts: bool
    default: Cell
    floor: Cell
    never: bool = False
    unless: Unless | None = None

    def speaks(self, category: Category, role: Role, purpose: str, inside: bool) -> bool:
        if category not in self.categories or role not in self.roles:
            return False
        if (self.purposes is not None and purpose not in self.purposes) or (self.inside_only and not inside):
            return False
        return not (self.excepts and self._excepted(purpose, inside))

    def _excepted(self, purpose: str, inside: bool) -> bool:
        """Every condition that the exception names holds."""
        return (self.except_purposes is None or purpose in self.except_purposes) and (inside or not self.except_inside)


@lru_cache(maxsize=128)
def rules_of(text: Agreement) -> tuple[Rule, ...]:
    """The rules of one text: its protect clauses, then its prohibitions of data."""
    return (*_protections(text), *_prohibitions(text))


def cells(purposes: Iterable[str]) -> Iterator[Question]:
    """The whole question space."""
    for purpose in purposes:
        for category in Category:
            for role in Role:
                yield Question(category, role, purpose, False)
                yield Question(category, role, purpose, True)


def _protections(text: Agreement) -> Iterator[Rule]:
    for clause in text.text.protect or ():
        cited = f"{text.id}:{clause.id}"
        said = _cell(clause, cited)
        floor = clause.adaptable
        yield Rule(
            clause=cited,
            categories=categories(many(clause.data)),
            roles=frozenset(many(clause.role)) or EVERY_ROLE,
            purposes=frozenset(many(clause.for_)) or None,
            inside_only=clause.subject_in is not None,
            excepts=clause.unless is not None,
            except_purposes=(frozenset(many(clause.unless.for_)) or None) if clause.unless else None,
            except_inside=bool(clause.unless and clause.unless.subject_in),
            default=said,
            floor=Cell(
                treatment=treatment(floor.treatment),
                expires=Duration(floor.expires) if floor.expires else None,
                attribution_forbidden=said.attribution_forbidden,
                clauses=(cited,),
            )
            if floor
            else said,
        )


def _cell(clause: Protect, cited: str) -> Cell:
    return Cell(
        treatment=treatment(clause.treatment),
        expires=Duration(clause.expires) if clause.expires else None,
        attribution_forbidden=clause.attribution == "forbidden",
        clauses=(cited,),
    )


def _prohibitions(text: Agreement) -> Iterator[Rule]:
    """Data that never cross are redacted wherever they are found."""
    for clause in text.text.never or ():
        if clause.data is None:
            continue
        cited = f"{text.id}:{clause.id}"
        said = Cell(treatment=REDACT, clauses=(cited,))
        yield Rule(
            clause=cited,
            categories=categories(many(clause.data)),
            roles=EVERY_ROLE,
            purposes=None,
            inside_only=False,
            excepts=False,
            except_purposes=None,
            except_inside=False,
            default=said,
            floor=said,
            never=True,
            unless=clause.unless,
        )

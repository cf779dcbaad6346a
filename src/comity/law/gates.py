"""Hard gates: what a law keeps home whatever the parties agreed, and what it protects more than other data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from comity.canon import Category
from comity.law.jurisdiction import Jurisdiction
from comity.law.shapes import Confidence
from comity.law.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionFinding:
    """A gate that stands between these two jurisdictions."""

    fact: str
    effect: Literal["prohibit", "prior_approval", "condition", "notify"]
    standing: Literal["in_force", "assumed", "pending"]  # assumed: nobody knows, so it stands; pending: a warning
    data: tuple[str, ...]  # the law's words
    categories: frozenset[Category]  # what a detector can find of them
    unreached: tuple[str, ...]  # words that no detector finds: a person decides
    citation: str
    confidence: Confidence
    note: str | None

    @property
    def stands(self) -> bool:
        return self.standing != "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalisationFinding:
    """What must stay in the country. An unknown level counts as strict."""

    fact: str
    level: Literal["none", "conditional", "strict", "unknown"]
    data: tuple[str, ...]
    categories: frozenset[Category]
    unreached: tuple[str, ...]
    citation: str
    confidence: Confidence
    note: str | None

    @property
    def strict(self) -> bool:
        return self.level in ("strict", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialCategories:
    """The categories that a law protects more; `unreached` are words of the law that no detector finds."""

    categories: frozenset[Category]
    unreached: tuple[str, ...]
    facts: tuple[str, ...]
    citation: str
    confidence: Confidence


_STANDING: dict[str, Literal["in_force", "assumed", "pending"]] = {
    "in_force": "in_force",
    "unknown": "assumed",
    "pending": "pending",
}


def restrictions(home: Jurisdiction, direction: str, to: str, vocabulary: Vocabulary) -> tuple[RestrictionFinding, ...]:
    """The gates of `home` for material that goes `out` to, or comes `in` from, `to`. Lapsed ones are left out."""
    out = []
    for row in home.facts.restrictions:
        if row.status not in _STANDING or row.direction not in (direction, "both"):
            continue
        if not {"*", to} & set(row.to):
            continue
        fact = home.cite(row)
        categories, unreached = vocabulary.categories(row.data)
        out.append(
            RestrictionFinding(
                fact=fact,
                effect=row.effect,
                standing=_STANDING[row.status],
                data=row.data,
                categories=categories,
                unreached=unreached,
                citation=row.citation,
                confidence=home.confidence(fact),
                note=row.note,
            )
        )
    return tuple(out)


def localisation(home: Jurisdiction, vocabulary: Vocabulary) -> LocalisationFinding:
    row = home.facts.localisation
    fact = home.cite_section("localisation")
    categories, unreached = vocabulary.categories(row.data)
    return LocalisationFinding(
        fact=fact,
        level=row.level,
        data=row.data,
        categories=categories,
        unreached=unreached,
        citation=row.citation,
        confidence=home.confidence(fact),
        note=row.note,
    )


def special_categories(home: Jurisdiction, vocabulary: Vocabulary) -> SpecialCategories:
    """Crime data are special where the law says so, and where nobody knows."""
    row = home.facts.personal_data
    categories, unreached = vocabulary.categories(row.special_categories)
    facts = [home.cite_section("personal_data", "special_categories")]
    if row.criminal_data in ("special", "unknown"):
        categories |= {Category.OFFENCE}
        facts.append(home.cite_section("personal_data", "criminal_data"))
    return SpecialCategories(
        categories=categories,
        unreached=unreached,
        facts=tuple(facts),
        citation=row.citation,
        confidence=home.confidence(facts[0]),
    )

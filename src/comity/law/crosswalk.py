"""Each jurisdiction's own words beside the shared ones that they map to, a line for each word that a fact of it uses.

What no shared word reaches is shown as such: it then permits nothing, and as a word for data it reaches every category.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from comity.canon import Category
from comity.law.citations import Fact
from comity.law.jurisdiction import Jurisdiction
from comity.law.law import Law
from comity.law.shapes import RIGHTS

Family = Literal["regime", "legal_basis", "transfer_tool", "data", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWord:
    """What a jurisdiction's facts call something, and what the vocabulary calls it."""

    jurisdiction: str
    family: Family
    own: str  # as its law, or the pack's file of it, names it
    shared: tuple[str, ...]  # ids of concepts; `data.*`: a word not understood, which reaches them all; empty: none
    detail: str  # how far it is open there
    fact: Fact


def crosswalk(law: Law, codes: Iterable[str]) -> tuple[OwnWord, ...]:
    """In the order of the codes and families. Raises: UnknownJurisdiction."""
    return tuple(
        OwnWord(jurisdiction=code, family=family, own=own, shared=tuple(shared), detail=detail, fact=law.fact(fact))
        for code in codes
        for family, words in _FAMILIES.items()
        for own, shared, detail, fact in words(law, law[code])
        if law.has(fact)
    )


_Words = Iterator[tuple[str, Iterable[str], str, str]]  # own word, ids of the shared ones, detail, id of the fact


def _regimes(law: Law, home: Jurisdiction) -> _Words:
    """The general law on data protection is the first of its kind that a file lists."""
    statute = next((one for one in home.facts.statutes if one.kind == "data_protection"), None)
    if statute is not None:
        shared = [law.term(word, "regime").id for word in law.regimes(home.code)]
        yield statute.title, shared, f"in force: {statute.in_force}", home.cite(statute)


def _bases(law: Law, home: Jurisdiction) -> _Words:
    for basis in home.facts.legal_bases:
        shared = [concept.id for concept in law.vocabulary.concepts if basis.dpv in concept.terms]
        yield basis.citation, shared, f"{basis.actor}: {basis.availability}", home.cite(basis)


def _tools(law: Law, home: Jurisdiction) -> _Words:
    for tool in home.facts.transfers.mechanisms:
        shared = [concept.id for concept in law.vocabulary.concepts if tool.id in concept.mechanisms]
        yield tool.id, shared, f"{tool.actor}: {tool.availability}", home.cite(tool)


def _data(law: Law, home: Jurisdiction) -> _Words:
    special = home.cite_section("personal_data", "special_categories")
    used = [(word, "special category", special) for word in home.facts.personal_data.special_categories]
    local = home.cite_section("localisation")
    used += [(word, f"localised: {home.facts.localisation.level}", local) for word in home.facts.localisation.data]
    for gate in home.facts.restrictions:
        used += [(word, f"{gate.effect} {gate.direction}: {gate.status}", home.cite(gate)) for word in gate.data]
    for word, detail, fact in used:
        categories, _ = law.vocabulary.categories([word])
        shared = ["data.*"] if len(categories) == len(Category) else sorted(f"data.{one}" for one in categories)
        yield word, [one.replace("-", "_") for one in shared], detail, fact


def _rights(law: Law, home: Jurisdiction) -> _Words:
    for name in RIGHTS:
        right = "right.judicial" if name == "judicial_redress" else f"right.{name}"
        yield name, [right], getattr(home.facts.rights, name).available, home.cite_section("rights", name)


_FAMILIES: Mapping[Family, Callable[[Law, Jurisdiction], _Words]] = {
    "regime": _regimes,
    "legal_basis": _bases,
    "transfer_tool": _tools,
    "data": _data,
    "right": _rights,
}

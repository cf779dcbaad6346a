"""The shared words: each with its counterpart in a published standard, and what it reaches in the facts."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable

from comity.canon import FAMILIES, Category, InputError, printable
from comity.law.tables import ActorRow, Concept, VocabularyTable


class UnknownTerm(InputError):
    what = "`{word}` is no {family} of the law pack's vocabulary"
    why = "{hint}"
    do = "use a word of the vocabulary, or add it there with its standard counterpart"


class Vocabulary:
    """Concepts by family and word, and the crosswalks from words of the jurisdiction files."""

    def __init__(self, table: VocabularyTable) -> None:
        self.concepts = table.concept
        self._words: defaultdict[tuple[str, str], list[Concept]] = defaultdict(list)
        for concept in table.concept:
            for family in {concept.family, concept.prefix}:
                self._words[family, concept.spelled].append(concept)
        self._actors: dict[str, ActorRow] = {row.id: row for row in table.actor}
        self._crosswalk = {row.word: row.data for row in table.crosswalk}

    def words(self, family: str) -> tuple[str, ...]:
        """The words of a family (`purpose`) or of an id prefix (`tlp`), in the vocabulary's order."""
        return tuple(concept.spelled for concept in self.concepts if family in (concept.family, concept.prefix))

    def term(self, word: str, family: str) -> Concept:
        """Raises: UnknownTerm, with a near match; also where two concepts of a family share the word."""
        found = self._words.get((family, word), ())
        if len(found) == 1:
            return found[0]
        if found:
            hint = "it could be " + " or ".join(concept.id for concept in found)
        else:
            near = difflib.get_close_matches(word, self.words(family), 1, 0.5)
            hint = f"the nearest word is `{near[0]}`" if near else "no word is near it"
        raise UnknownTerm(word=printable(word), family=printable(family.replace("_", " ")), hint=hint)

    def find(self, word: str) -> tuple[Concept, ...]:
        """Every concept that an id, a word of agreements or a jurisdiction's own word means. Raises: UnknownTerm."""
        data = {f"data.{name}".replace("-", "_") for name in self._crosswalk.get(word, ())}
        found = tuple(
            concept
            for concept in self.concepts
            if word in (concept.id, concept.spelled, *concept.terms, *concept.mechanisms) or concept.id in data
        )
        if not found:
            every = {name: None for concept in self.concepts for name in (concept.spelled, concept.id)}
            near = difflib.get_close_matches(word, [*every, *self._crosswalk], 1, 0.5)
            hint = f"the nearest word is `{near[0]}`" if near else "no word is near it"
            raise UnknownTerm(word=printable(word), family="word", hint=hint)
        return found

    def fits(self, actor: str, form: str | None, capacity: str | None) -> bool:
        """Whether a party of this legal form and capacity is this `actor`. What is not stated does not fit."""
        row = self._actors[actor]
        return (row.forms is None or form in row.forms) and (row.capacities is None or capacity in row.capacities)

    def categories(self, words: Iterable[str]) -> tuple[frozenset[Category], tuple[str, ...]]:
        """The categories that data words of the jurisdiction files reach, and the words that reach none.

        A word the crosswalk does not have, `unknown` among them, reaches every category: nothing is let through
        because a law's word was not understood.
        """
        reached: set[Category] = set()
        unreached: list[str] = []
        for word in words:
            data = self._crosswalk.get(word, ("*",))
            for name in data:
                reached.update(_members(name))
            if not data:
                unreached.append(word)
        return frozenset(reached), tuple(unreached)


def _members(name: str) -> Iterable[Category]:
    if name == "*":
        return Category
    return FAMILIES[name] if name in FAMILIES else (Category(name),)

"""Labels and cues as lookups, made once from the packaged data."""

from __future__ import annotations

from functools import cache, lru_cache

from comity.canon import Category, Role
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.packaged import packaged


@cache
def label_table() -> dict[str, Category]:
    """Folded label -> what stands under it; the first category that lists a label has it."""
    table: dict[str, Category] = {}
    order = packaged("detectors/data/labels.toml")["category"]
    # The narrower meaning first: "account number" before "account", "name" last.
    for name in sorted(order, key=lambda name: name == Category.PERSON_NAME):
        for word in order[name]["words"]:
            table.setdefault(fold_label(word), Category(name))
    return table


@cache
def _label_roles() -> list[tuple[str, Role]]:
    roles = packaged("detectors/data/labels.toml")["role"]
    pairs = [(fold_label(word), Role(name)) for name, table in roles.items() for word in table["words"]]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


def fold_label(label: str) -> str:
    return _SEPARATORS.sub(" ", _CAMEL.sub(r"\1 \2", label)).strip().casefold()


_SEPARATORS = Linear(r"[\s_.\-:#/()'’|]+")
_CAMEL = Linear(r"([a-z])([A-Z])")


@lru_cache(maxsize=8192)
def category_of_label(label: str) -> Category | None:
    """What a label, header or property name says stands under it; None where it says nothing."""
    folded = fold_label(label)
    table = label_table()
    if folded in table:
        return table[folded]
    words = folded.split()
    # "victim account", "registrant street 2", "home phone number": the longest known tail or head decides.
    for size in range(len(words) - 1, 0, -1):
        tail = " ".join(words[-size:])
        if tail in table and len(tail) > 2:
            return table[tail]
    if len(words) > 1:
        head = " ".join(words[:-1])
        if words[-1].isdecimal() or words[-1] in {"no", "number", "nr", "value"}:
            return table.get(head)
    return None


@lru_cache(maxsize=8192)
def role_of_label(label: str) -> Role | None:
    """Whose data a label means by itself; the longest word of it that the data knows decides."""
    padded = f" {fold_label(label)} "
    for word, role in _label_roles():
        if f" {word} " in padded or (len(word) > 3 and not word.isascii() and word in padded):
            return role
    return None

"""Every place of a STIX object where personal data could stand, and how each is read.

The catalogue (catalogue.toml) is data. INVARIANT: a property that it does not name is searched as text, keys as well
as values; nothing is skipped because nobody thought of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.packaged import packaged

NONE = "none"
TEXT = "text"
WORD = "word"
_SHORTEST_NUMBER = 7  # digits of a number that could be a phone or an id; fewer identify nobody


class Field(NamedTuple):
    """A string (or number) of an object, and how to read it.

    `path` is its JSON Pointer. A dictionary key is named by its place among its siblings, as `/x_people/#0`, and so
    are keys that are no plain names on the way to a value: a path never holds what it points at.
    """

    path: str
    text: str
    reader: str
    category: Category | None  # what a typed value is
    label: str  # the property's own name
    number: bool = False  # the JSON value is a number, `text` its spelling


class Entry(NamedTuple):
    reader: str
    category: Category | None


@cache
def entry(stix_type: str, path: str) -> Entry | None:
    """The catalogue's entry for a property (`external_references.url`), or None where it has none."""
    tables = packaged("catalogue.toml")
    steps = path.split(".")
    for table in (tables.get(stix_type), tables["*"]):
        if not isinstance(table, dict):
            continue
        if path in table:
            return _entry(table[path])
        # The nearest ancestor written as `a.*` speaks for all beneath it.
        for depth in range(len(steps) - 1, 0, -1):
            above = ".".join(steps[:depth]) + ".*"
            if above in table:
                return _entry(table[above])
    return None


def _entry(word: str) -> Entry:
    reader, _, category = word.partition(":")
    return Entry(reader, Category(category) if category else None)


def fields(content: Mapping[str, Any], *, target_type: str = "") -> Iterator[Field]:
    """Every field of a STIX object that has to be searched, in document order.

    Args:    target_type: for a language-content, the type of the object it translates.
    """
    stix_type = str(content.get("type", ""))
    for place, (name, value) in enumerate(content.items()):
        if _silent(stix_type, name, _holds_more(value)):
            continue
        found = entry(stix_type, name)
        if found is not None and isinstance(value, str):
            if value and not (found.reader == WORD and _ordinary(value)):
                yield Field(f"/{name}", value, found.reader, found.category, name)
        else:
            yield from _member(stix_type, name, value, "", "", place, None, target_type)


def prose(content: Mapping[str, Any]) -> frozenset[str]:
    """Names of the top-level properties that hold free text, anywhere below them; a name nobody knows holds it too."""
    names = tuple(content)
    found = set()
    for field in fields(content):
        if field.reader == TEXT:
            first = field.path.split("/", 2)[1]
            found.add(names[int(first[1:])] if first.startswith("#") else first)
    return frozenset(found)


def _holds_more(value: Any) -> bool:
    """Whether there are names or values beneath that the property's own entry does not speak for."""
    if isinstance(value, list):
        return not all(isinstance(item, str) for item in value)
    return isinstance(value, Mapping)


@cache
def _silent(stix_type: str, dotted: str, holds_more: bool) -> bool:
    """Whether a property holds nothing to search: it is `none`, and what is beneath it (if anything) is too.

    A list of plain words is as silent as its property: only `a.*` speaks for objects beneath.
    """
    found = entry(stix_type, dotted)
    if found is None or found.reader != NONE:
        return False
    return not holds_more or _speaks_for_all(stix_type, dotted)


def _member(
    stix_type: str,
    name: str,
    value: Any,
    above: str,
    pointer: str,
    place: int,
    inherited: Entry | None,
    target_type: str = "",
) -> Iterator[Field]:
    dotted = f"{above}.{name}" if above else name
    found = entry(stix_type, dotted)
    if _silent(stix_type, dotted, _holds_more(value)):
        return
    here = f"{pointer}/{name}"
    if found is None and not _plain(name):
        here = f"{pointer}/#{place}"
        yield Field(here, name, TEXT, None, "")
    if found is not None and found.reader == "translation":
        yield from _translations(value, here, target_type)
        return
    yield from _value(stix_type, name, value, dotted, here, found or inherited or _UNKNOWN)


def _value(stix_type: str, name: str, value: Any, dotted: str, here: str, how: Entry) -> Iterator[Field]:
    if isinstance(value, str):
        if value and how.reader != NONE and not (how.reader == WORD and _ordinary(value)):
            yield Field(here, value, how.reader, how.category, name)
    elif isinstance(value, Mapping):
        published = "url" in value or _YEAR.search(str(value.get("description", ""))) is not None
        for place, (key, item) in enumerate(value.items()):
            for field in _member(stix_type, key, item, dotted, here, place, how):
                yield field._replace(reader="title" if published else TEXT) if field.reader == "citation" else field
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _value(stix_type, name, item, dotted, f"{here}/{index}", how)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and how.reader != NONE:
        spelled = str(value)
        if how.category is not None or sum(map(str.isdigit, spelled)) >= _SHORTEST_NUMBER:
            yield Field(here, spelled, how.reader, how.category, name, number=True)


def _translations(contents: Any, here: str, target_type: str) -> Iterator[Field]:
    """`contents` is {language: {property: translation}}; each is read as the target's property."""
    if not isinstance(contents, Mapping):
        yield from _value("", "contents", contents, "contents", here, _UNKNOWN)
        return
    for place, (language, texts) in enumerate(contents.items()):
        below = f"{here}/{language}" if _plain(language) else f"{here}/#{place}"
        if not _plain(language):
            yield Field(below, language, TEXT, None, "")
        if not isinstance(texts, Mapping):
            yield from _value("", language, texts, language, below, _UNKNOWN)
            continue
        for index, (name, value) in enumerate(texts.items()):
            yield from _member(target_type, name, value, "", below, index, None)


def _speaks_for_all(stix_type: str, dotted: str) -> bool:
    return entry(stix_type, f"{dotted}.anything") == Entry(NONE, None)


def _ordinary(word: str) -> bool:
    """Whether a string of an open vocabulary is spelled as one: `remote-access-trojan`, `2.1`, `LIKELY`.

    INVARIANT: whatever could be an address, a number of somebody's or a name is not, and is searched.
    """
    if word in _seen_ordinary:
        return True
    ordinary = _SPELLED.fullmatch(word) is not None
    if ordinary and len(_seen_ordinary) < _MOST_PLAIN:
        _seen_ordinary.add(word)
    return ordinary


def _plain(name: str) -> bool:
    """Whether a key is a name such as a specification would choose, and not somebody's data.

    INVARIANT: a key that could be personal data is searched and never written into a path.
    """
    if name in _seen_plain:
        return True
    plain = _NAME.fullmatch(name) is not None
    if plain and len(_seen_plain) < _MOST_PLAIN:
        _seen_plain.add(name)
    return plain


_seen_ordinary: set[str] = set()
_SPELLED = Linear(r"[a-z][a-z]{0,23}(?:-[a-z]{1,24}){0,5}|v?[0-9]{1,5}(?:\.[0-9]{1,5}){0,2}|[A-Z]{1,3}")
_seen_plain: set[str] = set()  # names that were asked about before: a few dozen make up nearly every object
_MOST_PLAIN = 1000
_NAME = Linear(r"[A-Za-z][A-Za-z_-]{0,60}[0-9]{0,3}|extension-definition--[0-9a-f-]{36}")
_YEAR = Linear(r"\b(?:19|20)[0-9]{2}\b")
_UNKNOWN = Entry(TEXT, None)

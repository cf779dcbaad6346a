"""An object as it came, as it leaves without a yes, and as it would leave with one: property by property. Pure.

Everything here is text of whoever sent it. It is only ever shown as text: no markup is made of it, nothing of it is
followed or decoded (attack A23), and what cannot be seen is written out (attack A25).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from comity.canon import Json
from comity.material import TLP_DEFINITIONS, required_properties
from comity.node.desk.differences import Comparing, words

SAME, CHANGED, REMOVED, ADDED = "same", "changed", "removed", "added"
GONE, PUT, OPENED = "gone", "put", "opened"
PAPER = ("type", "spec_version", "id", "created", "modified", "created_by_ref")  # what an object is filed under
# Without these an object is none, so nobody can strip them; `border.actions.strip` refuses these and no others.
_FIXED = frozenset((*PAPER[:5], "granular_markings", "object_marking_refs", "extensions"))
_ABSENT: Any = object()


class Piece(NamedTuple):
    """Some words, and what became of them."""

    text: str
    mark: str  # "": stands in both; GONE: not in what would leave; PUT: not as submitted; OPENED: by the yes alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One property. `no` and `yes`: what leaves without and with a yes; () where nothing of it does."""

    path: str  # JSON Pointer into the object as submitted; "" of what is only in a copy
    name: str
    state: str  # of `yes` beside `before`
    before: tuple[Piece, ...]  # nothing in it is marked where nothing of the object leaves
    no: tuple[Piece, ...]
    yes: tuple[Piece, ...]
    paper: bool
    strippable: bool

    @property
    def opened(self) -> bool:
        """Whether the yes lets something of it go that does not go without."""
        return any(piece.mark == OPENED for piece in self.yes)


def compare(before: Mapping[str, Json], no: Mapping[str, Json] | None, yes: Mapping[str, Json] | None) -> list[Row]:
    """What a yes opens, what changes, what stays as it is, what it is filed under; else in the order of the object."""
    stix_type = str(before.get("type", ""))
    comparing = Comparing()
    found = _walk((), before, _ABSENT if no is None else no, _ABSENT if yes is None else yes, comparing)
    how = {"goes_already": no is not None, "some_goes": yes is not None}
    rows = [_row(path, leaves, stix_type, comparing, **how) for path, leaves in found]
    return sorted(rows, key=lambda row: (row.paper, not row.opened, row.state == SAME))


def visible(text: str) -> str:
    """The text with every character that cannot be seen, or that turns the direction of others, written out."""
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return char
    return f"\\u{ord(char):04x}"


# -- walking three objects at once

_Three = tuple[Any, Any, Any]
_Step = str | int | None  # None: of what is only in a copy


def _walk(path: tuple[_Step, ...], before: Any, no: Any, yes: Any, comparing: Comparing) -> Iterator[Any]:
    there = [one for one in (before, no, yes) if one is not _ABSENT]
    if all(isinstance(one, Mapping) for one in there) and (any(there) or not path):
        for key in dict.fromkeys(key for one in there for key in one):
            yield from _walk((*path, key), _child(before, key), _child(no, key), _child(yes, key), comparing)
    elif all(isinstance(one, Sequence) and not isinstance(one, str) for one in there) and any(map(_nested, there)):
        for index, (old, without, granted) in enumerate(_lined_up(before, no, yes, comparing)):
            yield from _walk((*path, index if old is not _ABSENT else None), old, without, granted, comparing)
    else:
        yield path, (before, no, yes)


def _child(value: Any, key: str) -> Any:
    return value.get(key, _ABSENT) if isinstance(value, Mapping) else _ABSENT


def _nested(values: Sequence[Any]) -> bool:
    return any(isinstance(value, (Mapping, list, tuple)) for value in values)


def _lined_up(before: Any, no: Any, yes: Any, comparing: Comparing) -> list[_Three]:
    """Members that belong together: by place where nothing was left out, else by what they say."""
    old = [] if before is _ABSENT else list(before)
    columns = [_partners(old, [] if one is _ABSENT else list(one), comparing) for one in (no, yes)]
    rows: list[_Three] = [(value, columns[0][0][i], columns[1][0][i]) for i, value in enumerate(old)]
    rows += [(_ABSENT, value, _ABSENT) for value in columns[0][1]]
    rows += [(_ABSENT, _ABSENT, value) for value in columns[1][1]]
    return rows


def _partners(old: list[Any], new: list[Any], comparing: Comparing) -> tuple[list[Any], list[Any]]:
    """For each of `old` its partner or _ABSENT; and those of `new` that have none."""
    if len(old) == len(new):
        return new, []
    kept = comparing.kept([_text(one) for one in old], [_text(one) for one in new])
    same = iter([value for value, stands in zip(new, kept[1], strict=True) if stands])
    others = iter([value for value, stands in zip(new, kept[1], strict=True) if not stands])
    return [next(same) if stands else next(others, _ABSENT) for stands in kept[0]], list(others)


# -- one property


def _row(
    path: tuple[_Step, ...],
    leaves: _Three,
    stix_type: str,
    comparing: Comparing,
    *,
    goes_already: bool,
    some_goes: bool,
) -> Row:
    before, no, yes = ([] if leaf is _ABSENT else _parts(leaf) for leaf in leaves)
    in_no, in_yes = comparing.kept(before, no), comparing.kept(before, yes)
    opened = bytearray(not kept for kept in comparing.kept(no, yes)[1]) if goes_already else bytearray(len(yes))
    paper = path[0] in PAPER
    return Row(
        path="" if None in path else "".join(f"/{_escaped(step)}" for step in path),
        name=visible(" / ".join("new" if step is None else str(step) for step in path)),
        state=_state(leaves[0], leaves[2], before == yes),
        before=_pieces(before, [GONE if not kept and some_goes else "" for kept in in_yes[0]]),
        no=_pieces(no, [PUT if not kept else "" for kept in in_no[1]]),
        yes=_pieces(
            yes,
            [PUT if not kept else OPENED if open_ else "" for kept, open_ in zip(in_yes[1], opened, strict=True)],
        ),
        paper=paper,
        strippable=leaves[0] is not _ABSENT and _strippable(path, stix_type),
    )


def _state(before: Any, yes: Any, same: bool) -> str:
    if before is _ABSENT:
        return ADDED if yes is not _ABSENT else SAME
    if yes is _ABSENT:
        return REMOVED
    return SAME if same else CHANGED


def _strippable(path: tuple[_Step, ...], stix_type: str) -> bool:
    if path[0] in _FIXED or None in path or any("/" in str(step) or "~" in str(step) for step in path):
        return False
    return len(path) > 1 or path[0] not in required_properties(stix_type)


def _escaped(step: _Step) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")  # RFC 6901 section 3


def _parts(leaf: Any) -> list[str]:
    """What is compared: the words of a text, the members of a list."""
    if isinstance(leaf, str):
        return words(_named(leaf))
    if isinstance(leaf, Sequence) and leaf:
        return [f"{_named(one) if isinstance(one, str) else _text(one)}\n" for one in leaf]
    return [_text(leaf)]


def _named(text: str) -> str:
    """A published marking is shown by its name."""
    marking = TLP_DEFINITIONS.get(text)
    return f"{marking['name']} ({text})" if marking is not None and "name" in marking else text


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=dict)


def _pieces(parts: Sequence[str], marks: Sequence[str]) -> tuple[Piece, ...]:
    """Neighbours with the same mark in one; what is between two marked words is marked with them."""
    marks = list(marks)
    for i in range(1, len(parts) - 1):
        if parts[i].isspace() and marks[i - 1] == marks[i + 1]:
            marks[i] = marks[i - 1]
    runs = groupby(zip(parts, marks, strict=True), key=lambda pair: pair[1])
    return tuple(Piece(visible("".join(text for text, _ in run)), mark) for mark, run in runs)

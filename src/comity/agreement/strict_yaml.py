"""Strict YAML 1.2: one document of plain maps, lists and scalars, with the place of every one of them.

What two readers could take differently is refused: anchors, aliases, tags, merge keys, directives, keys given twice,
tabs, several documents, and numbers that YAML 1.1 reads otherwise. `NO`, `yes` and dates are text. The depth is
counted while events stream in, so no nesting makes anything recurse.

Source: YAML 1.2.2 sections 6 to 9 and 10.3 (core schema).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Never

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from comity.canon import InputError, Json, printable

MAX_BYTES = 256 * 1024  # an agreement is a text that people sign; no real one comes near
MAX_LINE = 4096  # characters; ruamel's scanner takes quadratic time over some long lines
MAX_DEPTH = 24  # the grammar's deepest term lies at 7
MAX_VALUES = 10_000  # the worked baseline has about 600

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"-?(0|[1-9]\d{0,15})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,15})\.\d{1,15}")
_EMPTY = ("", "~", "null", "Null", "NULL")  # nothing in an agreement may be said by leaving it empty
_AMBIGUOUS = re.compile(r"[-+.]?\d[\d_,.]*([eE][-+]?\d+)?|0[xob][0-9a-fA-F_]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONG = re.compile(rf"^.{{{MAX_LINE + 1}}}", re.MULTILINE)
# C0 and C1 controls, bidirectional overrides, line and paragraph separators, byte order marks: none has a use in a
# text that people read before they sign it.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


class Place(NamedTuple):
    """Line and column, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


class BadYaml(InputError):
    what = "this is not YAML that every reader understands alike"
    why = "{reason}"
    do = "{remedy}"


@dataclass(frozen=True, slots=True)
class Document:
    """What a text says, and where: `keys` for the names in maps, `values` for everything."""

    data: Json
    values: dict[Path, Place]
    keys: dict[Path, Place]


@dataclass(slots=True)
class _Open:
    """A map or list that is still being read."""

    path: Path
    items: dict[str, Json] | list[Json]
    key: str | None = None
    waiting: bool = field(default=False)  # a map's key was read, its value was not

    def next_path(self) -> Path:
        if isinstance(self.items, list):
            return (*self.path, len(self.items))
        return (*self.path, str(self.key))

    def put(self, value: Json) -> None:
        if isinstance(self.items, list):
            self.items.append(value)
        else:
            self.items[str(self.key)] = value
            self.waiting = False


def read(text: bytes, name: str) -> Document:
    """Read one document.

    Args:    text: the bytes of the file; name: what to call it in messages.
    Raises:  BadYaml, always with `name:line:column`.
    """
    source = _decode(text, name)
    document = Document(None, {}, {})
    top: list[Json] = []
    stack: list[_Open] = []
    for event in _events(source, name):
        place = _place(event)
        if isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent | AliasEvent):
            _refuse_indirection(event, name, place)
            if isinstance(event, ScalarEvent) and stack and isinstance(stack[-1].items, dict) and not stack[-1].waiting:
                _open_key(stack[-1], event, document, name, place)
                continue
            if stack and isinstance(stack[-1].items, dict) and not stack[-1].waiting:
                _refuse(name, place, "a map's key is a list or a map", "use a word as the key")
            path = stack[-1].next_path() if stack else ()
            if isinstance(event, ScalarEvent) and not event.value:
                place = document.keys.get(path, place)  # nothing stands nowhere: its key says where
            document.values[path] = place
            if len(document.values) > MAX_VALUES:
                _refuse(name, place, f"it holds more than {MAX_VALUES} values", "split the agreement")
            if isinstance(event, ScalarEvent):
                _close(stack, top, _scalar(event, name, place))
            else:
                if len(stack) >= MAX_DEPTH:
                    _refuse(name, place, f"it is nested deeper than {MAX_DEPTH} levels", "flatten it")
                stack.append(_Open(path, {} if isinstance(event, MappingStartEvent) else []))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            done = stack.pop()
            _close(stack, top, done.items)
        elif isinstance(event, DocumentStartEvent):
            _check_document(event, top, name, place)
    if not top:
        _refuse(name, Place(1, 1), "the document is empty", "start with `comity: 1`")
    return Document(top[0], document.values, document.keys)


def _decode(text: bytes, name: str) -> str:
    if len(text) > MAX_BYTES:
        _refuse(name, Place(1, 1), f"it holds {len(text)} bytes, more than the {MAX_BYTES} that are read", "shorten it")
    try:
        source = text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        place = Place(before.count(b"\n") + 1, column)
        _refuse(name, place, "a byte here is not UTF-8", "save the file as UTF-8")
    source = source.replace("\r\n", "\n")
    if "\t" in source:
        _refuse(name, _locate(source, source.index("\t")), "there is a tab", "indent and separate with spaces")
    if source.count("[") + source.count("{") > MAX_VALUES or source.count(",") + source.count(":") > 2 * MAX_VALUES:
        # Known before the reader starts: it looks ahead, and its time would grow faster than the text.
        _refuse(name, Place(1, 1), f"it holds more than {MAX_VALUES} values", "split the agreement")
    if match := _LONG.search(source):
        _refuse(name, _locate(source, match.start()), f"this line is longer than {MAX_LINE} characters", "break it")
    if match := _UNSEEN.search(source):
        code = f"U+{ord(match.group()):04X}"
        _refuse(name, _locate(source, match.start()), f"the invisible character {code} stands here", "delete it")
    return source


def _locate(source: str, offset: int) -> Place:
    return Place(source.count("\n", 0, offset) + 1, offset - (source.rfind("\n", 0, offset) + 1) + 1)


def _events(source: str, name: str) -> Iterator[Event]:
    reader = YAML(typ="safe", pure=True)
    try:
        yield from reader.parse(source)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        reason = printable(error.problem or error.context or "it cannot be read").strip("'\"")
        _refuse(name, place, reason, "mend the YAML at this place; an editor with YAML support shows it")
    except (YAMLError, ValueError) as error:
        _refuse(name, Place(1, 1), printable(str(error)).strip("'\""), "mend the YAML")


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1)


def _refuse_indirection(event: Any, name: str, place: Place) -> None:
    if isinstance(event, AliasEvent):
        _refuse(name, place, "an alias (*) stands here", "write the text out where it applies")
    if event.anchor is not None:
        _refuse(name, place, "an anchor (&) stands here", "write the text out where it applies")
    if event.ctag is not None:
        _refuse(name, place, "a tag (!) stands here", "write the bare value; the grammar knows its type")


def _open_key(parent: _Open, event: Any, document: Document, name: str, place: Place) -> None:
    key = event.value
    if key == "<<":
        _refuse(name, place, "a merge key (<<) stands here", "write the text out where it applies")
    if key in parent.items:
        first = document.keys[(*parent.path, key)]
        reason = f"the key {printable(key)} is given twice (first at line {first.line})"
        _refuse(name, place, reason, "keep one of them")
    parent.key = key
    parent.waiting = True
    document.keys[(*parent.path, key)] = place


def _close(stack: list[_Open], top: list[Json], value: Json) -> None:
    if stack:
        stack[-1].put(value)
    else:
        top.append(value)


def _scalar(event: Any, name: str, place: Place) -> Json:
    """The YAML 1.2 core schema, less what YAML 1.1 reads otherwise."""
    text: str = event.value
    if event.style is not None:
        if match := _UNSEEN.search(text):
            code = f"U+{ord(match.group()):04X}"
            _refuse(name, place, f"this text holds the invisible character {code}", "delete it")
        return text
    if text in _EMPTY:
        _refuse(name, place, "nothing stands here", "say it, or leave the term out")
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _AMBIGUOUS.fullmatch(text):
        reason = f"{printable(text)} is a number to some readers of YAML and another, or text, to others"
        _refuse(name, place, reason, "write a plain decimal number, or put quotes around text")
    return text


def _check_document(event: Any, top: list[Json], name: str, place: Place) -> None:
    if top:
        _refuse(name, place, "a second document starts here", "keep one agreement a file")
    if event.tags or (event.version is not None and tuple(event.version) != (1, 2)):
        _refuse(name, place, "a directive (%) other than %YAML 1.2 stands before this", "delete it")


def _refuse(name: str, place: Place, reason: str, remedy: str) -> Never:
    raise BadYaml(at=f"{name}:{place}", reason=reason, remedy=remedy)

"""Rows of a CSV file, with what its first row says about the columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from comity.canon import InputError
from comity.material.limits import Limits
from comity.material.tables.values import pattern_of, type_reader

_VALUE = frozenset({"value", "indicator", "ioc", "iocvalue", "indicatorvalue", "observable", "artifact"})
_TYPE = frozenset({"type", "entitytype", "indicatortype", "ioctype", "category"})
_MARKING = frozenset({"tlp", "marking", "classification"})
_EXPIRY = frozenset({"validuntil", "expires", "expiry", "expiration", "expirationdate"})
_TEXT = frozenset({"description", "notes", "note", "comment", "comments", "name", "details", "context"})


class UnreadableTable(InputError):
    what = "this table cannot be read"
    why = "{reason}"
    do = "save it as CSV in UTF-8, one indicator a row, with a first row such as value,type,description"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell that may be an indicator, and what its row says about it."""

    row: int  # counted from 1, the first row of the file included
    column: int  # counted from 1
    value: str
    type_word: str
    text: str  # what else the row says, for people
    tlp: str
    expires: str


def text_of(data: bytes, limits: Limits, at: str | None) -> str:
    """The file's text; a byte order mark, which spreadsheets write, is taken off. Raises: UnreadableTable."""
    if len(data) > limits.max_bytes:
        raise UnreadableTable(at=at, reason=f"it holds {len(data)} bytes, more than {limits.max_bytes}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableTable(at=at, reason=f"byte {error.start} is not UTF-8") from None
    if "\x00" in text:
        raise UnreadableTable(at=at, reason="it holds the character U+0000")
    return text


def cells(text: str, limits: Limits, at: str | None) -> Iterator[Cell]:
    """Every cell that may be an indicator; of a row with none, its first cell, so that the row can be named."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise UnreadableTable(at=at, reason=f"the reader stopped ({error})") from None
    if len(rows) > limits.max_objects:
        raise UnreadableTable(at=at, reason=f"it has {len(rows)} rows, more than {limits.max_objects}")
    headed = bool(rows) and is_head(rows[0])
    head = [_plain(cell) for cell in rows[0]] if headed else []
    for number, row in enumerate(rows[headed:], start=1 + headed):
        if any(cell.strip() for cell in row):
            yield from _of_row(number, row, rows[0] if headed else [], head)


def is_csv(data: bytes) -> bool:
    """Whether a text is a table rather than a list: by a first row of names, or by values that stand beside others.

    A line that is an indicator as a whole, such as a URL with commas in it, is a line of a list.
    """
    lines = [line for line in data[:65536].decode("utf-8-sig", "replace").splitlines() if line.strip()][:20]
    if not lines or "," not in lines[0] or pattern_of(lines[0]):
        return False
    first = next(csv.reader(lines[:1]), [])
    return is_head(first) or any(pattern_of(cell) for cell in first)


def is_head(first: list[str]) -> bool:
    """Whether a first row names columns rather than holding an indicator."""
    known = _VALUE | _TYPE | _TEXT | _MARKING | _EXPIRY
    named = [cell for cell in first if _plain(cell) in known or type_reader(cell) is not None]
    return bool(named) and not any(pattern_of(cell) for cell in first)


def _of_row(number: int, row: list[str], names: list[str], head: list[str]) -> Iterator[Cell]:
    def told(words: frozenset[str]) -> str:
        return next((cell.strip() for word, cell in zip(head, row, strict=False) if word in words), "")

    value_at = next((index for index, word in enumerate(head) if word in _VALUE), None)
    if value_at is not None:
        columns = {value_at: told(_TYPE)}
    elif head:
        columns = {at: names[at] for at in range(min(len(head), len(row))) if _types(names[at]) and row[at].strip()}
    else:
        columns = {at: _word_beside(row, at) for at, cell in enumerate(row) if pattern_of(cell)}
    for column, word in columns.items() or ((0, ""),):
        rest = [
            f"{names[at].strip()}: {cell.strip()}"
            if at < len(names) and _plain(names[at]) not in _TEXT
            else cell.strip()
            for at, cell in enumerate(row)
            if at not in columns and cell.strip() and (at >= len(head) or head[at] not in _TYPE | _MARKING | _EXPIRY)
        ]
        yield Cell(
            row=number,
            column=column + 1,
            value=row[column] if column < len(row) else "",
            type_word=word,
            text="; ".join(rest) if columns else "",
            tlp=told(_MARKING),
            expires=told(_EXPIRY),
        )


def _told(name: str, cell: str) -> str:
    """What a cell tells people: with its column's name, unless that only says that it is a text."""
    return cell.strip() if not name.strip() or _plain(name) in _TEXT else f"{name.strip()}: {cell.strip()}"


def _types(name: str) -> bool:
    """Whether a column of this name holds indicators of one type."""
    return _plain(name) not in _TEXT | _MARKING | _EXPIRY and type_reader(name) is not None


def _word_beside(row: list[str], at: int) -> str:
    """Without a head, the cell that names a type, such as `ipaddress`."""
    return next((cell for index, cell in enumerate(row) if index != at and len(cell) < 20 and type_reader(cell)), "")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

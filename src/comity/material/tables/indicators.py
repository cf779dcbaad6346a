"""Tables and lists to STIX: each readable value an indicator, everything else a named loss."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from comity.canon import InputError, NaiveTime, Tlp, digest, format_instant, parse_instant
from comity.material.converted import Converted
from comity.material.limits import LIMITS, Limits
from comity.material.losses import Loss
from comity.material.markings import TLP2_IDS, TLP_DEFINITIONS, level_of
from comity.material.minting import mint
from comity.material.tables.rows import Cell, UnreadableTable, cells, text_of
from comity.material.tables.values import is_certain, pattern_of
from comity.material.writing import write_bundle

_COMMENT = re.compile(r"\s*(?:#|;|//)")
_BULLET = re.compile(r"^\s*[-*\u2022]\s+")
_BY_LEVEL = {level: marking_id for marking_id, level in TLP2_IDS.items()}


class NothingReadable(InputError):
    what = "this file holds no indicator that can be read"
    why = "{reason}"
    do = "give one indicator a line, or a CSV file with a first row such as value,type,description"


def from_csv(
    data: bytes, *, now: dt.datetime, created_by: str | None = None, limits: Limits = LIMITS, at: str | None = None
) -> Converted:
    """Indicators from a CSV file, with or without a first row of names.

    Ids come from the document's digest and the row, so the same file gives the same ids and no value is in them.
    Args:    now: when the indicators are made, and from when they are valid.
             created_by: identifier of the identity to name as creator.
    Raises:  UnreadableTable, NothingReadable.
    """
    found = cells(text_of(data, limits, at), limits, at)
    return _converted(data, found, now=now, created_by=created_by, at=at)


def from_list(
    data: bytes, *, now: dt.datetime, created_by: str | None = None, limits: Limits = LIMITS, at: str | None = None
) -> Converted:
    """Indicators from a text file with one a line. `#` begins a comment, as do `;` and `//` at a line's start.

    Args and raises as `from_csv`.
    """
    lines = text_of(data, limits, at).splitlines()
    if len(lines) > limits.max_objects:
        raise UnreadableTable(at=at, reason=f"it has {len(lines)} lines, more than {limits.max_objects}")
    return _converted(data, _of_lines(lines), now=now, created_by=created_by, at=at)


def _of_lines(lines: list[str]) -> Iterator[Cell]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            value, _, comment = line.partition(" #")
            first, _, rest = _BULLET.sub("", value).partition(" ")
            # A hash or a defanged value with words after it is an indicator; a domain so might begin a sentence.
            if rest.strip() and is_certain(first):
                value, comment = first, f"{rest.strip()} {comment}"
            yield Cell(row=number, column=1, value=value, type_word="", text=comment.strip(), tlp="", expires="")


def _converted(
    data: bytes, found: Iterator[Cell], *, now: dt.datetime, created_by: str | None, at: str | None
) -> Converted:
    document = digest(data)
    made: list[dict[str, Any]] = []
    losses: list[Loss] = []
    for cell in found:
        result = _indicator(cell, document, now)
        if isinstance(result, str):
            place = f"row {cell.row}" if cell.column == 1 else f"row {cell.row}, column {cell.column}"
            losses.append(Loss(id=place, what="comment" if result == _IS_COMMENT else "row", why=result))
        else:
            made.append({**result, "created_by_ref": created_by} if created_by else result)
    if not made:
        raise NothingReadable(at=at, reason=f"none of its {len(losses)} lines is an indicator of a kind that is known")
    used = sorted({ref for content in made for ref in content.get("object_marking_refs", ())})
    objects = [*(TLP_DEFINITIONS[ref] for ref in used), *made]
    return Converted(bundle=b"".join(write_bundle(objects, f"bundle--{mint(document)}")), losses=tuple(losses))


_IS_COMMENT = "a comment is not an indicator"


def _indicator(cell: Cell, document: str, now: dt.datetime) -> dict[str, Any] | str:
    """The indicator a cell makes, or why it makes none."""
    pattern = pattern_of(cell.value, cell.type_word)
    if pattern is None:
        if _COMMENT.match(cell.value):
            return _IS_COMMENT
        return "its value is of no kind that is known, or not of the kind that its row says"
    made = format_instant(now)
    content: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{mint(document, f'row {cell.row} column {cell.column}')}",
        "created": made,
        "modified": made,
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": made,
    }
    if cell.text:
        content["description"] = cell.text
    if cell.tlp:
        level = level_of(re.sub(r"(?i)^tlp[:= ]", "", cell.tlp))
        if level is Tlp.UNKNOWN:
            return "its marking is no TLP label, and an indicator without it would travel too far"
        content["object_marking_refs"] = [_BY_LEVEL[level]]
    if cell.expires:
        until = _moment(cell.expires)
        if until is None or until <= now:
            return "its expiry is past or cannot be read, and an indicator without it would live too long"
        content["valid_until"] = format_instant(until)
    return content


def _moment(text: str) -> dt.datetime | None:
    try:
        return parse_instant(text if "T" in text else f"{text}T00:00:00Z")
    except NaiveTime:
        return None

"""Every cell of a table (CSV, TSV), read as its column's header says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import lru_cache

from comity.canon import Category, Role
from comity.privacy.catalogue import Field
from comity.privacy.catalogue_misp import Placed, attribute_fields
from comity.privacy.detectors.words import category_of_label, fold_label, role_of_label

_DELIMITERS = ",;\t|"
# Columns that hold what identifies no person, whatever it looks like.
_BARE_IDS = frozenset({"id", "no", "nr", "number", "ref"})
_HASHES = frozenset({"md5", "sha1", "sha256", "sha512", "hash", "ssdeep", "imphash", "uuid", "guid", "timestamp"})


def rows(text: str, delimiter: str | None = None) -> list[list[str]]:
    """The table's cells. The delimiter is the candidate that the first line has most of, unless given."""
    if delimiter is None:
        head = text.split("\n", 1)[0]
        delimiter = max(_DELIMITERS, key=head.count)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def cell_fields(table: list[list[str]]) -> Iterator[Placed]:
    """Every cell that has to be searched; the path is `/row/column`, the header being row 0."""
    if not table:
        return
    header = table[0]
    if any(category_of_label(name) is Category.PERSON_NAME for name in header):
        # Rows about people: a bare id is the person's own, not the row's.
        header = ["account id" if fold_label(name) in _BARE_IDS else name for name in header]
    for row, cells in enumerate(table[1:], start=1):
        by_name = {fold_label(name): cell for name, cell in zip(header, cells, strict=False)}
        for column, cell in enumerate(cells):
            label = header[column] if column < len(header) else ""
            if not cell.strip() or fold_label(label) in _HASHES:
                continue
            yield _cell(f"/{row}/{column}", cell, label, by_name)


def _cell(path: str, cell: str, label: str, row: dict[str, str]) -> Placed:
    category, role = _column(label)
    if fold_label(label) == "value" and "type" in row:
        return _typed_row(path, cell, row)
    reader = "value" if category is not None else "text"
    if category is Category.URL:
        reader = "url"
    return Placed(Field(path, cell, reader, None, label), role)


def _typed_row(path: str, cell: str, row: dict[str, str]) -> Placed:
    """A row that says its own type, as MISP's CSV export does: read as that attribute."""
    attribute = {
        "type": row["type"],
        "value": cell,
        "category": row.get("category", ""),
        "to_ids": row.get("to ids", ""),
        "comment": row.get("comment", ""),
        "object_relation": row.get("object relation", ""),
    }
    for placed in attribute_fields(attribute, path, {}, ""):
        if placed.field.path.endswith("/value"):
            return placed._replace(field=placed.field._replace(path=path))
    return Placed(Field(path, cell, "none", None, ""), None)


@lru_cache(maxsize=1024)
def _column(label: str) -> tuple[Category | None, Role | None]:
    return category_of_label(label), role_of_label(label)

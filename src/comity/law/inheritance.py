"""Inheritance: a state takes over what its regional regime says, except where it says otherwise itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Table = dict[str, Any]  # a table of a TOML file, before it has a shape

OWN = ("headline", "unverified", "changes")  # never inherited


def merge(parent: Mapping[str, Any], child: Mapping[str, Any]) -> Table:
    """The child's values win; tables merge key by key; rows with an id merge by id, field by field; rows without
    one come first, then the parent's.

    Source: SCHEMA.md, Inheritance.
    """
    out = dict(parent)
    for key, value in child.items():
        old = out.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            out[key] = merge(old, value)
        elif isinstance(value, list) and value and isinstance(value[0], dict) and isinstance(old, list):
            out[key] = _merge_rows(old, value)
        else:
            out[key] = value
    return out


def _merge_rows(parent: Sequence[Table], child: Sequence[Table]) -> list[Table]:
    if "id" not in child[0]:
        return [*child, *parent]
    rows = {row["id"]: row for row in parent}
    for row in child:
        rows[row["id"]] = {**rows.get(row["id"], {}), **row}
    return list(rows.values())


def inherited(table: Mapping[str, Any]) -> Table:
    """What a child can take from a resolved parent."""
    return {key: value for key, value in table.items() if key not in OWN}


def lineage(code: str, files: Mapping[str, Table]) -> Iterator[str]:
    """The code, then those it inherits from, nearest first."""
    yield code
    for parent in reversed(files[code].get("inherits", ())):
        yield from lineage(parent, files)

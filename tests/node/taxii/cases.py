"""The published cases that these tests read; where they are from is in tests/vectors/SOURCES.md."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.node.exchange.taxii import parse_timestamp

FOLDER = Path(__file__).parents[2] / "vectors" / "taxii"


def cases(name: str) -> list[Any]:
    found = json.loads((FOLDER / f"{name}_cases.json").read_text("utf-8"))["cases"]
    assert found
    return list(found)


def fixture() -> Any:
    return json.loads((FOLDER / "fixture.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One version of one object on a shelf."""

    id: str
    type: str
    version: str
    spec_version: str
    date_added: dt.datetime
    seq: int

    @property
    def name(self) -> tuple[str, str]:
        return self.id, self.version


def rows() -> list[Kept]:
    """The fixture's rows; two of them share one date_added, and their order is the file's."""
    return [
        Kept(
            id=row["id"],
            type=row["type"],
            version=row["version"],
            spec_version=row["spec_version"],
            date_added=parse_timestamp(row["date_added"]),
            seq=seq,
        )
        for seq, row in enumerate(fixture()["rows"], start=1)
    ]

"""The law pack's files, read: the one place of this room that opens anything."""

from __future__ import annotations

import importlib.resources
import tomllib
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from comity.canon import InputError, printable
from comity.law.inheritance import Table


class LawPackError(InputError):
    what = "the law pack is not used"
    why = "{reason}"
    do = "mend the file as pack/SCHEMA.md says, or name another pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFiles:
    """The tables of a pack as they stand in its files, not yet checked."""

    jurisdictions: dict[str, Table]  # by file name: "EE" for jurisdictions/ee.toml
    adequacy: Table
    vocabulary: Table
    sheet: Table


def read(path: Path | None) -> PackFiles:
    """The pack in a folder, or the one that ships with the program. Raises: LawPackError."""
    root: Traversable = path if path is not None else importlib.resources.files("comity.law") / "pack"
    folder = root / "jurisdictions"
    if not folder.is_dir():
        raise LawPackError(at=printable(str(folder)), reason="there is no such folder")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return PackFiles(
        jurisdictions={
            file.name.removesuffix(".toml").upper(): _table(file, f"jurisdictions/{file.name}") for file in files
        },
        adequacy=_table(root / "adequacy.toml", "adequacy.toml"),
        vocabulary=_table(root / "vocabulary.toml", "vocabulary.toml"),
        sheet=_table(root / "pack.toml", "pack.toml"),
    )


def _table(file: Traversable, name: str) -> Table:
    try:
        return tomllib.loads(file.read_bytes().decode())
    except OSError as error:
        raise LawPackError(at=printable(name), reason=f"it cannot be read ({error.strerror})") from error
    except ValueError as error:  # not UTF-8, not TOML: the parser names line and column
        raise LawPackError(at=printable(name), reason=ascii(str(error))[1:-1][:200]) from error

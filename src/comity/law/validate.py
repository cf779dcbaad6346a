"""A pack is used whole or not at all: every file has its shape, its ids are single, and what it inherits exists."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from comity.canon import digest_of, printable
from comity.law.facts import JurisdictionFacts
from comity.law.inheritance import Table, inherited, lineage, merge
from comity.law.pack import LawPackError, PackFiles
from comity.law.shapes import Row
from comity.law.tables import AdequacyTable, PackSheet, VocabularyTable

Shape = TypeVar("Shape", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack that passed."""

    files: dict[str, Table]  # jurisdictions as they stand in their files
    adequacy: AdequacyTable
    vocabulary: VocabularyTable
    sheet: PackSheet
    digest: str  # sha256 of the JCS form of all tables


def checked(files: PackFiles) -> Pack:
    """Raises: LawPackError with the file and the place in it, at the first fault."""
    sheet = _shaped(files.sheet, PackSheet, "pack.toml")
    adequacy = _shaped(files.adequacy, AdequacyTable, "adequacy.toml")
    vocabulary = _shaped(files.vocabulary, VocabularyTable, "vocabulary.toml")
    _check_parents(files.jurisdictions)
    resolved: dict[str, Table] = {}
    for code in sorted(files.jurisdictions, key=lambda code: len(list(lineage(code, files.jurisdictions)))):
        resolved[code] = _check_jurisdiction(code, files.jurisdictions[code], resolved)
    _check_adequacy(adequacy, files.jurisdictions)
    _single("vocabulary.toml", (concept.id for concept in vocabulary.concept))
    _single("vocabulary.toml", (row.word for row in vocabulary.crosswalk))
    _check_zones(sheet, files.jurisdictions)
    return Pack(
        files=files.jurisdictions,
        adequacy=adequacy,
        vocabulary=vocabulary,
        sheet=sheet,
        digest=digest_of(msgspec.to_builtins([files.sheet, files.adequacy, files.vocabulary, files.jurisdictions])),
    )


def _check_parents(files: dict[str, Table]) -> None:
    for code, table in files.items():
        place = _place(code)
        parents = table.get("inherits")
        if not isinstance(parents, list) or not all(isinstance(parent, str) for parent in parents):
            raise LawPackError(at=f"{place}: inherits", reason="it is no list of codes")
        for parent in parents:
            if parent not in files:
                near = difflib.get_close_matches(parent, files, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise LawPackError(at=f"{place}: inherits", reason=f"there is no file for {printable(parent)}{hint}")
    for code in files:
        _check_loop(code, files, ())


def _check_loop(code: str, files: dict[str, Table], seen: tuple[str, ...]) -> None:
    if code in seen:
        raise LawPackError(at=f"{_place(seen[0])}: inherits", reason="it inherits itself: " + " from ".join(seen))
    for parent in files[code]["inherits"]:
        _check_loop(parent, files, (*seen, code))


def _check_jurisdiction(code: str, table: Table, resolved: dict[str, Table]) -> Table:
    place = _place(code)
    if table.get("code") != code:
        raise LawPackError(at=f"{place}: code", reason="it differs from the file's name")
    for section, rows in _row_lists(table):
        if all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
            _single(f"{place}: {section}", (row["id"] for row in rows))
        elif any(isinstance(row, dict) and "id" in row for row in rows):
            raise LawPackError(at=f"{place}: {section}", reason="a row has no id")
    base: Table = {}
    for parent in table["inherits"]:
        base = merge(base, inherited(resolved[parent]))
    whole = merge(base, table)
    facts = _shaped(whole, JurisdictionFacts, place)
    roles = {authority.role for authority in facts.authorities}
    for role in ("supervisory", "national_csirt"):
        if role not in roles:
            raise LawPackError(at=f"{place}: authorities", reason=f"there is no {role}")
    if facts.confidence != "verified" and not facts.unverified:
        raise LawPackError(at=f"{place}: unverified", reason="a file that is not verified lists what is not")
    return whole


def _row_lists(table: Table, prefix: str = "") -> Iterable[tuple[str, list[Any]]]:
    for key, value in table.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield prefix + key, value
        elif isinstance(value, dict):
            yield from _row_lists(value, f"{key}.")


def _check_adequacy(adequacy: AdequacyTable, files: dict[str, Table]) -> None:
    _single("adequacy.toml", (row.id for row in adequacy.decisions))
    for row in adequacy.decisions:
        if row.by not in files:
            raise LawPackError(at=f"adequacy.toml: {row.id}", reason=f"there is no file for {row.by}")


def _check_zones(sheet: PackSheet, files: dict[str, Table]) -> None:
    for code in files:
        if code not in sheet.zones:
            raise LawPackError(at="pack.toml: zones", reason=f"{code} has no time zone")
    for code, zone in sheet.zones.items():
        try:
            zoneinfo.ZoneInfo(zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
            raise LawPackError(at=f"pack.toml: zones.{code}", reason="there is no such time zone") from error


def _single(place: str, ids: Iterable[str]) -> None:
    for name, count in Counter(ids).items():
        if count > 1:
            raise LawPackError(at=place, reason=f"{printable(name)} stands there {count} times")


def _shaped(table: Table, shape: type[Shape], place: str) -> Shape:
    try:
        return msgspec.convert(table, shape)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `")
        if "matching regex" in reason:
            reason = "it is not written in the form that SCHEMA.md gives"
        where = _named(path.rstrip("`"), table)
        raise LawPackError(at=f"{place}: {where}" if where else place, reason=ascii(reason)[1:-1][:200]) from error


def _named(path: str, table: Table) -> str:
    """`$.breach_duties[3].status` as `breach_duties[eu.nis2.art23].status`: a number means nothing after merging."""
    out: list[str] = []
    here: Any = table
    for key, number in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        here = here.get(key) if key and isinstance(here, dict) else here
        if key:
            out.append(("." if out else "") + key)
        elif isinstance(here, list):
            here = here[int(number)]
            name = here.get("id", number) if isinstance(here, dict) else number
            out.append(f"[{ascii(str(name))[1:-1]}]")
    return "".join(out)


def _place(code: str) -> str:
    return f"jurisdictions/{code.lower()}.toml"

"""Fact ids: everything that a decision can rest on has one, and each resolves to a citation.

Rows with an id of their own keep it (`eu.gdpr`, `br.lgpd.48.anpd`). The rest is named by where it stands:
`<code>.<section>` (`jp.personal_data`), `<code>.<section>.<key>` (`jp.personal_data.special_categories`),
`<code>.transfers.<mechanism>`, `<code>.rights.<right>`, `<code>.retention.logs.<words>`,
`<code>.authorities.<role>`, `<code>.<section>.<row id>` for a row as one jurisdiction has it
(`ee.breach_duties.eu.nis2.art23`) and `adequacy.<by>.<recognised>.<regime>`. All of them resolve for a jurisdiction
that inherits too, and say from whom.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comity.canon import InputError, printable
from comity.law.deletion import ROWS, UNKNOWN, slug
from comity.law.inheritance import Table, lineage
from comity.law.shapes import RIGHTS, Confidence
from comity.law.tables import AdequacyTable


class UnknownFact(InputError):
    what = "{id} is not in the law pack"
    why = "{hint}"
    do = "cite an id that `comity law show` prints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something the law pack says, and what it rests on."""

    id: str
    jurisdiction: str  # code; of an adequacy decision, who decided
    section: str
    text: str  # the fact in a line
    citation: str  # names the provision, does not quote it
    confidence: Confidence
    source: str  # code of the file it stands in
    inherited: bool  # whether that is another jurisdiction's file
    url: str | None = None
    note: str | None = None
    also: tuple[str, ...] = ()  # other sections that give something the same id


class Provenance:
    """Which file of a lineage says what."""

    def __init__(self, files: Mapping[str, Table]) -> None:
        self._files = files

    def section(self, code: str, *keys: str) -> str:
        """The nearest file that sets this table, or this key of it."""
        return next((name for name in lineage(code, self._files) if _has(self._files[name], keys)), code)

    def row(self, code: str, row_id: str, *keys: str) -> tuple[str, bool]:
        """The nearest file that has the row, and whether one further up has it too (so that it was changed)."""
        holders = [name for name in lineage(code, self._files) if _has_row(self._files[name], keys, row_id)]
        return (holders[0], len(holders) > 1) if holders else (code, False)

    def cite_section(self, code: str, *keys: str) -> str:
        """`ee.personal_data` where Estonia says something itself, `eu.rights` where it says nothing."""
        return ".".join((self.section(code, *keys).lower(), *keys))

    def cite_row(self, code: str, section: str, row_id: str) -> str:
        """The row's own id, or the qualified one where a child changed what it inherits."""
        source, changed = self.row(code, row_id, section)
        return f"{source.lower()}.{section}.{row_id}" if changed else row_id

    def cite_mechanism(self, code: str, mechanism: str) -> str:
        return f"{self.row(code, mechanism, 'transfers', 'mechanisms')[0].lower()}.transfers.{mechanism}"

    def confidence(self, fact: str) -> Confidence:
        """Of the file that an id stands in."""
        confidence: Confidence = self._files[fact.partition(".")[0].upper()]["confidence"]
        return confidence

    def cite_log(self, code: str, what: str) -> str:
        return f"{self.section(code, 'retention', 'logs').lower()}.retention.logs.{slug(what)}"


def _has(table: Table, keys: Iterable[str]) -> bool:
    here: Any = table
    for key in keys:
        if not isinstance(here, dict) or key not in here:
            return False
        here = here[key]
    return True


def _has_row(table: Table, keys: tuple[str, ...], row_id: str) -> bool:
    here: Any = table
    for key in keys:
        here = here.get(key, {})
    return any(row.get("id") == row_id for row in here)


def index(code: str, table: Table, files: Mapping[str, Table], removed: frozenset[str]) -> dict[str, Fact]:
    """Every fact of one jurisdiction by id; of facts that share an id the first, naming the others' sections."""
    out: dict[str, Fact] = {}
    for fact in _facts(code, table, files, removed):
        known = out.get(fact.id)
        if known is None:
            out[fact.id] = fact
        elif known.section != fact.section:
            out[fact.id] = _also(known, fact.section)
    return out


def _also(fact: Fact, section: str) -> Fact:
    return Fact(**{**{name: getattr(fact, name) for name in Fact.__slots__}, "also": (*fact.also, section)})


def _facts(code: str, table: Table, files: Mapping[str, Table], removed: frozenset[str]) -> Iterator[Fact]:
    origin = Provenance(files)
    here = code.lower()

    def fact(name: str, section: str, body: Mapping[str, Any], source: str, fallback: str = "") -> Fact:
        return Fact(
            id=name,
            jurisdiction=code,
            section=section,
            text=describe(body),
            citation=str(body.get("citation") or fallback),
            confidence=body.get("confidence") or files[source]["confidence"],
            source=source,
            inherited=source != code,
            url=body.get("url"),
            note=body.get("note"),
        )

    for section in (*ROWS, "frameworks"):
        rows = table["cti_sharing"].get("frameworks", ()) if section == "frameworks" else table.get(section, ())
        for row in rows:
            keys = ("cti_sharing", "frameworks") if section == "frameworks" else (section,)
            source, _ = origin.row(code, row["id"], *keys)
            if row["id"].startswith(f"{here}."):
                yield fact(row["id"], section, row, source)
            yield fact(f"{here}.{section}.{row['id']}", section, row, source)
    for authority in reversed(table["authorities"]):
        source = next(name for name in lineage(code, files) if authority in files[name].get("authorities", ()))
        yield fact(f"{here}.authorities.{authority['role']}", "authorities", authority, source, authority["name"])
    for section in UNKNOWN:
        if origin.cite_section(code, section) in removed or f"{here}.{section}" in removed:
            continue
        body = table[section]
        citation = body.get("citation", table["name"])
        yield fact(f"{here}.{section}", section, body, origin.section(code, section), citation)
        for key, value in body.items():
            if key in {"citation", "note", "mechanisms", "logs", "frameworks"}:
                continue
            if origin.cite_section(code, section, key) in removed or f"{here}.{section}.{key}" in removed:
                continue
            inner = value if isinstance(value, dict) else {key: value}
            yield fact(f"{here}.{section}.{key}", section, inner, origin.section(code, section, key), citation)
    for row in table["transfers"]["mechanisms"]:
        source, _ = origin.row(code, row["id"], "transfers", "mechanisms")
        yield fact(f"{here}.transfers.{row['id']}", "transfers", row, source)
    for row in table["retention"].get("logs", ()):
        source = origin.section(code, "retention", "logs")
        yield fact(f"{here}.retention.logs.{slug(row['what'])}", "retention", row, source)


def adequacy_index(table: AdequacyTable) -> dict[str, Fact]:
    return {
        row.id: Fact(
            id=row.id,
            jurisdiction=row.by,
            section="adequacy",
            text=f"{row.by} recognises {row.recognises} ({row.coverage}, {row.regime}, {row.status})",
            citation=row.instrument,
            confidence=row.confidence,
            source=row.by,
            inherited=False,
            note=row.scope_note,
        )
        for row in table.decisions
    }


_UNSAID = {
    "id",
    "citation",
    "note",
    "confidence",
    "url",
    "stages",
    "mechanisms",
    "logs",
    "frameworks",
    "ip_address_note",
}


def describe(body: Mapping[str, Any]) -> str:
    """A fact's own words on one line: its name, or its keys and values."""
    name = body.get("title") or body.get("name")
    if name:
        return str(name)
    said = {key: value for key, value in body.items() if key not in _UNSAID and key not in RIGHTS}
    return "; ".join(f"{key.replace('_', ' ')}: {_plain(value)}" for key, value in said.items() if value != {})


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value) or "none"
    if isinstance(value, dict):
        return describe(value)
    return str(value)


def unknown_fact(name: str, known: Iterable[str]) -> UnknownFact:
    near = difflib.get_close_matches(name, list(known), 1, 0.5)
    return UnknownFact(id=printable(name), hint=f"the nearest id is {near[0]}" if near else "no id is near it")

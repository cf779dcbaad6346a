"""What a law pack says otherwise than another: each value that changed, under the id by which it can be cited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from comity.law.deletion import slug
from comity.law.inheritance import Table, lineage
from comity.law.law import Law


class Kind(StrEnum):
    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value. `fact` is what agreements and decisions cite."""

    kind: Kind  # of the fact as a whole, or of a value in it
    fact: str
    value: str  # where in the fact: `deadline`, `stages.final.deadline`; "": all of it
    before: str  # "" where there was none
    after: str
    citation: str  # as the newer pack has it, else the older
    reaches: tuple[str, ...]  # jurisdictions that say it themselves or inherit it


_Facts = dict[str, dict[str, str]]  # id -> value by its place in the fact
_UNSAID = frozenset(("as_of", "evidence_horizon", "schema_version", "code", "inherits", "sources", "unverified"))


def changes(old: Law, new: Law) -> tuple[Change, ...]:
    """In the order of the ids. Both packs have passed; what only moved within a file is no change."""
    before, after = _facts(old), _facts(new)
    reach = {code: _heirs(code, old) | _heirs(code, new) for code in {*old.codes, *new.codes}}
    return tuple(
        change
        for fact in sorted({*before, *after})
        for change in _compared(fact, before.get(fact), after.get(fact), tuple(sorted(reach[_home(fact)])))
    )


def _home(fact: str) -> str:
    head, _, rest = fact.partition(".")
    return (rest.partition(".")[0] if head == "adequacy" else head).upper()


def _compared(
    fact: str, before: dict[str, str] | None, after: dict[str, str] | None, reaches: tuple[str, ...]
) -> Iterator[Change]:
    citation = (after or {}).get("citation") or (before or {}).get("citation") or ""
    if before is None or after is None:
        kind, said = (Kind.NEW, after) if before is None else (Kind.GONE, before)
        line = "; ".join(f"{name}: {value}" for name, value in (said or {}).items() if name != "citation")
        texts = {"before": "", "after": line} if before is None else {"before": line, "after": ""}
        yield Change(kind=kind, fact=fact, value="", citation=citation, reaches=reaches, **texts)
        return
    for value in dict.fromkeys((*before, *after)):
        was, now = before.get(value, ""), after.get(value, "")
        if was != now:
            yield Change(
                kind=Kind.CHANGED, fact=fact, value=value, before=was, after=now, citation=citation, reaches=reaches
            )


def _heirs(code: str, law: Law) -> set[str]:
    return {heir for heir in law.codes if code in lineage(heir, law.files)} or {code}


def _facts(law: Law) -> _Facts:
    facts: _Facts = {row.id: dict(_leaves(msgspec.to_builtins(row))) for row in law.recognitions}
    for code, table in law.files.items():
        for name, value in _named(code.lower(), table):
            facts.setdefault(name, {}).update(_leaves(value))
    return facts


def _named(here: str, table: Table) -> Iterator[tuple[str, Any]]:
    """The facts of one file (see `citations`), with what the file itself says of each."""
    for section, said in table.items():
        if section in _UNSAID:
            continue
        if isinstance(said, list) and said and isinstance(said[0], dict):
            for row in said:
                yield _row_id(here, section, row), {key: row[key] for key in row if key != "id"}
        elif isinstance(said, dict):
            parts = {key: said[key] for key in said if key not in ("mechanisms", "logs", "frameworks")}
            yield f"{here}.{section}", {key: one for key, one in parts.items() if not isinstance(one, dict)}
            for key, one in parts.items():
                if isinstance(one, dict):
                    yield f"{here}.{section}.{key}", one
            for row in (*said.get("mechanisms", ()), *said.get("frameworks", ())):
                yield _row_id(here, section, row), {key: row[key] for key in row if key != "id"}
            for row in said.get("logs", ()):
                yield f"{here}.retention.logs.{slug(row['what'])}", row
        else:
            yield f"{here}.{section}", {"": said}


def _row_id(here: str, section: str, row: Mapping[str, Any]) -> str:
    name = str(row.get("id") or row.get("role") or row.get("date") or "")
    return name if name.startswith(f"{here}.") else f"{here}.{section}.{name}"


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{place}.{key}" if place and key else place or key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            name = str(inner.get("stage", ""))
            yield from _leaves({key: one for key, one in inner.items() if key != "stage"}, f"{place}.{name}")
    else:
        yield place, ", ".join(map(str, value)) if isinstance(value, list) else str(value)

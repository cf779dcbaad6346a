"""A jurisdiction as the rooms above see it: its facts with what it inherits, and an id for each to cite."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from comity.canon import InputError, printable
from comity.law.citations import Provenance
from comity.law.facts import BreachDuty, JurisdictionFacts, LegalBasis, LogDuty, Mechanism, Restriction, Statute
from comity.law.shapes import Confidence


class UnknownJurisdiction(InputError):
    what = "{code} is no jurisdiction of the law pack"
    why = "{hint}"
    do = "name one of the law pack's codes (ISO 3166-1 alpha-2, EU or EEA)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    code: str
    facts: JurisdictionFacts
    lineage: tuple[str, ...]  # itself, then those it inherits from, nearest first
    origin: Provenance

    @property
    def name(self) -> str:
        return self.facts.name

    def cite(self, row: Statute | LegalBasis | Restriction | BreachDuty | Mechanism | LogDuty) -> str:
        """The id to cite for a row: its own, or the one of whoever changed it."""
        match row:
            case Mechanism():
                return self.origin.cite_mechanism(self.code, row.id)
            case LogDuty():
                return self.origin.cite_log(self.code, row.what)
            case Statute():
                return self.origin.cite_row(self.code, "statutes", row.id)
            case LegalBasis():
                return self.origin.cite_row(self.code, "legal_bases", row.id)
            case Restriction():
                return self.origin.cite_row(self.code, "restrictions", row.id)
            case BreachDuty():
                return self.origin.cite_row(self.code, "breach_duties", row.id)

    def cite_section(self, *keys: str) -> str:
        """The id to cite for a section or a key of one: `("personal_data",)`, `("rights", "erasure")`."""
        return self.origin.cite_section(self.code, *keys)

    def confidence(self, fact: str) -> Confidence:
        """How sure a fact that was cited here is: as sure as the file it stands in."""
        return self.origin.confidence(fact)


def unknown_jurisdiction(code: str, known: Iterable[str], names: Iterable[tuple[str, str]]) -> UnknownJurisdiction:
    """With near matches by code and by name (`Estonia` is EE)."""
    by_name = {name.lower(): short for short, name in names}
    near = difflib.get_close_matches(code.upper(), list(known), 3, 0.5)
    near += [by_name[name] for name in difflib.get_close_matches(code.lower(), list(by_name), 2, 0.6)]
    hint = "near it are " + ", ".join(dict.fromkeys(near)) if near else "no code is near it"
    return UnknownJurisdiction(code=printable(code), hint=hint)

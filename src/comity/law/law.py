"""The law pack, opened: what a jurisdiction requires, on whose word, and how sure that is. Facts, not legal advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import msgspec

from comity.law import adequacy, gates, openings
from comity.law.adequacy import AdequacyFinding, Recipient, Standing
from comity.law.citations import Fact, Provenance, adequacy_index, index, unknown_fact
from comity.law.deletion import without
from comity.law.facts import JurisdictionFacts
from comity.law.gates import LocalisationFinding, RestrictionFinding, SpecialCategories
from comity.law.inheritance import Table, inherited, lineage, merge
from comity.law.jurisdiction import Jurisdiction, unknown_jurisdiction
from comity.law.openings import BasisFinding, MechanismFinding
from comity.law.pack import read
from comity.law.tables import AdequacyRow, Concept, PackSheet
from comity.law.validate import Pack, checked
from comity.law.vocabulary import Vocabulary


class Law:
    """A law pack. `law["EE"]` is Estonia with what it inherits; answers name the facts they rest on."""

    def __init__(self, pack: Pack, removed: frozenset[str] = frozenset()) -> None:
        self._pack = pack
        self._removed = removed
        self._origin = Provenance(pack.files)
        self._tables: dict[str, Table] = {}
        self._jurisdictions: dict[str, Jurisdiction] = {}
        self._indexes: dict[str, dict[str, Fact]] = {}
        self.vocabulary = Vocabulary(pack.vocabulary)
        self.recognitions: tuple[AdequacyRow, ...] = tuple(
            row for row in pack.adequacy.decisions if row.id not in removed
        )

    @classmethod
    def load(cls, path: Path | None = None) -> Law:
        """The pack in a folder, or the one that ships. Raises: LawPackError, naming file and place."""
        return cls(checked(read(path)))

    def without(self, *facts: str) -> Law:
        """A copy in which these facts are unknown. Raises: UnknownFact."""
        for name in facts:
            self.fact(name)
        return Law(self._pack, self._removed | set(facts))

    # -- what it is

    @property
    def sheet(self) -> PackSheet:
        return self._pack.sheet

    @property
    def version(self) -> str:
        return self._pack.sheet.version

    @property
    def digest(self) -> str:
        """sha256 of the canonical form of everything in the pack."""
        return self._pack.digest

    # -- jurisdictions

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self._pack.files)

    def __contains__(self, code: object) -> bool:
        return code in self._pack.files

    def __iter__(self) -> Iterator[str]:
        return iter(self._pack.files)

    def __getitem__(self, code: str) -> Jurisdiction:
        """Raises: UnknownJurisdiction, with near matches."""
        if code not in self._jurisdictions:
            self._jurisdictions[code] = Jurisdiction(
                code=code,
                facts=msgspec.convert(self._table(code), JurisdictionFacts),
                lineage=tuple(lineage(code, self._pack.files)),
                origin=self._origin,
            )
        return self._jurisdictions[code]

    def _table(self, code: str) -> Table:
        if code not in self._pack.files:
            names = ((short, table["name"]) for short, table in self._pack.files.items())
            raise unknown_jurisdiction(code, self._pack.files, names)
        if code not in self._tables:
            base: Table = {}
            for parent in self._pack.files[code]["inherits"]:
                base = merge(base, inherited(self._table(parent)))
            whole = merge(base, self._pack.files[code])
            self._tables[code] = without(code, whole, self._removed) if self._removed else whole
        return self._tables[code]

    def expand(self, tokens: str | Iterable[str]) -> frozenset[str]:
        """Codes that tokens stand for: `EU`, `EEA`, `*108`; `*list`, which nobody can see, stands for none."""
        if not isinstance(tokens, str):
            return frozenset[str]().union(*(self.expand(token) for token in tokens))
        match tokens:
            case "*list":
                return frozenset()
            case "*108":
                return frozenset(
                    code
                    for code in self.codes
                    if self._table(code)["kind"] == "state"
                    and self._table(code)["international"]["convention_108"] == "party"
                )
            case "EU":
                return self._members("EU")
            case "EEA":
                return self._members("EU") | self._members("EEA")
            case code:
                return frozenset({code})

    def _members(self, regime: str) -> frozenset[str]:
        return frozenset(
            code for code, table in self._pack.files.items() if table["kind"] == "state" and regime in table["inherits"]
        )

    # -- facts

    def fact(self, name: str) -> Fact:
        """What an id cites. Raises: UnknownFact, with a near match."""
        found = self._index_of(name).get(name)
        if found is None:
            raise unknown_fact(name, self._index_of(name) or self._every_id())
        return found

    def has(self, name: str) -> bool:
        return name in self._index_of(name)

    def facts(self, code: str) -> tuple[Fact, ...]:
        """Everything that can be cited of a jurisdiction. Raises: UnknownJurisdiction."""
        return tuple(self._index(self[code].code).values())

    def _index_of(self, name: str) -> dict[str, Fact]:
        head = name.partition(".")[0]
        if head == "adequacy":
            return self._index("adequacy")
        return self._index(head.upper()) if head == head.lower() and head.upper() in self else {}

    def _index(self, key: str) -> dict[str, Fact]:
        if key not in self._indexes:
            if key == "adequacy":
                every = adequacy_index(self._pack.adequacy)
            else:
                every = index(key, self._table(key), self._pack.files, self._removed)
            self._indexes[key] = {name: fact for name, fact in every.items() if name not in self._removed}
        return self._indexes[key]

    def _every_id(self) -> Iterator[str]:
        for key in (*self.codes, "adequacy"):
            yield from self._index(key)

    # -- words

    def term(self, word: str, family: str) -> Concept:
        """The concept an agreement's word names. Raises: UnknownTerm, with a near match."""
        return self.vocabulary.term(word, family)

    def regimes(self, code: str) -> tuple[str, ...]:
        """The words for the bodies of law that a clause of a party there can stand under."""
        line = self[code].lineage
        named = [concept for concept in self.vocabulary.concepts if concept.family == "regime" and concept.transfers]
        own = tuple(concept.spelled for concept in named if set(concept.jurisdictions) & set(line))
        return own or tuple(concept.spelled for concept in named if "*" in concept.jurisdictions)

    # -- transfers

    def adequacy(
        self,
        from_: str,
        to: str,
        on: dt.date,
        regime: str | None = None,
        *,
        form: str | None = None,
        capacity: str | None = None,
        certifications: Collection[str] = (),
    ) -> tuple[AdequacyFinding, ...]:
        """Whether `from_` recognises `to` for a recipient of this form and capacity, best finding first.

        Args:    regime: a regime word; None: any general one of `from_` (never police law).
                 certifications: those the recipient states it holds (`dpf-certification`).
        Returns: never empty: without any decision one finding says `not-covered`.
        Raises:  UnknownJurisdiction for `from_`; `to` may be a code that the pack has no file for.
        """
        home = self[from_]
        wanted = self.term(regime, "regime") if regime else None
        if wanted is not None and "*" in wanted.jurisdictions:
            wanted = None
        inside = self._inside(home, to, wanted)
        if inside:
            return inside
        recipient = Recipient(form=form, capacity=capacity, certifications=certifications)
        found = []
        for row in adequacy.nearest(self.recognitions, home.lineage):
            law = self._regime(row.regime)
            if to != row.recognises and to not in self.expand(row.recognises):
                continue
            if (law != wanted) if wanted else (law is not None and (law.police or not law.transfers)):
                continue
            found.append(adequacy.judge(row, recipient, on, law))
        order = list(Standing)
        return tuple(sorted(found, key=lambda finding: order.index(finding.standing))) or (
            self._unrecognised(home, to, regime),
        )

    def _regime(self, name: str) -> Concept | None:
        words = self.vocabulary.words("regime")
        spelled = name.replace("_", "-")
        return self.term(spelled, "regime") if spelled in words else None

    def _inside(self, home: Jurisdiction, to: str, wanted: Concept | None) -> tuple[AdequacyFinding, ...]:
        name = wanted.spelled if wanted else "gdpr"
        for row in self._pack.sheet.internal:
            group = self.expand(row.group) | {row.group, "EU"}
            if row.regime == name and home.code in group and to in group and self.has(row.fact):
                return (
                    self._no_transfer(home, row.regime, f"exchange inside the {row.group} is no transfer", row.fact),
                )
        if home.code == to:
            detail = "both are under the same law"
            return (self._no_transfer(home, name if wanted else "national", detail, home.cite_section("transfers")),)
        return ()

    def _no_transfer(self, home: Jurisdiction, regime: str, detail: str, fact: str) -> AdequacyFinding:
        return AdequacyFinding(
            standing=Standing.NO_TRANSFER,
            detail=detail,
            facts=(fact,),
            confidence=home.confidence(fact),
            regime=regime,
            citation=home.facts.transfers.citation,
        )

    def _unrecognised(self, home: Jurisdiction, to: str, regime: str | None) -> AdequacyFinding:
        transfers = home.cite_section("transfers")
        return AdequacyFinding(
            standing=Standing.NOT_COVERED,
            detail=f"the law pack has no decision by which {home.code} recognises {to}"
            + (f" under {regime}" if regime else ""),
            facts=(transfers,),
            confidence=home.confidence(transfers),
            regime=regime or "national",
            citation=home.facts.transfers.citation,
        )

    def mechanism(self, code: str, tool: str, form: str | None, capacity: str | None, on: dt.date) -> MechanismFinding:
        """What a jurisdiction says of a transfer tool (`public-instrument`) for this exporter. Raises: UnknownTerm."""
        concept = self.term(tool, "transfer_tool")
        return openings.mechanism(self[code], concept, form, capacity, on=on, vocabulary=self.vocabulary)

    # -- bases and gates

    def bases(self, code: str, basis: str, form: str | None, capacity: str | None) -> tuple[BasisFinding, ...]:
        """The legal bases that a word (`official-authority`) or DPV term (`dpv:PublicInterest`) reaches there.

        Each says whether it is open to that legal form and capacity. Raises: UnknownTerm.
        """
        terms = (basis,) if basis.startswith("dpv:") else self.term(basis, "legal_basis").terms
        return openings.bases(self[code], terms, form, capacity, self.vocabulary)

    def restrictions(self, code: str, direction: str, to: str) -> tuple[RestrictionFinding, ...]:
        """The hard gates of `code` for material going `out` to, or coming `in` from, `to`."""
        return gates.restrictions(self[code], direction, to, self.vocabulary)

    def localisation(self, code: str) -> LocalisationFinding:
        return gates.localisation(self[code], self.vocabulary)

    def special_categories(self, code: str) -> SpecialCategories:
        return gates.special_categories(self[code], self.vocabulary)

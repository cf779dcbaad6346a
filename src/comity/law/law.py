"""The law pack, opened: what a jurisdiction requires, on whose word, and how sure that is. Facts, not legal advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from comity.canon import midnight
from comity.law import clocks, duties, gates, openings
from comity.law.adequacy import AdequacyFinding, Recipient
from comity.law.citations import Fact, Provenance, adequacy_index, index, unknown_fact
from comity.law.clocks import Certainty, Due
from comity.law.collisions import Collision, collisions
from comity.law.deletion import without
from comity.law.duties import Duty
from comity.law.facts import JurisdictionFacts
from comity.law.gates import LocalisationFinding, RestrictionFinding, SpecialCategories
from comity.law.inheritance import Table, inherited, lineage, merge
from comity.law.jurisdiction import Jurisdiction, unknown_jurisdiction
from comity.law.openings import BasisFinding, MechanismFinding
from comity.law.pack import read
from comity.law.recognition import Recognitions
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

    @property
    def files(self) -> Mapping[str, Table]:
        """What each jurisdiction's own file says, without what it inherits."""
        return self._pack.files

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
        recipient = Recipient(form=form, capacity=capacity, certifications=certifications)
        internal = tuple(row for row in self.sheet.internal if self.has(row.fact))
        known = Recognitions(self.recognitions, internal, self.vocabulary, self.expand)
        return known.find(self[from_], to, on, regime, recipient)

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

    # -- duties and clocks

    def duties(self, codes: Iterable[str], event: str, on: dt.date, *, who: str | None = None) -> tuple[Duty, ...]:
        """Duties after an event (`personal-data-breach`) in these jurisdictions, as they stand on a day.

        Raises: UnknownJurisdiction, UnknownTerm.
        """
        regime = duties.read_event(event)
        return tuple(duty for code in codes for duty in duties.duties(self[code], regime, on, who))

    def due(self, duty: Duty, instants: Mapping[str, dt.datetime]) -> tuple[Due, ...]:
        """When each stage of a duty is due; see `clocks.due`. Raises: UnknownClock, NaiveTime."""
        return clocks.due(
            duty,
            clocks.read_clocks(instants),
            zone=self.sheet.zones[duty.jurisdiction],
            planning=self.sheet.planning,
        )

    def schedule(self, owed: Iterable[Duty], instants: Mapping[str, dt.datetime]) -> tuple[Due, ...]:
        """Every stage of every duty, with the earliest instant of each addressee marked as the strictest."""
        return clocks.flagged(line for duty in owed for line in self.due(duty, instants))

    def strictest(
        self,
        event: str,
        among: Iterable[str],
        *,
        on: dt.date,
        to: str | None = None,
        who: str | None = None,
        planning: bool = False,
    ) -> Due | None:
        """The earliest due of a duty across jurisdictions, counted from awareness at 00:00Z of the day.

        Args:    to: kind of addressee (`authority`, `data_subject`); None: any. who: duty bearer; None: any.
                 planning: also weigh open deadlines by their planning value.
        Returns: the line, which names duty, law and jurisdiction; None when no clock starts at awareness.
        """
        worth = {Certainty.LAW, Certainty.BOUND} | ({Certainty.PLANNING} if planning else set())
        lines = [
            line
            for duty in self.duties(among, event, on, who=who)
            if to is None or duty.row.to == to.replace("-", "_")
            for line in self.due(duty, {"awareness": midnight(on)})
            if line.at is not None and line.certainty in worth
        ]
        return min(lines, key=lambda line: (line.at or midnight(on), line.duty.fact), default=None)

    def collisions(self, codes: Iterable[str]) -> tuple[Collision, ...]:
        """Pairs of duties of these jurisdictions that cannot both be met: for a person, never resolved here."""
        return tuple(collisions([self[code] for code in codes]))

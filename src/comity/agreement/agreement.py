"""An agreement: what its text says, where it says it, and the digest that signatures stand over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from comity.agreement.clauses import citeable
from comity.agreement.grammar.keeping import Retention, retention
from comity.agreement.grammar.parties import Party
from comity.agreement.grammar.text import AgreementText
from comity.agreement.plan import AgreementRef
from comity.agreement.strict_yaml import Path, Place
from comity.canon import Json


@dataclass(frozen=True, kw_only=True, eq=False)
class Agreement:
    """A parsed agreement. Made by `parse` and by nothing else."""

    name: str  # what messages call it, usually the file's name
    text: AgreementText
    digest: str  # sha256 of the JCS form of what was parsed: the same however the YAML is laid out
    data: Json = field(repr=False)  # what was parsed, as JSON: what parties sign
    places: Mapping[Path, Place] = field(repr=False)

    @property
    def id(self) -> str:
        return self.text.id

    @property
    def ref(self) -> AgreementRef:
        return AgreementRef(id=self.text.id, version=self.text.version, digest=self.digest)

    @cached_property
    def retention(self) -> Retention:
        return retention(self.text.retention or {})

    @cached_property
    def clauses(self) -> Mapping[str, Path]:
        """Every clause that can be cited, as `ee-br-csirt:P2`, and the path to it."""
        return {f"{self.id}:{clause}": path for clause, path in citeable(self.text, self.data)}

    def party(self, party_id: str) -> Party | None:
        return next((party for party in self.text.parties if party.id == party_id), None)

    def cite(self, *path: str | int) -> str:
        """The citation of the clause that a path lies in. Raises: KeyError when the text has no such clause."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._citations:
                return self._citations[path[:length]]
        raise KeyError(path)

    def place(self, *path: str | int) -> Place:
        """Where a path stands, or the nearest thing around it that stands somewhere."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(1, 1)

    @cached_property
    def _citations(self) -> Mapping[Path, str]:
        return {path: citation for citation, path in self.clauses.items()}

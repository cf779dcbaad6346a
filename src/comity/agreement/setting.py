"""What check and compile look at: an agreement, the baseline it extends, the law, and the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from comity.agreement.agreement import Agreement
from comity.agreement.grammar.lawfulness import Authority, Transfer
from comity.agreement.grammar.parties import Party
from comity.agreement.layering import Layer, lay_all
from comity.canon import Duration
from comity.law import Law, UnknownJurisdiction

T = TypeVar("T")


class Flow(NamedTuple):
    """One direction: who sends, and who receives."""

    origin: Party
    destination: Party


class Said(NamedTuple):
    """Something a text says: the text, and the path to it."""

    text: Agreement
    path: tuple[str | int, ...]

    @property
    def clause(self) -> str:
        return self.text.cite(*self.path)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Facts in. `texts` has the root first: the baseline, then the annex."""

    agreement: Agreement
    baseline: Agreement | None
    law: Law
    on: dt.date

    @cached_property
    def texts(self) -> tuple[Agreement, ...]:
        return (self.baseline, self.agreement) if self.baseline else (self.agreement,)

    @property
    def flows(self) -> Iterator[Flow]:
        parties = self.agreement.text.parties
        return (Flow(a, b) for a in parties for b in parties if a.id != b.id)

    def knows(self, code: str) -> bool:
        try:
            return bool(self.law[code].code)
        except UnknownJurisdiction:
            return False

    @property
    def lawful_places(self) -> bool:
        """Whether the law of every party is in the pack; without that no other question of law can be asked."""
        return all(self.knows(party.jurisdiction) for party in self.agreement.text.parties)

    @cached_property
    def purposes(self) -> tuple[str, ...]:
        """Grants intersect: what every text that names purposes names."""
        named = [text.text.purposes for text in self.texts if text.text.purposes]
        return tuple(word for word in named[-1] if all(word in words for words in named)) if named else ()

    def authority(self, party: str) -> list[tuple[Said, tuple[Authority, ...]]]:
        """Each text's alternatives for a party's legal basis."""
        found = []
        for text in self.texts:
            stated = (text.text.authority or {}).get(party)
            if stated:
                alternatives = stated if isinstance(stated, tuple) else (stated,)
                found.append((Said(text, ("authority", party)), alternatives))
        return found

    def transfers(self, flow: Flow) -> list[list[tuple[Said, Transfer]]]:
        """Each text's alternatives for what lets personal data cross in this direction."""
        found = []
        for text in self.texts:
            rows = [
                (Said(text, ("transfers", index)), row)
                for index, row in enumerate(text.text.transfers or ())
                if (row.from_, row.to) == (flow.origin.id, flow.destination.id)
            ]
            if rows:
                found.append(rows)
        return found

    def limit(
        self, say: Callable[[Agreement], tuple[Layer[T], tuple[str | int, ...]] | None], join: Callable[[T, T], T]
    ) -> tuple[T, tuple[str, ...]] | None:
        """A limit over all texts, and the clauses that set it; None when no text speaks."""
        said = [(text, say(text)) for text in self.texts]
        layered = lay_all((part[0] if part else None for _, part in said), join)
        if layered is None:
            return None
        return layered.default, tuple(text.cite(*part[1]) for text, part in said if part)

    def retention(self, name: str) -> tuple[Duration, tuple[str, ...]] | None:
        """How long what came under a share clause (or `personal-data`) is kept; None when nothing says."""

        def say(text: Agreement) -> tuple[Layer[Duration], tuple[str | int, ...]] | None:
            stated = text.retention.clauses.get(name) if name != "personal-data" else text.retention.personal_data
            if stated is None:
                return None
            return Layer(stated, text.retention.adaptable.get(name, stated)), ("retention", name)

        return self.limit(say, min)

    @property
    def shares_personal_data(self) -> bool:
        """Whether any share clause lets personal data cross."""
        return any(share.personal_data != "none" for text in self.texts for share in text.text.share or ())

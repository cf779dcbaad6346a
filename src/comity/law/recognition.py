"""Recognition between two jurisdictions: the decisions that speak for a pair, and where nothing is transferred."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from comity.law.adequacy import AdequacyFinding, Recipient, Standing, judge, nearest
from comity.law.jurisdiction import Jurisdiction
from comity.law.tables import AdequacyRow, Concept, InternalRow
from comity.law.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Recognitions:
    rows: tuple[AdequacyRow, ...]
    internal: tuple[InternalRow, ...]
    vocabulary: Vocabulary
    expand: Callable[[str], frozenset[str]]  # codes that a token stands for

    def find(
        self, home: Jurisdiction, to: str, on: dt.date, regime: str | None, recipient: Recipient
    ) -> tuple[AdequacyFinding, ...]:
        """Best finding first; never empty. See `Law.adequacy`."""
        wanted = self.vocabulary.term(regime, "regime") if regime else None
        if wanted is not None and "*" in wanted.jurisdictions:  # "national": whatever the general law there is
            wanted = None
        inside = self._inside(home, to, wanted)
        if inside is not None:
            return (inside,)
        found = [
            judge(row, recipient, on, self._law(row.regime))
            for row in nearest(self.rows, home.lineage)
            if (to == row.recognises or to in self.expand(row.recognises)) and self._asked(row, wanted)
        ]
        order = list(Standing)
        found.sort(key=lambda finding: order.index(finding.standing))
        return tuple(found) or (_none(home, to, regime),)

    def _law(self, regime: str) -> Concept | None:
        """The concept of a row's regime; None when the vocabulary does not know it, and the row covers nothing."""
        spelled = regime.replace("_", "-")
        return self.vocabulary.term(spelled, "regime") if spelled in self.vocabulary.words("regime") else None

    def _asked(self, row: AdequacyRow, wanted: Concept | None) -> bool:
        law = self._law(row.regime)
        if wanted is not None:
            return law == wanted
        return law is None or (law.transfers and not law.police)

    def _inside(self, home: Jurisdiction, to: str, wanted: Concept | None) -> AdequacyFinding | None:
        regime = wanted.spelled if wanted else "gdpr"
        for row in self.internal:
            group = self.expand(row.group) | {row.group, "EU"}
            if row.regime == regime and home.code in group and to in group:
                return _no_transfer(home, regime, f"exchange inside the {row.group} is no transfer", row.fact)
        if home.code == to:
            fact = home.cite_section("transfers")
            return _no_transfer(home, regime if wanted else "national", "both are under the same law", fact)
        return None


def _no_transfer(home: Jurisdiction, regime: str, detail: str, fact: str) -> AdequacyFinding:
    return AdequacyFinding(
        standing=Standing.NO_TRANSFER,
        detail=detail,
        facts=(fact,),
        confidence=home.confidence(fact),
        regime=regime,
        citation=home.facts.transfers.citation,
    )


def _none(home: Jurisdiction, to: str, regime: str | None) -> AdequacyFinding:
    fact = home.cite_section("transfers")
    under = f" under {regime}" if regime else ""
    return AdequacyFinding(
        standing=Standing.NOT_COVERED,
        detail=f"the law pack has no decision by which {home.code} recognises {to}{under}",
        facts=(fact,),
        confidence=home.confidence(fact),
        regime=regime or "national",
        citation=home.facts.transfers.citation,
    )

"""The vault's entries in the journal: one for each bill, with codes and counts.

INVARIANT: no object's id stands in them, since an observable's can be guessed from its value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import groupby

from comity.canon import Json, digest
from comity.node.journal import actions as journal
from comity.node.people.models import Person
from comity.node.vault.models import Holding


def record(
    event: str, holdings: Iterable[Holding], facts: Mapping[str, Json], *, now: dt.datetime, by: Person | None
) -> None:
    """What happened to these holdings, in the caller's transaction: an entry for each bill they came or went with."""
    for (agreement, partner, direction, bill), group in groupby(sorted(holdings, key=_way), key=_way):
        said = {"agreement": agreement, "partner": partner, "direction": direction, "count": len([*group]), **facts}
        try:
            journal.record(event, bill, kind="deletion", facts={"bill": bill, **said}, now=now, actor=by)
        except (journal.NotAFact, journal.NotAnEvent):
            # INVARIANT: the partner chose this id, and no id of its choice keeps what came with it from being deleted.
            named = digest(bill.encode())
            journal.record(event, named, kind="deletion", facts={"bill": named, **said}, now=now, actor=by)


def _way(holding: Holding) -> tuple[str, str, str, str]:
    return holding.agreement, holding.partner, holding.direction, holding.bill

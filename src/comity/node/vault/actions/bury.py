"""bury: remember by a keyed tag what was deleted on terms: it does not come back by another way (attack A81)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from comity.canon import Duration
from comity.node.vault.chunks import chunks
from comity.node.vault.models import Holding, Tombstone
from comity.node.vault.tags import Version, tags

KEPT = Duration("P2Y")


def tombstones(holdings: Iterable[Holding], now: dt.datetime, sunset: dt.datetime | None) -> list[Tombstone]:
    """Not yet written: they are committed together with the destruction of the keys.

    They lie for `KEPT`; until `sunset`, where whoever deletes names one that is later.
    """
    until = max(KEPT.after(now), sunset or now)
    named = tags((one.agreement, one.object_id, one.version) for one in holdings if one.direction == "received")
    return [Tombstone(tag=tag, until=until) for tag in sorted(named)]


def is_buried(agreement: str, object_id: str, version: str) -> bool:
    """Whether this version was deleted on the terms of this agreement. It lies as long as its tombstone."""
    return bool(buried([(agreement, object_id, version)]))


def buried(versions: Iterable[Version]) -> set[Version]:
    """Those of them that were deleted on terms: one question for each chunk."""
    named = tags(versions)
    rows = (Tombstone.objects.filter(tag__in=some).values_list("tag", flat=True) for some in chunks(list(named)))
    return {named[tag] for few in rows for tag in few}

"""sweep: delete what is over, and repair what broke off between the two databases. Idempotent; any number at once.

Repairs, from the states that a stop at any point leaves behind:
  a box without its key     the deletion's transaction failed after the key was destroyed: the deletion is finished
  a holding without a box   likewise
  a key without a box       the transaction that made it failed: destroyed once it is an hour old
The first is looked for each time, among the keys destroyed last. A thorough sweep compares the two databases whole, as
after one of them was restored; it takes about a second for fifty thousand boxes, so it is done once an hour.
INVARIANT: a box whose key is not to be found, and was never destroyed, is counted and left alone: then the database of
keys is another than it should be, and whoever deletes now deletes everything.
INVARIANT: while the log may not be signed, since this database may be yesterday's, no key without a box is destroyed:
its box is in the newer database, which is to be restored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db.models import QuerySet

from comity.node import clock
from comity.node.journal import actions as journal
from comity.node.vault.actions.delete import delete
from comity.node.vault.actions.destroy import destroy_keys, destroy_loose
from comity.node.vault.actions.hold import for_review
from comity.node.vault.actions.kinds import EXPIRY, KEY_DESTROYED
from comity.node.vault.actions.scrub import scrub
from comity.node.vault.chunks import SIZE, chunks
from comity.node.vault.models import Box, BoxKey, Holding, Tombstone

ORPHANED = dt.timedelta(hours=1)  # of real time: no transaction that is still to bring its boxes is older
REMEMBERED = dt.timedelta(days=400)  # of real time, for a destroyed key: no older copy of the database is restored
_AT_ONCE = 2_000  # rows of a pass over both databases
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did, in rows."""

    holdings: int  # expired, and deleted
    boxes: int  # expired ones of no holding, destroyed
    finished: int  # deletions that had broken off
    orphan_keys: int  # found; destroyed, unless this database may be an old one
    tombstones: int  # that had lain long enough
    held: int  # expired, and kept by a legal hold
    for_review: int  # legal holds that a person must look at
    keyless: int | None  # boxes whose key is missing and was never destroyed: somebody must look; None: not looked for
    scrubbed: bool  # no file holds a destroyed key any more; False: others were in the way, the next sweep tries


def due_for_deletion(now: dt.datetime) -> QuerySet[Holding]:
    """Holdings whose time is over and that nothing holds, the longest overdue first, those of a bill together."""
    return Holding.objects.filter(deleted_at=None, expires__lte=now, box__hold="").order_by("expires", "bill", "pk")


def sweep(now: dt.datetime, *, thorough: bool = True) -> Swept:
    """Bring the vault to what it should be at `now` (business time)."""
    expired = _delete_all(due_for_deletion(now), EXPIRY, now)
    boxes = _expired_boxes(now)
    tombstones, _ = Tombstone.objects.filter(until__lte=now).delete()
    finished, orphans, keyless = _finish(_destroyed_last(), now), 0, None
    if thorough:
        more, orphans, keyless = _repair(now)
        finished += more
    return Swept(
        holdings=expired,
        boxes=boxes,
        finished=finished,
        orphan_keys=orphans,
        tombstones=tombstones,
        held=Holding.objects.filter(deleted_at=None, expires__lte=now).exclude(box__hold="").exclude(box=None).count(),
        for_review=for_review(now).count(),
        keyless=keyless,
        scrubbed=scrub(patient=thorough),
    )


def sweep_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """What must not wait: what is over goes, and deletions that broke off are finished. For the table of due work."""
    del facts
    sweep(now, thorough=False)


def repair_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """A thorough sweep. For the table of due work, once an hour."""
    del facts
    sweep(now)


def _delete_all(found: QuerySet[Holding], why: str, now: dt.datetime) -> int:
    """Some at a time, each lot in a transaction of its own, so that nobody waits long for a lock."""
    count = 0
    while lot := list(found.only("pk")[:SIZE]):
        deleted = len(delete(lot, why, now))
        count += deleted
        if not deleted:  # somebody else put them all on hold, or deletes them
            break
    return count


def _expired_boxes(now: dt.datetime) -> int:
    over = Box.objects.filter(expires__lte=now, hold="", holding=None).order_by("expires", "pk")
    count = 0
    while lot := list(over.values_list("pk", flat=True)[:SIZE]):
        count += (gone := destroy_loose(lot))
        if not gone:
            break
    return count


def _destroyed_last() -> list[UUID]:
    """Boxes still there of the keys that were destroyed since a scrub went through."""
    keys = list(BoxKey.objects.filter(scrubbed=False).exclude(destroyed_at=None).values_list("box_id", flat=True))
    return [box for some in chunks(keys) for box in Box.objects.filter(pk__in=some).values_list("pk", flat=True)]


def _finish(boxes: list[UUID], now: dt.datetime) -> int:
    """Deletions that broke off after the keys were destroyed. How many holdings, and boxes of no holding, went."""
    finished = 0
    for some in chunks(boxes):
        broken = Holding.objects.filter(box_id__in=some, deleted_at=None, box__hold="")
        finished += len(delete(broken, KEY_DESTROYED, now)) + destroy_loose(some)
    return finished


def _repair(now: dt.datetime) -> tuple[int, int, int]:
    """Deletions finished, orphan keys found, boxes without any key left alone."""
    orphans, unfinished, keyless = _compare()
    if journal.may_sign():
        destroy_keys(orphans)
    boxless = Holding.objects.filter(deleted_at=None, box=None).order_by("pk")
    finished = _finish(unfinished, now) + _delete_all(boxless, KEY_DESTROYED, now)
    BoxKey.objects.filter(destroyed_at__lt=clock.real() - REMEMBERED, scrubbed=True).delete()
    if keyless:
        _log.error("vault:sweep:keyless", boxes=keyless)
    return finished, len(orphans), keyless


def _compare() -> tuple[list[UUID], list[UUID], int]:
    """Both databases side by side in the order of ids: orphan keys, boxes to finish, how many have no key at all."""
    orphans: list[UUID] = []
    unfinished: list[UUID] = []
    keyless: list[UUID] = []
    old = clock.real() - ORPHANED
    keys = BoxKey.objects.order_by("box_id").values_list("box_id", "made_at", "destroyed_at")
    boxes = Box.objects.order_by("pk").values_list("pk", flat=True).iterator(_AT_ONCE)
    box = next(boxes, None)
    for key, made_at, destroyed_at in keys.iterator(_AT_ONCE):
        while box is not None and box < key:
            keyless.append(box)
            box = next(boxes, None)
        if box == key:
            box = next(boxes, None)
            if destroyed_at is not None:
                unfinished.append(key)
        elif destroyed_at is None and made_at < old:
            orphans.append(key)
    keyless += [*([box] if box else []), *boxes]
    return orphans, unfinished, _still(keyless)


def _still(keyless: list[UUID]) -> int:
    """Asked once more, since a box may have come, or gone, between the two questions."""
    count = 0
    for some in chunks(keyless):
        with_key = BoxKey.objects.filter(box_id__in=some).values_list("box_id", flat=True)
        count += Box.objects.filter(pk__in=set(some) - set(with_key)).count()
    return count

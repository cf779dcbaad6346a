"""destroy: make boxes unreadable everywhere, in every copy of the database too, by destroying their keys.

INVARIANT: keys first, then rows. Where the caller's transaction then fails, or the machine stops, boxes are left
without their keys: they are noise, whoever asks is told so, and the sweep takes their rows away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from comity.canon import InputError
from comity.node import clock
from comity.node.databases import KEYS
from comity.node.vault.actions.scrub import scrub
from comity.node.vault.chunks import chunks
from comity.node.vault.models import Box, BoxKey, Tombstone


class OnHold(InputError):
    what = "{count} of these boxes are not destroyed"
    why = "they are held on a legal ground: {grounds}"
    do = "have the hold lifted by whoever ordered it, then delete again"


def destroy(boxes: Iterable[Box]) -> None:
    """Destroy boxes that belong to no holding (`delete` is for those that do). Again is no harm.

    Raises: OnHold, before anything is destroyed.
    """
    ids = [box.pk for box in boxes]
    with transaction.atomic():
        must_be_free(ids)
        destroy_keys(ids)
        remove_rows(ids)
    scrub(patient=False, wait=0)


def destroy_loose(ids: Sequence[UUID]) -> int:
    """As `destroy`, but for those on hold, which stay. How many were there and are not any more."""
    with transaction.atomic():
        free = [box_id for box_id, ground in locked(ids).items() if not ground]
        destroy_keys(free)
        remove_rows(free)
    return len(free)


def must_be_free(ids: Sequence[UUID]) -> None:
    """Raises: OnHold."""
    if grounds := [ground for ground in locked(ids).values() if ground]:
        raise OnHold(count=len(grounds), grounds=", ".join(sorted(set(grounds))))


def locked(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Those that are there, with the ground each is held on, and locked: nobody puts one on hold while it goes."""
    rows = Box.objects.order_by("pk").select_for_update().values_list("pk", "hold")
    return {box_id: ground for some in chunks(ids) for box_id, ground in rows.filter(pk__in=some)}


def destroy_keys(ids: Sequence[UUID], tombstones: Sequence[Tombstone] = ()) -> None:
    """Committed when this returns, and the tombstones with it: what is gone cannot come back in between."""
    with transaction.atomic(using=KEYS, durable=True):
        for few in chunks(tombstones, 400):
            Tombstone.objects.bulk_create(few, update_conflicts=True, unique_fields=["tag"], update_fields=["until"])
        for some in chunks(ids):
            living = BoxKey.objects.filter(box_id__in=some, destroyed_at=None)
            living.update(wrapped=b"", destroyed_at=clock.real())


def remove_rows(ids: Sequence[UUID]) -> None:
    """Whatever referred to them refers to nothing now."""
    for some in chunks(ids):
        Box.objects.filter(pk__in=some).only("pk").delete()

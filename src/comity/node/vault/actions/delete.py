"""delete: holdings go on terms. Content, key and digest are destroyed; the row stays as witness that it was here.

INVARIANT: what stays does not tell what was here: an id that could have been made of it gives way to a keyed one.

In this order, whatever happens in between: tombstones and the destruction of the keys are committed together, then come
the rows and the entry in the journal, in the caller's transaction. Where that fails, what is left is a holding that
claims to be there, whose box opens nowhere; the sweep finishes it, with an entry of its own. What the caller meant to
tell of it is lost with its transaction: whoever follows that entry has to tell it (`KEY_DESTROYED`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from comity.node.people.models import Person
from comity.node.vault.actions.bury import tombstones
from comity.node.vault.actions.destroy import destroy_keys, locked, remove_rows
from comity.node.vault.actions.entries import record
from comity.node.vault.actions.kinds import WHYS, must_be_known
from comity.node.vault.actions.scrub import scrub
from comity.node.vault.chunks import chunks
from comity.node.vault.models import Holding
from comity.node.vault.names import once_gone

DELETED, STAYED = "vault:holding:deleted", "vault:holding:stayed"


def delete(
    holdings: Iterable[Holding],
    why: str,
    now: dt.datetime,
    *,
    sunset: dt.datetime | None = None,
    by: Person | None = None,
) -> list[Holding]:
    """Delete holdings; those that a legal hold keeps stay, and the journal says so. Again is no harm.

    Args:    why: a code of `WHYS`. sunset: the end of their agreement, of what goes before its time: tombstones lie as
             long, at least. by: who had it done; None where a rule or a partner did.
    Returns: what was deleted now, with `deleted_at`, without `digest`, and by the name that the row has from now on.
    Raises:  UnknownCode.
    """
    must_be_known(why, WHYS, "reason to delete")
    ids = sorted({holding.pk for holding in holdings})
    with transaction.atomic():
        found = _locked(ids)
        boxes = locked([holding.box_id for holding in found if holding.box_id])
        held = {box_id: ground for box_id, ground in boxes.items() if ground}
        free = [holding for holding in found if holding.box_id not in held]
        gone = [box_id for box_id in boxes if box_id not in held]
        destroy_keys(gone, tombstones(free, now, sunset))
        _blank(free, why, now)
        remove_rows(gone)
        record(DELETED, free, {"why": why}, now=now, by=by)
        kept = [holding for holding in found if holding.box_id in held]
        record(STAYED, kept, {"why": why, "grounds": [*sorted(set(held.values()))]}, now=now, by=by)
    scrub(patient=False, wait=0)
    return free


def _locked(ids: list[UUID]) -> list[Holding]:
    live = Holding.objects.filter(deleted_at=None).order_by("pk").select_for_update()
    return [holding for some in chunks(ids) for holding in live.filter(pk__in=some)]


def _blank(holdings: list[Holding], why: str, now: dt.datetime) -> None:
    changes = {"box": None, "digest": "", "deleted_at": now, "deleted_why": why}
    for some in chunks([holding.pk for holding in holdings]):
        Holding.objects.filter(pk__in=some).update(**changes)
    for holding in holdings:
        for name, value in changes.items():
            setattr(holding, name, value)
    telling = [holding for holding in holdings if once_gone(holding.object_id) != holding.object_id]
    for holding in telling:
        holding.object_id = once_gone(holding.object_id)
    Holding.objects.bulk_update(telling, ("object_id",), batch_size=100)

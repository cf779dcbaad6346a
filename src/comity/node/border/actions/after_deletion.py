"""after_deletion: what follows when holdings were deleted. A reaction to `vault:holding:deleted`."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from comity.messages import DeletionCause
from comity.node.border.deletions import bill_that_came, forget_bill, forget_submission, send_deletion_receipt
from comity.node.border.models import Arrival, Release, Shelved
from comity.node.border.taking_off import broken_off, end_releases, lock_releases, take_off
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding

# What the origin is told of: deletions that its terms made due. The vault's codes and the message's.
_CAUSES = {
    "expiry": DeletionCause.EXPIRY,
    "key-destroyed": DeletionCause.EXPIRY,
    "sunset": DeletionCause.SUNSET,
    "withdrawal": DeletionCause.EXPIRY,
    "erasure": DeletionCause.EXPIRY,
}


def after_deletion(bill_id: str, now: dt.datetime) -> None:
    """Received: the origin gets a deletion receipt. Released: off the shelf, and the source with the last of it.

    A deletion that broke off is told here too: the sweep finished it, and the partner has what it was begun for.
    Idempotent: each deletion is told once, whatever becomes of whoever tells it.
    """
    with transaction.atomic():
        _received(bill_id, now)
    with transaction.atomic():
        _released(bill_id, now)


def _received(bill_id: str, now: dt.datetime) -> None:
    arrival = (
        Arrival.objects.select_for_update(of=("self",)).select_related("flow", "bill_box").filter(pk=bill_id).first()
    )
    bill = bill_that_came(arrival) if arrival is not None else None
    if arrival is None or bill is None:
        return
    mine = Holding.objects.filter(bill=bill_id, partner=arrival.flow.partner_id, direction=vault.RECEIVED)
    told, listed = set(arrival.told), vault.names_of(one["id"] for one in bill.content["listed"])
    gone = [holding for holding in mine.exclude(deleted_at=None) if str(holding.pk) not in told]
    for why in sorted({holding.deleted_why for holding in gone} & _CAUSES.keys()):
        some = [holding for holding in gone if holding.deleted_why == why]
        ids = frozenset(listed[holding.object_id] for holding in some)
        at = max(holding.deleted_at for holding in some if holding.deleted_at is not None)
        send_deletion_receipt(arrival, bill, ids, cause=_CAUSES[why], deleted_at=at, now=now)
    arrival.told = [*arrival.told, *(str(holding.pk) for holding in gone)]
    arrival.save(update_fields=["told"])
    forget_bill(arrival)


def _released(bill_id: str, now: dt.datetime) -> None:
    release = Release.objects.select_related("crossing__submission").filter(bill_id=bill_id).first()
    if release is None:
        return
    lock_releases([release.pk])
    gone = Shelved.objects.filter(release=release, withdrawn_at=None, holding__deleted_at__isnull=False)
    take_off(broken_off(gone, now), now=now)
    gone.update(withdrawn_at=now)
    end_releases([release.pk], now)
    _rename(bill_id)
    if release.crossing is not None:
        forget_submission(release.crossing.submission, now)


def _rename(bill_id: str) -> None:
    """Rows of what is off the shelf take the name of the holding that is gone (`vault.names`), of earlier releases too.

    INVARIANT: only once they are off: by what stands, and may be retracted, the partner's own id is asked for.
    """
    gone = Shelved.objects.filter(
        holding__bill=bill_id, holding__deleted_at__isnull=False, withdrawn_at__isnull=False
    ).exclude(object_id=F("holding__object_id"))
    name = Holding.objects.filter(pk=OuterRef("holding")).values("object_id")
    gone.update(object_id=Subquery(name))

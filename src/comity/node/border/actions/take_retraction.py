"""take_retraction: a partner takes back what it sent. Exactly what came under that bill is deleted, and proved so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from django.db import transaction

from comity.canon import loads, midnight
from comity.ledger import read_public_key
from comity.material import TLP_DEFINITIONS
from comity.messages import Bill, DeletionCause, Retracted, Retraction, verify_retraction
from comity.node.border.actions.take_receipt import NoSuchRelease
from comity.node.border.deletions import bill_that_came, forget_bill, gone_of, held_of, send_deletion_receipt
from comity.node.border.models import Arrival, Quarantined, Shelved
from comity.node.border.shelf import parts
from comity.node.treaties.models import Party
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, Holding


def take_retraction(partner: Party, retraction: Retraction, *, now: dt.datetime) -> Shelved | None:
    """Delete, and answer with a deletion receipt, which names what a legal hold keeps. Again gives the same answer.

    Never more than came with that bill: what is held under another agreement, or from another partner, stays.

    Returns: the deletion receipt on the shelf; None where everything was deleted and its bill with it.
    Raises:  NoSuchRelease, where it never came, or has not come yet; what `messages.verify_retraction` raises.
    """
    with transaction.atomic():
        rows = Arrival.objects.select_for_update(of=("self",)).select_related("flow", "bill_box")
        arrival = rows.filter(pk=retraction.bill_id, flow__partner=partner).first()
        if arrival is None:
            raise NoSuchRelease(message=retraction.name(), partner=partner.pk)
        if retraction.id in arrival.answers:
            return Shelved.objects.get(pk=arrival.answers[retraction.id])
        bill = bill_that_came(arrival)
        if bill is None:
            return None
        asked = verify_retraction(retraction, read_public_key(partner.key), bill)
        return _carry_out(arrival, bill, asked, now)


def _carry_out(arrival: Arrival, bill: Bill, asked: Retracted, now: dt.datetime) -> Shelved:
    mine = Holding.objects.filter(pk__in=[holding.pk for holding in _came_with(arrival, bill, asked.ids)])
    # What a bill lets be kept may be far from over: nothing that names it comes again before the agreement ends.
    sunset = midnight(arrival.flow.ends + dt.timedelta(days=1))
    deleted = vault.delete(mine, "retraction", now, sunset=sunset)
    vault.destroy(_set_apart(bill, asked.ids))
    held = held_of(mine, now)
    row = send_deletion_receipt(
        arrival,
        bill,
        gone_of(asked.ids, held),
        held=held,
        cause=DeletionCause.RETRACTION,
        retraction=asked.retraction,
        now=now,
    )
    arrival.answers = {**arrival.answers, asked.retraction: row.pk}
    arrival.told = [*arrival.told, *(str(holding.pk) for holding in deleted)]
    arrival.save(update_fields=["answers", "told"])
    forget_bill(arrival)
    return row


def _set_apart(bill: Bill, ids: Collection[str]) -> list[Box]:
    """What was set apart of them; one whose id had no room in the table says it itself."""
    rows = Quarantined.objects.filter(bill_id=bill.id).exclude(box=None).select_related("box")
    boxes = [(row.object_id, row.box) for row in rows if row.box is not None]
    unnamed = vault.opened_many(box for name, box in boxes if not name)
    named = [(name or (loads(unnamed[box.pk])["id"] if box.pk in unnamed else ""), box) for name, box in boxes]
    asked = {*ids, *map(vault.once_gone, ids)}
    return [box for name, box in named if name in asked]


def _came_with(arrival: Arrival, bill: Bill, ids: Collection[str]) -> Iterator[Holding]:
    """What is held of the objects as this bill lists them, also where an earlier bill had brought the very same.

    INVARIANT: an observable whose content another bill has replaced did not come with this one, and stays.
    """
    listed = {(one["id"], one.get("version", "")): one["digest"] for one in bill.content["listed"]}
    rows = Holding.objects.filter(
        agreement=arrival.flow.agreement,
        partner=arrival.flow.partner_id,
        direction=vault.RECEIVED,
        deleted_at=None,
    )
    for some in parts(sorted(ids)):
        for holding in rows.filter(object_id__in=some):
            came = listed.get((holding.object_id, holding.version))
            if came is not None and (came == holding.digest or holding.object_id in TLP_DEFINITIONS):
                yield holding

"""publish: once a release's entry is witnessed, its bill gets the proof, and partners can read it. Due work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from comity.canon import ProofError, dumps
from comity.ledger import Statement
from comity.messages import with_proof
from comity.node.border.actions.release_waiting import schedule_waiting
from comity.node.border.models import Release, Shelved
from comity.node.border.partner_collections import locked, material_of
from comity.node.border.shelving import date
from comity.node.border.taking_off import bill_of
from comity.node.journal import actions as journal
from comity.node.treaties import actions as treaties
from comity.node.vault import actions as vault


class BillGone(ProofError):
    what = "release {bill} cannot be published"
    why = "its bill can no longer be opened, so nobody could verify what came with it"
    do = "withdraw the release, and release the submission again"


def publish(size: int | None = None, *, now: dt.datetime) -> list[Release]:
    """Publish what the newest witnessed checkpoint covers, in the order of the log.

    Args:    size: entries of that checkpoint; asked of the journal when absent. Never more than it says.
    Returns: what was published now. Each in a transaction of its own; again is no harm. What too few of the parties of
             its own agreement have witnessed waits for them: its partner would refuse it.
    Raises:  BillGone.
    """
    covered = journal.published_size() if size is None else min(size, journal.published_size())
    waiting = Release.objects.filter(published_at=None, withdrawn_at=None, entry__index__lt=covered)
    found = []
    for pk in list(waiting.order_by("entry__index").values_list("pk", flat=True)):
        if (release := _publish(pk, now)) is not None:
            found.append(release)
    return found


def _publish(pk: UUID, now: dt.datetime) -> Release | None:
    flow = Release.objects.select_related("flow").get(pk=pk).flow
    with transaction.atomic():
        # INVARIANT: the shelf, then the release, then its rows, in the order in which a crossing takes off.
        collection = locked(material_of(flow))
        rows = Release.objects.select_for_update(of=("self",)).select_related(
            "flow__text__baseline", "entry", "bill_box"
        )
        release = rows.filter(pk=pk, published_at=None, withdrawn_at=None).first()
        if release is None:  # another did it meanwhile, or it was withdrawn
            return None
        try:
            _prove(release, now)
        except journal.NotYetProved:
            return None
        items = Shelved.objects.filter(release=release, collection=collection, withdrawn_at=None, date_added=None)
        date(collection, list(items.order_by("pk")), now)
        release.published_at = now
        release.save(update_fields=["published_at", "bill_box"])
    return release


def _prove(release: Release, now: dt.datetime) -> None:
    """Seal the bill anew with its entry, the salt that opens it, and the proof that witnesses have seen it."""
    bill, old = bill_of(release), release.bill_box
    if bill is None or old is None:
        raise BillGone(bill=release.bill_id)
    entry = Statement.parse(bytes(release.entry.body))
    witnesses = treaties.witnessing(release.flow.text, release.flow.origin)
    proved = with_proof(bill, entry, journal.salt_of(release.entry), journal.prove(release.entry, witnesses))
    release.bill_box = vault.seal("bill", dumps(dict(proved.content)), now=now, expires=old.expires)
    Shelved.objects.filter(release=release, box=old).update(box=release.bill_box)
    # Not destroyed here: were this transaction to fail, the release would have lost its bill. The sweep does it.
    old.expires = now
    old.save(update_fields=["expires"])


def publish_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """`publish` for the table of due work; what only waited for proof goes now."""
    publish(facts.get("size"), now=now)
    schedule_waiting(now)

"""take_receipt: a partner countersigned what it stored of a release of ours."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import transaction

from comity.canon import Json, ProofError, dumps
from comity.ledger import read_public_key
from comity.messages import FollowUp, Receipt, verify_receipt
from comity.node.border.models import Release
from comity.node.border.taking_off import bill_of
from comity.node.journal import actions as journal
from comity.node.treaties.models import Party
from comity.node.vault import actions as vault

COUNTERSIGNED = "border:release:countersigned"


class NoSuchRelease(ProofError):
    what = "the {message} was not taken"
    why = "no release between us and {partner} that is still kept has the bill that it names"
    do = "if the release is still on its way, try again once it has come; else there is nothing that it is about"
    http_status = 409


def take_receipt(partner: Party, receipt: Receipt, *, now: dt.datetime) -> Release:
    """Verify it against the bill that we signed, and keep it. Again is no harm; one that says more replaces it.

    The transfer is complete when the partner countersigned the root for all of it (promise 10).
    Raises: NoSuchRelease; what `messages.verify_receipt` raises.
    """
    with transaction.atomic():
        release = ours(partner, receipt)
        bill = bill_of(release)
        if bill is None:
            raise NoSuchRelease(message=receipt.name(), partner=partner.pk)
        said = verify_receipt(receipt, read_public_key(partner.key), bill)
        if release.receipt_box is not None and not _newer(release, receipt):
            return release
        if release.receipt_box is not None:
            release.receipt_box.expires = now  # the sweep destroys it
            release.receipt_box.save(update_fields=["expires"])
        expires = release.bill_box.expires if release.bill_box else None
        release.receipt_box = vault.seal("receipt", dumps(dict(receipt.content)), now=now, expires=expires)
        release.complete_at = now if said.complete else None
        release.save(update_fields=["receipt_box", "complete_at"])
        facts: dict[str, Json] = {
            "bill": bill.id,
            "stored": said.stored,
            "missing": dict(Counter(one.reason.value for one in said.missing)),
        }
        journal.record(COUNTERSIGNED, bill.id, kind="receipt", facts=facts, now=now, commits_to=receipt.digest)
    return release


def ours(partner: Party, message: FollowUp) -> Release:
    """The release of ours that a partner's message is about, locked. Raises: NoSuchRelease."""
    rows = Release.objects.select_for_update(of=("self",)).select_related("flow", "bill_box", "receipt_box")
    release = rows.filter(bill_id=message.bill_id, flow__partner=partner, flow__outward=True).first()
    if release is None:
        raise NoSuchRelease(message=message.name(), partner=partner.pk)
    return release


def _newer(release: Release, receipt: Receipt) -> bool:
    """INVARIANT: an old receipt never replaces a newer one (attack A73)."""
    if release.receipt_box is None:
        return True
    kept = vault.opened_many([release.receipt_box]).get(release.receipt_box.pk)
    return kept is None or Receipt.read(kept).made_at < receipt.made_at

"""take_deletion_receipt: a partner says what it deleted of a release of ours, or what it holds back, and why."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.canon import Json
from comity.ledger import read_public_key
from comity.messages import DeletionReceipt, verify_deletion_receipt
from comity.node.border.actions.take_receipt import NoSuchRelease, ours
from comity.node.border.deletions import forget_release
from comity.node.border.models import Release, Shelved, Withdrawal
from comity.node.border.shelf import parts
from comity.node.border.taking_off import bill_of
from comity.node.journal import actions as journal
from comity.node.treaties.models import Party
from comity.node.vault import actions as vault

DELETED_THERE = "border:release:deleted-there"


def take_deletion_receipt(partner: Party, receipt: DeletionReceipt, *, now: dt.datetime) -> Release:
    """Verify it against the bill that we signed, and note what is gone there. Again is no harm.

    Raises: NoSuchRelease; what `messages.verify_deletion_receipt` raises.
    """
    with transaction.atomic():
        release = ours(partner, receipt)
        bill = bill_of(release)
        if bill is None:
            raise NoSuchRelease(message=receipt.name(), partner=partner.pk)
        withdrawals = Withdrawal.objects.filter(release=release)
        said = verify_deletion_receipt(
            receipt,
            read_public_key(partner.key),
            bill,
            retractions=frozenset(withdrawals.values_list("pk", flat=True)),
        )
        at = said.deleted_at or now
        for some in parts(sorted(vault.names_of(said.ids))):  # what went here too has another name
            there = Shelved.objects.filter(release=release, object_id__in=some, deleted_there_at=None)
            there.update(deleted_there_at=at)
        withdrawals.filter(pk=said.retraction, answered_at=None).update(answered_at=now)
        facts: dict[str, Json] = {
            "bill": bill.id,
            "cause": said.cause.value,
            "count": len(said.ids),
            "held": sum(len(hold.ids) for hold in said.held),
        }
        journal.record(DELETED_THERE, bill.id, kind="deletion", facts=facts, now=now, commits_to=receipt.digest)
        forget_release(release)
    return release

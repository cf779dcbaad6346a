"""What deletion leaves to do: receipts for the origin, and forgetting what nothing stands on any more."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Max, QuerySet

from comity.messages import Bill, DeletionCause, Hold, HoldGround, make_deletion_receipt, read_bill, sign_message
from comity.node import chance, keyring
from comity.node.border.models import Arrival, Quarantined, Question, Release, Shelved, Strip, Submission
from comity.node.border.shelf import lasting
from comity.node.border.shelving import shelve_message
from comity.node.border.sources import SOURCE_KEPT, boxes_of, locked_source
from comity.node.journal import actions as journal
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, Holding

REVIEWED_WITHIN = dt.timedelta(days=30)  # where a hold does not say when it is looked at again
# The vault's legal grounds in the words of the message.
_GROUNDS = {
    "legal-claims": HoldGround.LEGAL_CLAIMS,
    "legal-obligation": HoldGround.LEGAL_OBLIGATION,
    "court-order": HoldGround.JUDICIAL_PROCEEDINGS,
    "supervisory-order": HoldGround.LEGAL_OBLIGATION,
    "criminal-investigation": HoldGround.CRIME_INVESTIGATION,
    "accuracy-contested": HoldGround.LEGAL_CLAIMS,
}


def bill_that_came(arrival: Arrival) -> Bill | None:
    """The bill of a release that came; None once nothing of it is kept."""
    if arrival.bill_box is None:
        return None
    data = vault.opened_many([arrival.bill_box]).get(arrival.bill_box.pk)
    return None if data is None else read_bill(data)


def forget_bill(arrival: Arrival) -> None:
    """Once nothing of a release that came is held, and its origin was told so: its bill, with what was set apart.

    INVARIANT: while anything of it can be opened its originator can take it back, and its bill is what proves that.
    """
    if arrival.bill_box is None:
        return
    holdings = Holding.objects.filter(bill=arrival.pk, partner=arrival.flow.partner_id, direction=vault.RECEIVED)
    if {str(pk) for pk in holdings.values_list("pk", flat=True)} - set(arrival.told):
        return
    apart = Quarantined.objects.filter(bill_id=arrival.pk).exclude(box=None)
    if (last := apart.aggregate(last=Max("box__expires"))["last"]) is None:
        vault.destroy([arrival.bill_box])
    else:
        vault.shorten_boxes(Box.objects.filter(pk=arrival.bill_box.pk), last)


def held_of(holdings: QuerySet[Holding], now: dt.datetime) -> tuple[Hold, ...]:
    """What is due and stays, by its ground."""
    stays = holdings.filter(deleted_at=None).exclude(box=None).exclude(box__hold="").select_related("box")
    ids: defaultdict[HoldGround, set[str]] = defaultdict(set)
    review: dict[HoldGround, dt.datetime] = {}
    for holding in stays:
        if holding.box is None:
            continue
        ground = _GROUNDS.get(holding.box.hold, HoldGround.COLLISION)
        at = max(holding.box.hold_review or now + REVIEWED_WITHIN, now)
        ids[ground].add(holding.object_id)
        review[ground] = min(at, review.get(ground, at))
    return tuple(Hold(ids=frozenset(ids[g]), ground=g, review_by=review[g]) for g in sorted(ids))


def gone_of(asked: Iterable[str], held: Iterable[Hold]) -> frozenset[str]:
    """Of the objects asked about, those of which nothing is kept: also what was never stored."""
    return frozenset(asked).difference(*(hold.ids for hold in held))


def send_deletion_receipt(
    arrival: Arrival,
    bill: Bill,
    deleted: frozenset[str],
    *,
    cause: DeletionCause,
    held: tuple[Hold, ...] = (),
    retraction: str | None = None,
    deleted_at: dt.datetime | None = None,
    now: dt.datetime,
) -> Shelved:
    """Put a deletion receipt on the origin's shelf. In the caller's transaction, in which the keys are gone already."""
    key = keyring.held().signing
    receipt = make_deletion_receipt(
        bill,
        deleted,
        cause=cause,
        deleted_at=(deleted_at or now) if deleted else None,
        held=held,
        retraction=retraction,
        made_at=now,
        key=key.public_key(),
        secret=chance.octets(32),
    )
    return shelve_message(
        arrival.flow.partner_id,
        sign_message(receipt, key),
        kind="deletion",
        facts={"bill": bill.id, "cause": cause.value, "count": len(deleted)},
        now=now,
    )


def forget_release(release: Release) -> None:
    """Once all of it is gone here and there: its bill and what opens its entry. In the caller's transaction.

    INVARIANT: a bill has a digest of each object, and from the digest of a short one the object can be guessed.
    """
    objects = Shelved.objects.filter(release=release, holding__isnull=False)
    if objects.filter(deleted_there_at=None).exists() or objects.filter(holding__deleted_at=None).exists():
        return
    boxes = [box for box in (release.bill_box_id, release.receipt_box_id) if box is not None]
    vault.destroy(Box.objects.filter(pk__in=boxes))
    journal.destroy_salts([release.bill_id])


def forget_submission(submission: Submission, now: dt.datetime) -> None:
    """Once nothing of it stands with a partner and nothing waits: its source, records and circumstances, and names.

    What only waits has as long as a file of which nothing ever went. In the caller's transaction; again is no harm.
    """
    source = locked_source(submission)  # what somebody sends of it meanwhile stands by now, or finds it gone
    if _stands(submission):
        return
    boxes = Box.objects.filter(pk__in=boxes_of(submission))
    if source is not None and _waits(submission, now):
        vault.shorten_boxes(boxes, now + SOURCE_KEPT)
        return
    vault.destroy(boxes)
    for rows in (Question.objects.filter(submission=submission), Strip.objects.filter(submission=submission)):
        for name in rows.values_list("object_id", flat=True).distinct():
            rows.filter(object_id=name).update(object_id=vault.once_gone(name))
    # The lists of what a conversion lost, and of what was invalid, name objects; how many there were is in the journal.
    Submission.objects.filter(pk=submission.pk, deleted_at=None).update(deleted_at=now, losses=[], invalid=[])


def _stands(submission: Submission) -> bool:
    """Whether a partner has anything of it; what lasts to the end of the agreement says nothing of the submission."""
    standing = Shelved.objects.filter(
        release__crossing__submission=submission, holding__isnull=False, withdrawn_at=None
    ).select_related("release__flow")
    for row in standing:
        flow = row.release.flow if row.release is not None else None
        if flow is None or row.object_id not in lasting(keyring.held().agreement(flow.agreement), flow.origin):
            return True
    return False


def _waits(submission: Submission, now: dt.datetime) -> bool:
    """Whether a person is asked, or something may go as soon as the node may release again."""
    asked = Question.objects.filter(submission=submission, state=Question.ASKED, expires__gt=now)
    return asked.exists() or submission.crossings.filter(latest=True).exclude(waits="").exists()

"""overdue: what partners owe us and have not given: receipts for releases, and proof that they deleted (attack A80)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, Q

from comity.node.border.models import Release, Shelved, Withdrawal
from comity.node.exchange.client.agreed import Proves, others
from comity.node.exchange.incoming.pausing import alarm

RECEIPT_WITHIN = dt.timedelta(hours=24)  # from when it could be read
DELETED_WITHIN = dt.timedelta(hours=72)  # from when it expired; a retraction says itself by when
RECEIPT, RETRACTED, EXPIRED = "receipt-overdue", "retraction-overdue", "expiry-overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """One duty of a partner's that is not kept. No receipt counts as a breach."""

    party: str
    code: str
    bill: str
    since: dt.datetime


def overdue(now: dt.datetime) -> list[Overdue]:
    """The oldest first. Nothing is owed by a party whose capability, as agreed, is not to give it."""
    able = {one.party.pk: one.proves for one in others()}
    found = [*_receipts(now), *_retractions(now), *_expiries(now)]
    owed = [one for one in found if one.party in able and _owes(able[one.party], one.code)]
    return sorted(owed, key=lambda one: (one.since, one.bill))


def watch_overdue(now: dt.datetime) -> Counter[str]:
    """Raise an alarm for each partner and kind; it stands until a person has looked. Returns: how many, by kind."""
    found = overdue(now)
    for party, code in sorted({(one.party, one.code) for one in found}):
        alarm(code, party, now)
    return Counter(one.code for one in found)


def _owes(proves: Proves, code: str) -> bool:
    return proves.receipts if code == RECEIPT else proves.deletes


def _receipts(now: dt.datetime) -> Iterator[Overdue]:
    rows = Release.objects.filter(published_at__lt=now - RECEIPT_WITHIN, receipt_box=None, withdrawn_at=None)
    for row in rows.filter(complete_at=None).select_related("flow"):
        if row.published_at is not None:
            since = row.published_at + RECEIPT_WITHIN
            yield Overdue(party=row.flow.partner_id, code=RECEIPT, bill=row.bill_id, since=since)


def _retractions(now: dt.datetime) -> Iterator[Overdue]:
    """Of what they said that they had."""
    rows = Withdrawal.objects.filter(answered_at=None, delete_by__lt=now, release__receipt_box__isnull=False)
    for row in rows.select_related("release__flow"):
        party = row.release.flow.partner_id
        yield Overdue(party=party, code=RETRACTED, bill=row.release.bill_id, since=row.delete_by)


def _expiries(now: dt.datetime) -> Iterator[Overdue]:
    """Of releases that they stored whole, since nobody deletes what he did not store; and not of what was retracted."""
    ended = Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("expires"))
    rows = Shelved.objects.filter(ended, holding__isnull=False, deleted_there_at=None, expires__lt=now - DELETED_WITHIN)
    kept = rows.filter(release__complete_at__isnull=False).select_related("release__flow").order_by("expires")
    told: set[str] = set()
    for row in kept:
        if row.release is not None and row.expires is not None and row.release.bill_id not in told:
            told.add(row.release.bill_id)
            party, since = row.release.flow.partner_id, row.expires + DELETED_WITHIN
            yield Overdue(party=party, code=EXPIRED, bill=row.release.bill_id, since=since)

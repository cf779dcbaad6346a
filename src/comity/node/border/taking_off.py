"""Taking off the shelf: rows are withdrawn at once, their boxes destroyed, and the partner told to delete."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db.models import F, Q, QuerySet

from comity.messages import Bill, Withdrawal, make_retraction, read_bill, sign_message
from comity.node import chance, keyring
from comity.node.border.delta import Off
from comity.node.border.models import Collection as Shelf
from comity.node.border.models import Release, Shelved
from comity.node.border.models import Withdrawal as WithdrawalRow
from comity.node.border.shelf import lapsed_consent, on_shelf, parts
from comity.node.border.shelving import shelve_message
from comity.node.people.models import Person
from comity.node.vault import actions as vault

DELETE_WITHIN = dt.timedelta(hours=72)  # what we give a partner to delete in
RETRACTION = "retraction"
# Why a holding is deleted, in the vault's codes, where it is for another reason than that.
_WHY = {
    Withdrawal.CONSENT_WITHDRAWN: "withdrawal",
    Withdrawal.AGREEMENT_ENDED: "sunset",
    Withdrawal.ERASURE: "erasure",
}


def take_off(off: Iterable[Off], *, now: dt.datetime, by: Person | None = None) -> list[WithdrawalRow]:
    """Withdraw these rows: what nobody has read is gone, and what was published is retracted.

    In the caller's transaction. Keys are destroyed whatever becomes of it (`vault.delete`): what should come off is
    unreadable from then on, and where the transaction then fails, `broken_off` finds what is still to be told.
    Returns: the retractions that were sent.
    """
    asked = {one.row: one for one in off}
    rows = _locked(sorted(asked))
    by_cause: defaultdict[Withdrawal, list[Shelved]] = defaultdict(list)
    by_release: defaultdict[tuple[Release, Withdrawal], list[Shelved]] = defaultdict(list)
    for row in rows:
        cause = asked[row.pk].why
        by_cause[cause].append(row)
        if asked[row.pk].told and row.release is not None:
            by_release[row.release, cause].append(row)
    for some in parts([row.pk for row in rows]):
        Shelved.objects.filter(pk__in=some).update(withdrawn_at=now)
    over = end_releases(sorted({row.release_id for row in rows if row.release_id}), now)
    sent = [
        _retract(release, cause, found, now, by)
        for (release, cause), found in by_release.items()
        # INVARIANT: whoever gets the bill, or has it, is told. Only what nobody ever could read goes without a word.
        if release.published_at is not None or release.pk not in over
    ]
    for cause, found in by_cause.items():
        vault.delete([row.holding for row in found if row.holding is not None], _WHY.get(cause, RETRACTION), now, by=by)
    return [one for one in sent if one is not None]


def broken_off(rows: QuerySet[Shelved], now: dt.datetime) -> list[Off]:
    """Of these rows those whose keys went before their time, by a taking off whose transaction then failed.

    INVARIANT: the partner is told of them all the same. Whoever began it may never come back, and if they do they find
    nothing left to take back. Why it was begun is known only where a consent lapsed.
    """
    gone = rows.filter(holding__deleted_why=vault.KEY_DESTROYED, holding__deleted_at__lt=F("holding__expires"))
    return [
        Off(row=row, why=Withdrawal.CONSENT_WITHDRAWN if lapsed else Withdrawal.ERROR)
        for row, lapsed in gone.annotate(lapsed=lapsed_consent(now)).values_list("pk", "lapsed")
    ]


def clear_dead(collection: Shelf, ids: Sequence[str], *, now: dt.datetime, by: Person | None = None) -> None:
    """Rows of these objects that nobody can read any more come off before others take their place.

    What has expired is deleted on both sides by itself; of what stood on a lapsed consent, and of what a taking off
    that broke off has made unreadable, the partner is told.
    """
    for some in parts(sorted(ids)):
        rows = Shelved.objects.filter(collection=collection, object_id__in=some, withdrawn_at=None)
        dead = rows.exclude(pk__in=on_shelf(rows, now).values("pk"))
        take_off(broken_off(dead, now), now=now, by=by)
        over = dead.filter(Q(expires__lte=now) | Q(holding__deleted_at__isnull=False) | Q(holding__expires__lte=now))
        expired = list(over.select_related("holding"))
        lapsed = list(dead.exclude(pk__in=[row.pk for row in expired]).values_list("pk", flat=True))
        take_off([Off(row=row, why=Withdrawal.CONSENT_WITHDRAWN) for row in lapsed], now=now, by=by)
        Shelved.objects.filter(pk__in=[row.pk for row in expired]).update(withdrawn_at=now)
        vault.delete([row.holding for row in expired if row.holding is not None], "expiry", now, by=by)


def _locked(ids: Sequence[int]) -> list[Shelved]:
    """Those that have not come off yet.

    INVARIANT: releases before their rows, as `publish` locks them, so that the two never wait for each other. And
    whether a release is published is read once nobody can publish it any more.
    """
    named = (Shelved.objects.filter(pk__in=some).values_list("release", flat=True) for some in parts(ids))
    lock_releases({release for few in named for release in few if release is not None})
    rows = Shelved.objects.select_for_update(of=("self",)).filter(withdrawn_at=None).order_by("pk")
    rows = rows.select_related("release__flow", "release__bill_box", "collection", "holding")
    return [row for some in parts(ids) for row in rows.filter(pk__in=some)]


def lock_releases(releases: Iterable[UUID]) -> None:
    """In one order, until the transaction ends."""
    rows = Release.objects.select_for_update().order_by("pk").values_list("pk", flat=True)
    for some in parts(sorted(releases)):
        list(rows.filter(pk__in=some))


def end_releases(releases: Iterable[UUID], now: dt.datetime) -> set[UUID]:
    """Releases of which nothing stands any more: their bills come off too, for a bill has a digest of each object."""
    rows = Shelved.objects.filter(withdrawn_at=None, holding__isnull=False)
    over = {pk for pk in releases if not rows.filter(release=pk).exists()}
    Release.objects.filter(pk__in=over, withdrawn_at=None).update(withdrawn_at=now)
    Shelved.objects.filter(release__in=over, withdrawn_at=None, object_type=Bill.stix_type()).update(withdrawn_at=now)
    return over


def bill_of(release: Release) -> Bill | None:
    """The bill that went, with its proof once it was published; None when it was deleted."""
    if release.bill_box is None:
        return None
    data = vault.opened_many([release.bill_box]).get(release.bill_box.pk)
    return None if data is None else read_bill(data)


def _retract(
    release: Release, why: Withdrawal, rows: Collection[Shelved], now: dt.datetime, by: Person | None
) -> WithdrawalRow | None:
    bill = bill_of(release)
    if bill is None:
        return None  # everything that it listed is long deleted, on both sides
    ids = {row.object_id for row in rows}
    listed = {one["id"] for one in bill.content["listed"]}
    key = keyring.held().signing
    message = make_retraction(
        bill,
        None if ids == listed else sorted(ids),
        reason=why,
        delete_by=now + DELETE_WITHIN,
        made_at=now,
        key=key.public_key(),
        secret=chance.octets(32),
    )
    signed = sign_message(message, key)
    shelve_message(
        release.flow.partner_id,
        signed,
        kind="deletion",
        facts={"bill": bill.id, "why": why.value, "count": len(ids)},
        now=now,
        release=release,
        by=by,
        expires=release.bill_box.expires if release.bill_box else None,
    )
    row = WithdrawalRow(id=signed.id, release=release, why=why.value, at=now, delete_by=now + DELETE_WITHIN)
    row.save(force_insert=True)
    return row

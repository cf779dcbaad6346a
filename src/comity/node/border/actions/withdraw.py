"""withdraw: take back what was released. It is off the shelf at once, and the partner is told to delete it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from comity.canon import InputError, Json, printable
from comity.messages import Withdrawal
from comity.node.border.delta import Off
from comity.node.border.models import Release, Shelved
from comity.node.border.models import Withdrawal as WithdrawalRow
from comity.node.border.shelf import parts
from comity.node.border.taking_off import take_off
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties.models import Flow

WITHDRAWN = "border:release:withdrawn"


class NotInRelease(InputError):
    what = "nothing was withdrawn"
    why = "the release has no object {object_id} that still stands"
    do = "look at what the release holds, and name objects of it"
    http_status = 404


def withdraw(
    release: Release,
    *,
    objects: Collection[str] | None = None,
    why: Withdrawal,
    by: Person,
    now: dt.datetime,
) -> list[WithdrawalRow]:
    """Withdraw a release, or some objects of it.

    Args:    objects: the ids under which they left; None: all of it.
    Returns: the retractions that were sent: none where nobody could have read it yet.
    Raises:  NotAllowed, NotInRelease.
    """
    people.require(by, "withdraw", now)
    with transaction.atomic():
        rows = Shelved.objects.filter(release=release, withdrawn_at=None, holding__isnull=False)
        there = dict(rows.values_list("object_id", "pk"))
        wanted = there if objects is None else {name: there.get(name) for name in objects}
        for name, row in wanted.items():
            if row is None:
                raise NotInRelease(object_id=printable(name))
        facts: dict[str, Json] = {"bill": release.bill_id, "why": why.value, "count": len(wanted)}
        journal.record(WITHDRAWN, release.bill_id, kind="deletion", facts=facts, now=now, actor=by)
        return take_off([Off(row=row, why=why) for row in wanted.values() if row is not None], now=now, by=by)


def withdraw_for_consent(consent_id: str, now: dt.datetime) -> None:
    """After a consent was withdrawn: whatever stands on it comes off, and is retracted. A reaction."""
    with transaction.atomic():
        rows = Shelved.objects.filter(consents__pk=consent_id, withdrawn_at=None).values_list("pk", flat=True)
        take_off([Off(row=row, why=Withdrawal.CONSENT_WITHDRAWN) for row in rows], now=now)


def withdraw_flow(flow: Flow, *, why: Withdrawal, now: dt.datetime, by: Person | None = None) -> list[WithdrawalRow]:
    """Whatever stands of a flow that has ended before its time, or may not go on, comes off and is retracted.

    A flow that is merely suspended hides what stands on it (`door`), and shows it again when it is resumed.
    """
    sent: list[WithdrawalRow] = []
    rows = Shelved.objects.filter(collection__flow=flow, withdrawn_at=None, holding__isnull=False)
    for some in parts(list(rows.values_list("pk", flat=True))):
        with transaction.atomic():
            sent += take_off([Off(row=row, why=why) for row in some], now=now, by=by)
    return sent

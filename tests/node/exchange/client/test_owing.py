"""Partners that fall silent: what they owe is counted, shown and alarmed, and no receipt counts as a breach."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.node.world import BR, indicator

from comity.messages import (
    DeletionCause,
    Retraction,
    Withdrawal,
    make_deletion_receipt,
    make_receipt,
    message_of,
    sign_message,
)
from comity.node import chance
from comity.node.border import actions as border
from comity.node.border.models import Release
from comity.node.exchange import actions
from comity.node.journal.models import Entry
from comity.node.treaties.models import Text
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding

from .neighbourhood import Neighbourhood

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def sent(near: Neighbourhood) -> Neighbourhood:
    """We released something to cert-br, and it is published."""
    near.meet()
    near.world.sent([indicator("ours")])
    return near


def countersign(near: Neighbourhood) -> None:
    """cert-br stored all of it, and says so."""
    key = near.br.origin.key
    for bill in near.world.bills(BR):
        receipt = make_receipt(bill, made_at=near.world.now, key=key.public_key(), secret=chance.octets(32))
        near.br.put([dict(sign_message(receipt, key).content)], near.br.outbox)
    assert near.pull() == ""


def owed(near: Neighbourhood) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in actions.overdue(near.world.now):
        assert one.party == BR
        found[one.code] = found.get(one.code, 0) + 1
    return found


def test_a_receipt_is_owed_a_day_after_the_release_could_be_read(sent: Neighbourhood):
    """Attack A80: the silent partner."""
    count = Release.objects.count()
    sent.world.later(DAY)
    assert owed(sent) == {}
    sent.world.later(HOUR)
    assert owed(sent) == {"receipt-overdue": count}
    (first, *_) = actions.overdue(sent.world.now)
    assert first.since == sent.world.now - HOUR


def test_what_is_owed_is_alarmed_once_for_each_partner_and_is_in_the_ledger(sent: Neighbourhood):
    sent.world.later(DAY + HOUR)
    sent.work("tidy")
    sent.work("tidy")
    assert sent.alarms() == {"receipt-overdue"}
    assert Entry.objects.filter(event="journal:alarm:raised").count() == 1


def test_a_partner_that_countersigns_owes_nothing(sent: Neighbourhood):
    countersign(sent)
    sent.world.later(2 * DAY)
    assert owed(sent) == {}


def test_a_receipt_that_comes_late_ends_it(sent: Neighbourhood):
    sent.world.later(2 * DAY)
    sent.meet()
    countersign(sent)
    assert owed(sent) == {}


def test_a_retraction_that_is_not_answered_by_its_day_is_owed(sent: Neighbourhood):
    """Attack A80: it is told to delete, and says nothing."""
    countersign(sent)
    release = Release.objects.order_by("-entry__index")[0]
    (row,) = border.withdraw(release, why=Withdrawal.ERROR, by=sent.world.officer, now=sent.world.now)
    sent.world.later(row.delete_by - sent.world.now)
    assert owed(sent) == {}
    sent.world.later(HOUR)
    assert owed(sent) == {"retraction-overdue": 1}


def test_a_deletion_receipt_ends_it(sent: Neighbourhood):
    countersign(sent)
    release = Release.objects.order_by("-entry__index")[0]
    (bill,) = [one for one in sent.world.bills(BR) if one.id == release.bill_id]
    border.withdraw(release, why=Withdrawal.ERROR, by=sent.world.officer, now=sent.world.now)
    (retraction,) = [message_of(one) for one in sent.world.told(BR) if one["type"] == "comity-retraction"]
    assert isinstance(retraction, Retraction)
    key = sent.br.origin.key
    receipt = make_deletion_receipt(
        bill,
        {one["id"] for one in bill.content["listed"]},
        cause=DeletionCause.RETRACTION,
        retraction=retraction.id,
        deleted_at=sent.world.now,
        made_at=sent.world.now,
        key=key.public_key(),
        secret=chance.octets(32),
    )
    sent.br.put([dict(sign_message(receipt, key).content)], sent.br.outbox)
    assert sent.pull() == ""
    sent.world.later(10 * DAY)
    assert owed(sent) == {}


def test_what_was_withdrawn_before_the_partner_said_that_it_had_it_is_not_owed(sent: Neighbourhood):
    release = Release.objects.order_by("-entry__index")[0]
    border.withdraw(release, why=Withdrawal.ERROR, by=sent.world.officer, now=sent.world.now)
    sent.world.later(10 * DAY)
    assert {one.bill for one in actions.overdue(sent.world.now)} == set(
        Release.objects.exclude(pk=release.pk).values_list("bill_id", flat=True)
    )


def test_proof_of_deletion_is_owed_three_days_after_the_copy_expired(sent: Neighbourhood):
    """Attack A80: retention reached, and not a word from there."""
    countersign(sent)
    ends = Holding.objects.filter(direction="released", object_type="indicator").get().expires
    sent.world.later(ends + HOUR - sent.world.now)
    vault.sweep(sent.world.now)
    sent.world.later(3 * DAY - 2 * HOUR)
    assert owed(sent) == {}
    sent.world.later(2 * HOUR)
    assert owed(sent) == {"expiry-overdue": 1}
    sent.work("tidy")
    assert "expiry-overdue" in sent.alarms()


@pytest.mark.parametrize(("late", "owes"), [(45 * DAY, {}), (91 * DAY, {"expiry-overdue": 1})])
def test_proof_of_a_partner_that_was_away_is_taken_for_a_quarter(
    sent: Neighbourhood, late: dt.timedelta, owes: dict[str, int]
):
    """Attack A80: offline for more than 30 days. Later its bill is gone, and what it owes stands."""
    countersign(sent)
    copy = Holding.objects.get(direction="released", object_type="indicator")
    (bill,) = [one for one in sent.world.bills(BR) if copy.object_id in {line["id"] for line in one.content["listed"]}]
    sent.world.later(copy.expires + late - sent.world.now, witnessed=False)
    vault.sweep(sent.world.now)
    sent.meet()
    key = sent.br.origin.key
    receipt = make_deletion_receipt(
        bill,
        {copy.object_id},
        cause=DeletionCause.EXPIRY,
        deleted_at=copy.expires,
        made_at=sent.world.now,
        key=key.public_key(),
        secret=chance.octets(32),
    )
    sent.br.put([dict(sign_message(receipt, key).content)], sent.br.outbox)
    sent.pull()
    assert owed(sent) == owes


def test_a_party_whose_node_cannot_countersign_owes_no_receipt(sent: Neighbourhood):
    """Promise 10: nothing is promised for a partner that cannot keep it."""
    sent.world.later(2 * DAY)
    assert owed(sent)
    for text in Text.objects.all():
        source = bytes(text.source).replace(b"receipts: signed", b"receipts: none")
        Text.objects.filter(pk=text.pk).update(source=source)
    assert actions.overdue(sent.world.now) == []


def test_an_agreement_that_is_over_ends_no_duty(sent: Neighbourhood):
    sent.world.later(dt.timedelta(days=500), witnessed=False)
    assert owed(sent)

"""Taking back, and leaving on terms: off the shelf at once, destroyed here, retracted there, and proved to be gone."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from tests.node.world import BR, PURPOSE, RED, World, bundle, incident, indicator, key_of, sdo

from comity.canon import ComityError
from comity.messages import (
    Bill,
    DeletionCause,
    DeletionReceipt,
    MessageError,
    Receipt,
    Retraction,
    Withdrawal,
    make_deletion_receipt,
    make_receipt,
    sign_message,
    verify_retraction,
)
from comity.node import keyring
from comity.node.border import actions as border
from comity.node.border import deletions, keeping
from comity.node.border.keeping import ANSWER_WITHIN
from comity.node.border.models import Release, Shelved, Submission
from comity.node.border.models import Withdrawal as WithdrawalRow
from comity.node.journal.models import Salt
from comity.node.people.actions import NotAllowed
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, BoxKey, Holding

C2, OTHER = indicator("c2"), indicator("other")
DAY = dt.timedelta(days=1)
SECRET = hashlib.sha256(b"partner").digest()


@pytest.fixture
def sent(world: World) -> World:
    world.sent([C2, OTHER])
    return world


def release_of(object_id: str) -> Release:
    return Release.objects.get(items__object_id=object_id)


def bill_of(world: World, object_id: str = C2["id"]) -> Bill:
    return next(b for b in world.bills() if any(line["id"] == object_id for line in b.content["listed"]))


def read(world: World) -> set[str]:
    return {one["id"] for one in world.read()}


def receipt_for(bill: Bill, world: World, **how) -> Receipt:
    key = key_of(BR)
    return sign_message(make_receipt(bill, made_at=world.now, key=key.public_key(), secret=SECRET, **how), key)


def deleted_there(bill: Bill, world: World, ids, **how) -> DeletionReceipt:
    key = key_of(BR)
    how = {"cause": DeletionCause.EXPIRY, "deleted_at": world.now, **how}
    return sign_message(
        make_deletion_receipt(bill, ids, made_at=world.now, key=key.public_key(), secret=SECRET, **how), key
    )


# -- withdrawing


def test_a_part_of_a_release_is_withdrawn_and_the_rest_stays(sent):
    bill = bill_of(sent)
    (sent_row,) = border.withdraw(
        release_of(C2["id"]), objects=[C2["id"]], why=Withdrawal.ERROR, by=sent.officer, now=sent.now
    )
    assert read(sent) & {C2["id"], OTHER["id"]} == {OTHER["id"]}
    (told,) = sent.told()
    said = verify_retraction(Retraction(content=told), keyring.held().signing.public_key(), bill)
    assert (said.ids, said.whole, said.reason) == (frozenset((C2["id"],)), False, Withdrawal.ERROR)
    assert said.delete_by == sent_row.delete_by > sent.now
    assert [b.id for b in sent.bills()] == [b.id for b in sent.bills()]
    assert bill.id in {b.id for b in sent.bills()}, "the bill of the rest is still there"


def test_all_of_a_release_is_withdrawn_and_its_bill_with_it(sent):
    bill = bill_of(sent)
    border.withdraw(release_of(C2["id"]), why=Withdrawal.ERASURE, by=sent.privacy, now=sent.now)
    assert read(sent) & {C2["id"], OTHER["id"]} == set()
    assert bill.id not in {b.id for b in sent.bills()}
    (told,) = sent.told()
    assert verify_retraction(Retraction(content=told), keyring.held().signing.public_key(), bill).whole
    assert Release.objects.get(bill_id=bill.id).withdrawn_at == sent.now


def test_what_is_withdrawn_cannot_be_opened_any_more(sent):
    box = Shelved.objects.get(object_id=C2["id"]).box
    border.withdraw(release_of(C2["id"]), why=Withdrawal.ERROR, by=sent.officer, now=sent.now)
    assert not Box.objects.filter(pk=box.pk).exists()
    assert not bytes(BoxKey.objects.get(pk=box.pk).wrapped)
    holding = Holding.objects.get(object_id=C2["id"])
    assert (holding.box, holding.digest, holding.deleted_at) == (None, "", sent.now)


def test_what_was_never_published_goes_without_a_word(world):
    world.submitted([C2])
    assert border.withdraw(release_of(C2["id"]), why=Withdrawal.ERROR, by=world.officer, now=world.now) == []
    world.publish()
    assert C2["id"] not in read(world)
    assert world.told() == []
    assert all(C2["id"] not in {line["id"] for line in b.content["listed"]} for b in world.bills())


def test_what_came_off_before_it_was_published_is_told_with_the_rest(world):
    world.submitted([C2, OTHER])
    border.withdraw(release_of(C2["id"]), objects=[C2["id"]], why=Withdrawal.ERROR, by=world.officer, now=world.now)
    world.publish()
    assert read(world) & {C2["id"], OTHER["id"]} == {OTHER["id"]}
    (told,) = world.told()
    assert told["objects"] == [C2["id"]]


def test_nothing_is_withdrawn_twice_and_nothing_that_is_not_there(sent):
    release = release_of(C2["id"])
    border.withdraw(release, objects=[C2["id"]], why=Withdrawal.ERROR, by=sent.officer, now=sent.now)
    for name in (C2["id"], "indicator--00000000-0000-4000-8000-000000000001"):
        with pytest.raises(border.NotInRelease):
            border.withdraw(release, objects=[name], why=Withdrawal.ERROR, by=sent.officer, now=sent.now)
    assert len(sent.told()) == 1


def test_only_who_may_withdraw_withdraws(sent):
    for person in (sent.analyst, sent.auditor):
        with pytest.raises(NotAllowed):
            border.withdraw(release_of(C2["id"]), why=Withdrawal.ERROR, by=person, now=sent.now)
    assert C2["id"] in read(sent)


def test_what_was_withdrawn_can_be_sent_again_by_a_new_decision(sent):
    border.withdraw(release_of(C2["id"]), why=Withdrawal.ERROR, by=sent.officer, now=sent.now)
    sent.later(DAY)
    sent.sent([C2])
    assert C2["id"] in read(sent)
    holding = Holding.objects.get(object_id=C2["id"], deleted_at=None)
    assert holding.first_receipt == sent.now - DAY, "its retention still runs from the first receipt"


def test_a_flow_that_ended_before_its_time_is_withdrawn_whole(sent):
    count = Shelved.objects.filter(withdrawn_at=None, holding__isnull=False).count()
    told = border.withdraw_flow(sent.flow(), why=Withdrawal.AGREEMENT_ENDED, now=sent.now, by=sent.officer)
    assert count > 0
    assert not Shelved.objects.filter(withdrawn_at=None, holding__isnull=False).exists()
    assert len(told) == len(sent.told()) == 2, "one for each release"


# -- receipts


def test_a_receipt_for_all_of_it_completes_the_transfer(sent):
    bill = bill_of(sent)
    release = border.take_receipt(sent.party(), receipt_for(bill, sent), now=sent.now)
    assert release.complete_at == sent.now
    again = border.take_receipt(sent.party(), receipt_for(bill, sent), now=sent.now + DAY)
    assert again.complete_at == sent.now, "again is no harm"


def test_a_receipt_that_names_something_missing_completes_nothing(sent):
    from comity.messages import Missing, NotStored

    bill = bill_of(sent)
    missing = [Missing(id=C2["id"], version=C2["modified"], reason=NotStored.QUARANTINED)]
    release = border.take_receipt(sent.party(), receipt_for(bill, sent, missing=missing), now=sent.now)
    assert release.complete_at is None
    sent.later(DAY)
    release = border.take_receipt(sent.party(), receipt_for(bill, sent), now=sent.now)
    assert release.complete_at == sent.now, "later they had stored it"


def test_an_old_receipt_replaces_no_newer_one(sent):
    from comity.messages import Missing, NotStored

    bill = bill_of(sent)
    missing = [Missing(id=C2["id"], version=C2["modified"], reason=NotStored.NOT_RECEIVED)]
    old = receipt_for(bill, sent, missing=missing)
    sent.later(DAY)
    border.take_receipt(sent.party(), receipt_for(bill, sent), now=sent.now)
    release = border.take_receipt(sent.party(), old, now=sent.now)
    assert release.complete_at is not None


def test_another_partner_s_word_on_a_release_is_not_taken(sent):
    receipt = receipt_for(bill_of(sent), sent)
    with pytest.raises(border.NoSuchRelease):
        border.take_receipt(sent.party("cert-jp"), receipt, now=sent.now)
    forged = sign_message(
        make_receipt(bill_of(sent), made_at=sent.now, key=key_of("mallory").public_key(), secret=SECRET),
        key_of("mallory"),
    )
    with pytest.raises(MessageError):
        border.take_receipt(sent.party(), forged, now=sent.now)
    assert release_of(C2["id"]).complete_at is None


# -- deletion on both sides


def sweep(world: World) -> None:
    """What the sweep does, and the reactions to it."""
    due = set(vault.due_for_deletion(world.now).values_list("bill", flat=True))
    vault.sweep(world.now)
    for bill in due:
        border.after_deletion(bill, world.now)


def test_at_its_end_a_release_leaves_the_shelf_and_its_source_goes_with_the_last_of_it(sent):
    release = release_of(C2["id"])
    submission = Submission.objects.get()
    source = submission.source_id
    ends = Holding.objects.get(object_id=C2["id"]).expires
    crossing = submission.crossings.get()
    boxes = [source, crossing.circumstances_id, crossing.record_id]
    sent.later(ends - sent.now - DAY)
    sweep(sent)
    assert Submission.objects.get().source is not None
    sent.later(DAY)
    sweep(sent)
    assert Shelved.objects.get(object_id=C2["id"]).withdrawn_at == sent.now
    release.refresh_from_db()
    assert release.withdrawn_at == sent.now
    submission.refresh_from_db()
    assert (submission.source, submission.deleted_at) == (None, sent.now)
    assert [bytes(key.wrapped) for key in BoxKey.objects.filter(pk__in=boxes)] == [b"", b"", b""]
    assert [row.object_type for row in Shelved.objects.filter(withdrawn_at=None, holding__isnull=False)] == [
        "marking-definition"
    ], "which lasts to the end of the agreement, and says nothing of the submission"


def test_while_a_question_waits_the_source_stays(world):
    world.sent([C2, incident("one")], collected_by="victim-log")
    border.withdraw_flow(world.flow(), why=Withdrawal.AGREEMENT_ENDED, now=world.now)
    for bill in Release.objects.values_list("bill_id", flat=True):
        border.after_deletion(bill, world.now)
    assert Submission.objects.get().source is not None
    world.later(ANSWER_WITHIN)
    border.expire_questions(world.now)
    assert nothing_is_kept(world)


def kept_of(submission: Submission) -> dict[str, Box]:
    """What is kept of a submission: its source, and of each crossing."""
    crossings = submission.crossings.select_related("circumstances", "record")
    boxes = [submission.source, *(box for one in crossings for box in (one.circumstances, one.record))]
    return {f"{box.kind} {number}": box for number, box in enumerate(boxes) if box is not None}


def nothing_is_kept(world: World) -> bool:
    (submission,) = Submission.objects.all()
    assert submission.deleted_at == world.now
    return kept_of(submission) == {} and not Box.objects.filter(kind__in=("submission", "record", "circumstances"))


def test_of_what_is_denied_nothing_is_kept_for_longer_than_its_source(world):
    world.sent([{**C2, "object_marking_refs": [RED]}])
    submission = Submission.objects.get()
    assert {box.expires for box in kept_of(submission).values()} == {submission.source.expires}
    assert len(kept_of(submission)) == 3
    world.later(31 * DAY)
    vault.sweep(world.now)
    assert kept_of(Submission.objects.get()) == {}


def test_what_was_decided_lasts_as_long_as_the_last_copy(sent):
    """Also what was decided before there was one."""
    (submission,) = Submission.objects.all()
    ends = Holding.objects.get(object_id=C2["id"]).expires
    border.release(submission, by=sent.analyst, now=sent.now)
    assert len(kept_of(submission)) == 5
    assert {box.expires for box in kept_of(Submission.objects.get()).values()} == {ends}


def test_a_source_that_only_waits_has_no_more_time_than_one_of_which_nothing_went(world):
    """Its copies would have let it stay for half a year."""
    world.sent([C2, incident("one")], collected_by="victim-log")
    border.withdraw(release_of(C2["id"]), why=Withdrawal.ERASURE, by=world.privacy, now=world.now)
    border.after_deletion(release_of(C2["id"]).bill_id, world.now)
    assert {box.expires for box in kept_of(Submission.objects.get()).values()} == {world.now + 30 * DAY}
    world.later(5 * DAY)
    border.expire_questions(world.now)
    assert nothing_is_kept(world)


def test_with_the_last_no_nothing_is_kept_where_nothing_stands(world):
    world.sent([incident("one"), incident("two")], collected_by="victim-log")
    for left in (1, 0):
        border.reject(world.questions()[0], ground="not-necessary", by=world.officer, now=world.now)
        assert len(world.questions()) == left
        assert (kept_of(Submission.objects.get()) == {}) == (left == 0)
    assert nothing_is_kept(world)


def test_what_waits_for_proof_alone_is_not_forgotten_with_a_no(world):
    """It goes by itself when the log is witnessed again."""
    world.later(25 * dt.timedelta(hours=1), witnessed=False)
    (crossing,) = world.submitted([C2, incident("one")], collected_by="victim-log")
    assert crossing.waits == "stale-proof"
    border.reject(world.questions()[0], ground="not-necessary", by=world.officer, now=world.now)
    world.witness()
    border.release(crossing, by=world.analyst, now=world.now)
    world.publish()
    assert C2["id"] in read(world)


def test_what_was_deleted_while_it_was_decided_does_not_go(sent, monkeypatch):
    submission = Submission.objects.get()
    think = keeping._keep

    def forgets(*some):
        Shelved.objects.update(withdrawn_at=sent.now)
        deletions.forget_submission(submission, sent.now)
        return think(*some)

    monkeypatch.setattr(keeping, "_keep", forgets)
    with pytest.raises(ComityError):
        border.release(submission, by=sent.analyst, now=sent.now)


def test_the_partner_s_deletion_receipt_answers_the_retraction(sent):
    bill = bill_of(sent)
    (row,) = border.withdraw(
        release_of(C2["id"]), objects=[C2["id"]], why=Withdrawal.ERROR, by=sent.officer, now=sent.now
    )
    sent.later(DAY)
    proof = deleted_there(bill, sent, [C2["id"]], cause=DeletionCause.RETRACTION, retraction=row.pk)
    border.take_deletion_receipt(sent.party(), proof, now=sent.now)
    assert WithdrawalRow.objects.get().answered_at == sent.now
    assert Shelved.objects.get(object_id=C2["id"]).deleted_there_at == sent.now
    assert Shelved.objects.get(object_id=OTHER["id"]).deleted_there_at is None


def test_a_deletion_receipt_for_a_retraction_that_nobody_made_is_refused(sent):
    proof = deleted_there(
        bill_of(sent),
        sent,
        [C2["id"]],
        cause=DeletionCause.RETRACTION,
        retraction="comity-retraction--00000000-0000-4000-8000-000000000001",
    )
    with pytest.raises(MessageError):
        border.take_deletion_receipt(sent.party(), proof, now=sent.now)


def test_once_all_of_it_is_gone_on_both_sides_bill_and_salt_go_too(sent):
    """From the digest of a short object the object could be guessed."""
    bill = bill_of(sent)
    ids = [line["id"] for line in bill.content["listed"]]
    release = release_of(C2["id"])
    box = release.bill_box_id
    assert Salt.objects.filter(subject=bill.id).exists()
    sent.later(Holding.objects.get(object_id=C2["id"]).expires - sent.now)
    sweep(sent)
    border.take_deletion_receipt(sent.party(), deleted_there(bill, sent, ids), now=sent.now)
    assert not bytes(BoxKey.objects.get(pk=box).wrapped)
    assert not Salt.objects.filter(subject=bill.id).exists()
    with pytest.raises(border.NoSuchRelease):
        border.take_deletion_receipt(sent.party(), deleted_there(bill, sent, ids), now=sent.now)


def test_what_leaves_has_no_end_beyond_the_agreement(world):
    """The marking and our identity last to the sunset, everything else as its clause says."""
    note = sdo("note", "n", content="Write to mari.maasikas@kannatanu.example.", object_refs=[C2["id"]])
    world.sent([C2, note])
    sunset = dt.datetime.combine(world.flow().ends + DAY, dt.time(), dt.UTC)
    ends = {h.object_type: h.expires for h in Holding.objects.filter(direction="released")}
    assert ends["identity"] == ends["marking-definition"] == sunset
    assert max(ends["note"], ends["indicator"]) < sunset


def test_a_file_of_which_nothing_went_does_not_stay_for_ever(world):
    submission = border.import_file(bundle([C2]), by=world.analyst, now=world.now)
    world.later(31 * DAY)
    vault.sweep(world.now)
    submission.refresh_from_db()
    assert submission.source is None
    with pytest.raises(border.SourceGone):
        border.submit(submission, to=[BR], purpose=PURPOSE, by=world.analyst, now=world.now)

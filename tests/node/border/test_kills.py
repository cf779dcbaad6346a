"""Whatever statement a verb is stopped at, nothing is half done: it did not happen, and doing it again does it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from tests.node.border.stopped import Stopped, every_statement, rows, statements, undone
from tests.node.border.test_door import CONSENTED
from tests.node.world import BR, EE_BR, PURPOSE, World, bundle, incident, indicator, sdo

from comity.messages import Withdrawal
from comity.node import clock
from comity.node.border import actions as border
from comity.node.border.models import Approval, Arrival, Question, Release, Shelved, Submission
from comity.node.journal.models import Entry
from comity.node.treaties import actions as treaties
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, BoxKey, Holding

C2, MORE = indicator("c2"), indicator("more")


def read(world: World) -> set[str]:
    return {one["id"] for one in world.read()}


def keys_without_box() -> int:
    boxes = set(Box.objects.values_list("pk", flat=True))
    return sum(bool(bytes(key.wrapped)) and key.box_id not in boxes for key in BoxKey.objects.all())


def test_a_submission_is_released_whole_or_not_at_all(world):
    submission = border.import_file(bundle([C2, incident("one")]), by=world.analyst, now=world.now)
    before, stops = rows(), 0

    def submit():
        border.submit(submission, to=[BR], purpose=PURPOSE, collected_by="victim-log", by=world.analyst, now=world.now)

    for stops in every_statement(submit):
        assert rows() == before, f"statement {stops}"
        assert Submission.objects.get().purpose == ""
    assert stops > 40, "it was stopped many times"
    assert (Release.objects.count(), Question.objects.count()) == (2, 1)
    world.publish()
    assert C2["id"] in read(world)


def test_keys_that_a_stop_left_behind_are_destroyed_by_the_sweep(world, monkeypatch):
    submission = border.import_file(bundle([C2]), by=world.analyst, now=world.now)
    for _ in every_statement(
        lambda: border.submit(submission, to=[BR], purpose=PURPOSE, by=world.analyst, now=world.now)
    ):
        pass
    assert keys_without_box() > 0
    later = clock.real() + dt.timedelta(hours=2)
    monkeypatch.setattr(clock, "real", lambda: later)
    vault.sweep(world.now)
    assert keys_without_box() == 0


def test_an_answer_and_what_it_lets_go_are_written_together(world):
    world.submitted([C2, incident("one")], collected_by="victim-log")
    (question,) = world.questions()
    shown = border.before_and_after(question, by=world.officer, now=world.now).shown
    before, stops = rows(), 0

    def approve():
        border.approve(question, shown=shown, ground="needed-for-purpose", by=world.officer, now=world.now)

    for stops in every_statement(approve):
        assert rows() == before, f"statement {stops}"
        assert Question.objects.get().state == Question.ASKED
    assert stops > 40
    assert Approval.objects.count() == 1
    world.publish()
    assert "incident" in {one["type"] for one in world.read()}


def test_a_release_is_published_whole_or_not_at_all(world):
    world.submitted([C2, MORE])
    world.witness()
    total, shown = Release.objects.count(), set()
    for _ in every_statement(lambda: border.publish(now=world.now)):
        for release in Release.objects.all():
            dated = Shelved.objects.filter(release=release).exclude(date_added=None).count()
            there = Shelved.objects.filter(release=release).count()
            assert dated == (0 if release.published_at is None else there)
        shown.add(len(world.bills()))
    assert shown <= set(range(total + 1))
    assert {C2["id"], MORE["id"]} <= read(world)
    for bill in world.bills():
        assert "logged" in bill.content


def test_what_is_withdrawn_is_readable_and_whole_or_not_readable_at_all(world):
    """Keys go first: stopped after that, the partner reads nothing of it, and doing it again finishes it."""
    world.sent([C2, MORE])
    release = Release.objects.get(items__object_id=C2["id"])
    before = rows()

    def withdraw():
        border.withdraw(release, why=Withdrawal.ERROR, by=world.officer, now=world.now)

    gone_at = None
    for at in every_statement(withdraw):
        assert rows() == before
        there = {C2["id"], MORE["id"]} & read(world)
        assert there in (set(), {C2["id"], MORE["id"]})
        if not there:
            gone_at = gone_at or at
        assert not there or gone_at is None, "what is gone does not come back"
    assert gone_at is not None
    assert {C2["id"], MORE["id"]} & read(world) == set()
    assert [one["type"] for one in world.told()] == ["comity-retraction"]
    assert not Holding.objects.filter(object_id=C2["id"], deleted_at=None).exists()


def swept(world: World) -> None:
    """The sweep of the minute, and the reactions to what it deleted."""
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    vault.sweep_work({}, world.now)
    for bill in Entry.objects.filter(event="vault:holding:deleted", pk__gt=last).values_list("subject", flat=True):
        border.after_deletion(bill, world.now)


def each_stop_swept(world: World, act: Callable[[], Any]) -> Iterator[int]:
    """Stop `act` at each statement after it has destroyed keys; then comes the sweep, before anybody does it again."""
    dead = BoxKey.objects.exclude(destroyed_at=None)
    before = dead.count()
    for at in count(1):
        with undone():
            try:
                with statements(at):
                    act()
            except Stopped:
                if dead.count() > before:
                    swept(world)
                    yield at
            else:
                return


def told_to_delete(world: World) -> list[str]:
    assert {one["type"] for one in world.told()} <= {"comity-retraction"}
    return [one["reason"] for one in world.told()]


def test_the_partner_is_told_of_a_withdrawal_that_broke_off_and_was_finished_by_the_sweep(world):
    world.sent([C2, MORE])
    release = Release.objects.get(items__object_id=C2["id"])

    def withdraw():
        border.withdraw(release, why=Withdrawal.ERASURE, by=world.privacy, now=world.now)

    stops = 0
    for stops in each_stop_swept(world, withdraw):
        assert told_to_delete(world) == ["error"], f"statement {stops}: why it was begun is known no more"
        withdraw()
        assert len(told_to_delete(world)) == 1
        assert {C2["id"], MORE["id"]} & read(world) == set()
        assert not Holding.objects.filter(object_id=C2["id"], deleted_at=None).exists()
    assert stops > 0


def test_the_partner_is_told_of_what_stood_on_a_consent_though_taking_it_off_broke_off(node):
    world = World(node, edits=CONSENTED)
    until, by = world.now + dt.timedelta(days=10), world.privacy
    given = {"of": "victim-organisation", "reference": "case-7", "agreements": [EE_BR], "objects": [C2["id"]]}
    consent = treaties.record_consent(**given, until=until, by=by, now=world.now)
    world.sent([C2])
    treaties.withdraw_consent(consent, now=world.now, by=by)
    stops = 0
    for stops in each_stop_swept(world, lambda: border.withdraw_for_consent(str(consent.pk), world.now)):
        assert told_to_delete(world) == ["consent-withdrawn"], f"statement {stops}"
        border.withdraw_for_consent(str(consent.pk), world.now)
        assert len(told_to_delete(world)) == 1
    assert stops > 0


@pytest.mark.slow
def test_the_partner_is_told_of_what_was_stripped_though_the_strip_broke_off(world):
    note = sdo("note", "n", content="All is well here.", abstract="Something", object_refs=[C2["id"]])
    crossing = world.sent([C2, note])
    place = {"object_id": note["id"], "paths": ["/abstract"]}

    def strip():
        border.strip(crossing.submission, flows=[crossing.flow], **place, by=world.officer, now=world.now)

    stops = 0
    for stops in each_stop_swept(world, strip):
        assert told_to_delete(world) == ["error"], f"statement {stops}"
        strip()
        assert len(told_to_delete(world)) == 1
        (left,) = Shelved.objects.filter(object_type="note", withdrawn_at=None)
        assert (left.date_added, left.object_id == note["id"]) == (None, False), "what remains waits to be published"
    assert stops > 0


def test_what_broke_off_is_told_also_where_it_goes_again_before_anybody_reacts_to_the_sweep(world):
    """What takes its place takes its row off; and that it takes it off without a word would be the end of it."""
    world.sent([C2, MORE])
    bills = {bill.id for bill in world.bills() for line in bill.content["listed"] if line["id"] == C2["id"]}
    release = Release.objects.get(items__object_id=C2["id"])
    dead = BoxKey.objects.exclude(destroyed_at=None)
    before, at = dead.count(), 0
    while dead.count() == before:
        at += 1
        try:
            with statements(at):
                border.withdraw(release, objects=[C2["id"]], why=Withdrawal.ERROR, by=world.officer, now=world.now)
        except Stopped:
            pass
    vault.sweep_work({}, world.now)
    world.sent([C2])
    assert {one["bill"] for one in world.told()} == bills
    swept(world)
    assert len(told_to_delete(world)) == 1
    assert C2["id"] in read(world)


def test_what_is_over_goes_without_a_word_though_its_deletion_broke_off(world):
    """Its bill said how long it may be kept: the partner deletes it by itself."""
    world.sent([C2])
    world.later(Holding.objects.get(object_id=C2["id"]).expires - world.now)
    over, stops = vault.due_for_deletion(world.now), 0
    for stops in each_stop_swept(world, lambda: vault.delete(over.all(), "expiry", world.now)):
        assert told_to_delete(world) == [], f"statement {stops}"
    assert stops > 0


def test_what_comes_is_kept_and_countersigned_together(world):
    bill = world.origins[BR].bill([C2, MORE], world.now, text=world.texts[EE_BR])
    before, stops = rows(), 0
    for stops in every_statement(lambda: world.arrives([C2, MORE], bill=bill)):
        assert rows() == before, f"statement {stops}"
        assert world.told() == []
    assert stops > 20
    assert (Arrival.objects.count(), len(world.told())) == (1, 1)
    assert Holding.objects.filter(direction="received", deleted_at=None).count() == 2

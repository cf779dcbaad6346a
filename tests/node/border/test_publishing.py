"""Publishing: nothing is read before it is witnessed, and a reader who only uses added_after sees every item once."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable
from importlib import import_module

import pytest
from django.db import connections, transaction
from django.db.models import Max
from tests.node.journal.partners import appointed
from tests.node.world import BR, EE_BR, JP, World, incident, indicator, key_of, sdo

from comity.messages import make_receipt
from comity.messages import sign_message as signed
from comity.node import chance, clock
from comity.node.border import actions as border
from comity.node.border import door
from comity.node.border.models import Collection, Question, Release, Shelved
from comity.node.border.versions import place_of
from comity.node.due.models import Due
from comity.node.journal import actions as journal
from comity.node.journal.models import Entry
from comity.node.treaties import actions as treaties
from comity.node.vault import actions as vault
from comity.node.vault.models import BoxKey

C2, OTHER = indicator("c2"), indicator("other")
SECOND = dt.timedelta(seconds=1)
approving = import_module("comity.node.border.actions.approve")  # the package has the verb under that name


def dates(world: World, partner: str = BR) -> list[dt.datetime]:
    return [item.date_added for item in world.page(partner).items]


def test_only_what_the_witnessed_checkpoint_covers_is_published(world):
    world.submitted([C2])
    journal.sequence(world.now)
    assert border.publish(now=world.now) == [], "sequenced, and not witnessed"
    world.witness()
    world.submitted([OTHER])
    published = border.publish(now=world.now)
    names = set(Shelved.objects.filter(release__in=published).values_list("object_id", flat=True))
    assert C2["id"] in names
    assert OTHER["id"] not in names
    assert border.publish(now=world.now) == [], "again is no harm"
    world.witness()
    assert [r.published_at for r in border.publish(now=world.now)] == [world.now]


def test_a_majority_without_the_agreements_own_parties_publishes_nothing_under_it(world):
    """A receiver counts the parties of its agreement alone, and would refuse the bill for good."""
    strangers = appointed(world.now, "cert-de", "cert-fr", "cert-nl")
    world.witness()
    for each in strangers:
        each.ask(world.now)
    world.submitted([C2])
    journal.sequence(world.now)
    for each in strangers:
        each.ask(world.now)
    last = Entry.objects.filter(release__published_at=None).aggregate(last=Max("index"))["last"]
    assert journal.published_size() > last, "three of the five have seen it"
    assert border.publish(now=world.now) == []
    for witness, published in zip(world.witnesses, (False, True), strict=True):  # the two that the texts name
        witness.ask(world.now)
        waiting = Due.objects.filter(kind="publish", done_at=None)
        assert waiting.exists(), "each further word is looked at by itself"
        border.publish_work(waiting.latest("pk").facts, world.now)
        assert (C2["id"] in {one["id"] for one in world.read()}) is published


def test_a_smaller_size_publishes_less_and_a_larger_one_no_more(world):
    world.submitted([C2])
    world.witness()
    indexes = sorted(r.entry.index for r in Release.objects.select_related("entry"))
    assert border.publish(indexes[0], now=world.now) == []
    assert len(border.publish(indexes[0] + 1, now=world.now)) == 1
    world.submitted([OTHER])
    journal.sequence(world.now)
    assert len(border.publish(10**9, now=world.now)) == len(indexes) - 1


def test_due_work_publishes(world):
    world.submitted([C2])
    world.witness()
    border.publish_work({"size": journal.published_size()}, world.now)
    border.publish_work({"size": journal.published_size()}, world.now)
    assert C2["id"] in {one["id"] for one in world.read()}


def test_releases_are_dated_in_the_order_of_the_log(world):
    world.submitted([C2], to=(BR, JP))
    world.submitted([OTHER], to=(BR, JP))
    world.publish()
    for partner in (BR, JP):
        rows = Shelved.objects.filter(collection=world.collection(partner)).order_by("date_added")
        indexes = [row.release.entry.index for row in rows.select_related("release__entry")]
        assert indexes == sorted(indexes)


def test_date_added_rises_though_the_clock_is_set_back(world):
    world.later(dt.timedelta(minutes=10))
    world.sent([C2])
    world.node.move(-dt.timedelta(seconds=30))
    world.sent([OTHER])
    found = dates(world)
    assert found == sorted(set(found))
    last = Collection.objects.get(pk=world.collection().pk).last_added
    assert last == found[-1]


def test_an_observable_keeps_the_version_of_its_first_copy(world):
    """TAXII 2.1 section 3.3 leaves it to the server; a constant one lets a client tell copies from news."""
    address = {"type": "ipv4-addr", "spec_version": "2.1", "value": "198.51.100.3",
               "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"}  # fmt: skip
    server = sdo("infrastructure", "srv", name="srv", infrastructure_types=["command-and-control"])
    tie = sdo("relationship", "t", relationship_type="consists-of", source_ref=server["id"], target_ref=address["id"])
    world.sent([server, address, tie])
    first = Shelved.objects.get(object_id=address["id"])
    assert first.version.endswith("Z")
    world.later(dt.timedelta(hours=1))
    world.sent([server, {**address, "defanged": True}, tie])
    old, new = Shelved.objects.filter(object_id=address["id"]).order_by("pk")
    assert (old.withdrawn_at, new.version) == (world.now, first.version)
    assert new.date_added > old.date_added
    assert [one["defanged"] for one in world.read() if one["id"] == address["id"]] == [True]
    assert world.told() == [], "its whole state is replaced; nothing is taken back"


def test_a_release_whose_bill_is_lost_is_not_published_without_it(world):
    world.submitted([C2])
    release = Release.objects.get(items__object_id=C2["id"])
    BoxKey.objects.filter(pk=release.bill_box_id).update(wrapped=b"", destroyed_at=clock.real())
    world.witness()
    with pytest.raises(Exception, match="cannot be published"):
        border.publish(now=world.now)
    assert C2["id"] not in {one["id"] for one in world.read()}


def test_the_bill_without_proof_is_swept(world):
    world.submitted([C2])
    old = Release.objects.get(items__object_id=C2["id"]).bill_box_id
    world.publish()
    new = Release.objects.get(items__object_id=C2["id"]).bill_box_id
    vault.sweep(world.now)
    assert old != new
    assert not bytes(BoxKey.objects.get(pk=old).wrapped)
    assert bytes(BoxKey.objects.get(pk=new).wrapped)


# -- two writers at the same time


def in_threads(*work: Callable[[], None]) -> None:
    """Each in a thread of its own, with connections of its own; the first error is raised."""
    errors: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if errors:
        raise errors[0]


EACH = 12


def test_a_reader_with_added_after_sees_every_item_once_while_two_write(live):
    live.sent([C2])
    (bill, *_) = live.bills()
    key = key_of(BR)
    everything_written = threading.Event()

    def write() -> None:
        for _ in range(EACH):
            receipt = signed(make_receipt(bill, made_at=live.now, key=key.public_key(), secret=chance.octets(32)), key)
            with transaction.atomic():
                border.shelve_message(BR, receipt, kind="receipt", facts={"bill": bill.id}, now=live.now)

    seen: list[str] = []

    def read() -> None:
        after: dt.datetime | None = None
        while True:
            done = everything_written.is_set()
            page = door.read(live.messages(), door.Selection(added_after=after, limit=3), partner=BR, now=live.now)
            seen.extend(item.object_id for item in page.items)
            after = page.last or after
            if done and not page.items:
                return

    def write_all() -> None:
        try:
            in_threads(write, write)
        finally:
            everything_written.set()

    in_threads(write_all, read)
    assert len(seen) == len(set(seen)) == 2 * EACH
    rows = Shelved.objects.filter(collection=live.messages()).order_by("pk").values_list("date_added", flat=True)
    assert len({place_of(moment) for moment in rows}) == 2 * EACH


def test_one_release_is_published_once_by_two_who_try(live):
    live.submitted([C2, OTHER])
    live.witness()
    found: list[int] = []

    def publish() -> None:
        found.append(len(border.publish(now=live.now)))

    in_threads(publish, publish)
    assert sum(found) == Release.objects.count()
    assert len(dates(live)) == len(set(dates(live))) == Shelved.objects.filter(release__isnull=False).count()


def test_one_question_is_answered_once_by_two_who_try(live):
    live.submitted([incident("one")], collected_by="victim-log")
    (question,) = live.questions()
    shown = border.before_and_after(question, by=live.officer, now=live.now).shown
    outcomes: list[str] = []

    def answer(by: object) -> Callable[[], None]:
        def run() -> None:
            try:
                border.approve(question, shown=shown, ground="needed-for-purpose", by=by, now=live.now)
                outcomes.append("yes")
            except (border.NotAsked, border.Moved, border.NotAsShown):
                outcomes.append("too late")

        return run

    in_threads(answer(live.officer), answer(live.privacy))
    assert sorted(outcomes) == ["too late", "yes"]
    question.refresh_from_db()
    assert (question.state, Release.objects.filter(items__object_type="incident").count()) == ("approved", 1)


@pytest.mark.parametrize("apart", [dt.timedelta(0), -dt.timedelta(seconds=1)])
def test_answers_that_one_officer_gives_at_once_are_counted_one_by_one(live, monkeypatch, apart):
    """Attack A77: for two partners, so that neither answer waits for the other's flow."""
    live.submitted([incident(f"i{n}") for n in range(approving.MOST_A_MINUTE)], collected_by="victim-log")
    first, *rest = live.questions()
    for question in rest:
        live.approved(question)
    live.submitted([incident("of the other")], to=(JP,), collected_by="victim-log")
    (other,) = [one for one in live.questions() if one.pk != first.pk]
    live.later(SECOND)
    settle, both, outcomes = approving.settle, threading.Barrier(2), []

    def slowly(*args: object, **how: object) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(2)
        settle(*args, **how)

    monkeypatch.setattr(approving, "settle", slowly)

    def answer(question: Question, now: dt.datetime) -> Callable[[], None]:
        shown = border.before_and_after(question, by=live.officer, now=live.now).shown

        def run() -> None:
            try:
                border.approve(question, shown=shown, ground="needed-for-purpose", by=live.officer, now=now)
                outcomes.append("yes")
            except (border.TooManyAtOnce, border.Moved) as error:
                outcomes.append(type(error).__name__)

        return run

    in_threads(answer(first, live.now), answer(other, live.now + apart))
    assert sorted(outcomes) == ["TooManyAtOnce", "yes"]


def test_one_bill_is_received_once_by_two_who_try(live):
    bill = live.origins[BR].bill([C2], live.now, text=live.texts[EE_BR])
    receipts: list[int] = []

    def take() -> None:
        receipts.append(live.arrives([C2], bill=bill).receipt.pk)

    in_threads(take, take)
    assert len(set(receipts)) == 1
    assert len(live.told()) == 1


@pytest.mark.parametrize("rounds", [6])
def test_an_agreement_suspended_while_releases_run_is_used_no_more(live, rounds):
    """Attack A75: whatever was released was released before; nothing is shown after."""

    def release() -> None:
        for n in range(rounds):
            live.submitted([indicator(f"r{n}")], to=(live.flow(),))

    def stop() -> None:
        treaties.suspend(live.flow(), "personal-data-breach", now=live.now, by=live.officer)

    in_threads(release, stop)
    suspended = Entry.objects.get(event="treaties:flow:suspended")
    after = Release.objects.filter(entry__gt=suspended.pk, flow=live.flow())
    assert not after.exists()
    live.publish()
    assert live.read() == []

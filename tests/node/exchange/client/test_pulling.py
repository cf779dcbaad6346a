"""Visits to a partner: what it has for us is kept whole, verified first, and countersigned."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from tests.node.world import BR, indicator

from comity.canon import format_instant
from comity.messages import Withdrawal, make_retraction, sign_message
from comity.node import chance
from comity.node.border.models import Arrival, Quarantined
from comity.node.due import actions as due
from comity.node.due.models import Due
from comity.node.exchange import actions
from comity.node.exchange.incoming import parcels
from comity.node.exchange.models import Cursor, Message, Part, Peer
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Party
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, Holding

from .neighbourhood import Neighbourhood

DAY = dt.timedelta(days=1)


def ids(objects: list[dict[str, object]]) -> list[str]:
    return sorted(str(one["id"]) for one in objects)


def test_a_release_is_pulled_verified_stored_and_countersigned(near: Neighbourhood):
    near.meet()
    objects = [indicator(f"one-{n}") for n in range(3)]
    bill = near.release(objects)
    assert near.pull() == ""
    assert near.held() == ids(objects)
    assert near.parcels() == {bill.id: ("stored", "")}
    (receipt,) = near.receipts()
    assert (receipt["root"], receipt["stored"], receipt["missing"]) == (bill.content["root"], 3, [])
    assert near.br.refused == []
    assert near.peer.visited_at == near.world.now
    assert near.alarms() == set()
    assert Arrival.objects.get().flow.partner_id == BR
    assert Part.objects.count() == Box.objects.filter(kind="parcel").count() == 0, "what lay sealed is gone"
    assert set(Cursor.objects.exclude(added_after="").values_list("party", flat=True)) == {BR}


def test_every_request_is_signed_by_us_and_asks_for_every_version(near: Neighbourhood):
    near.meet()
    near.release([indicator("one")])
    near.pull()
    assert len(near.br.asked) == 3, "the collections, the material, the messages"
    assert all(request.field("signature") for request in near.br.asked)
    assert all("match%5Bversion%5D=all" in r.target_uri for r in near.br.asked if r.target_uri.partition("?")[2])


def test_pages_of_any_size_give_the_same(near: Neighbourhood, subtests: pytest.Subtests):
    near.meet()
    releases = [[indicator(f"{r}-{n}") for n in range(3)] for r in range(2)]
    for most in (1, 2, 3, 4, 7, 100):
        with subtests.test(f"{most} objects a page"), near.undone():
            near.br.most = most
            for objects in releases:
                near.release(objects)
            assert near.pull() == ""
            assert near.held() == ids([one for objects in releases for one in objects])
            assert [receipt["stored"] for receipt in near.receipts()] == [3, 3]
            assert not Quarantined.objects.exists()


def test_what_was_read_is_not_asked_for_again(near: Neighbourhood):
    near.meet()
    near.release([indicator("one")])
    near.pull()
    before = len(near.br.asked)
    near.release([indicator("two")])
    assert near.pull() == ""
    assert sum("added_after" in request.target_uri for request in near.br.asked[before:]) == 1
    assert len(near.held()) == 2
    assert len(near.receipts()) == 2


def test_a_partner_is_visited_again_after_pull_every(near: Neighbourhood):
    near.meet()
    (row,) = Due.objects.filter(kind="pull", key=BR)
    assert due.perform(row.pk)
    every = dt.timedelta(seconds=near.world.node.config.pull_every)
    assert every <= near.waits("pull")[BR] - near.world.now < every + dt.timedelta(minutes=1)
    actions.pull(BR, near.world.now)
    assert near.waits("pull")[BR] == near.world.now, "a person asked for it at once"


def test_a_partner_that_is_away_is_visited_again_and_that_is_no_error(near: Neighbourhood):
    near.meet()
    Party.objects.filter(pk=BR).update(url="https://localhost:1")
    (row,) = Due.objects.filter(kind="pull", key=BR)
    assert not due.perform(row.pk)
    row.refresh_from_db()
    assert (row.last_error, row.attempts, row.done_at) == ("Again: not-connected", 0, None)
    assert near.peer.visited_at is None


def test_nobody_is_visited_whom_no_agreement_makes_a_partner(near: Neighbourhood):
    with pytest.raises(actions.NoPartner):
        actions.pull("cert-xx", near.world.now)


def test_a_release_whose_last_object_is_late_waits_sealed_and_is_stored_whole(near: Neighbourhood):
    near.meet()
    objects = [indicator(f"part-{n}") for n in range(3)]
    bill = near.bill(objects)
    near.br.put([bill, *objects[:2]])
    assert near.pull() == ""
    assert near.held() == [], "nothing of it is used before all of it is there"
    assert near.receipts() == []
    assert near.parcels() == {bill.id: ("waiting", "")}
    near.br.put(objects[2:])
    assert near.pull() == ""
    assert near.held() == ids(objects)
    assert near.receipts()[0]["stored"] == 3


def test_what_does_not_come_within_a_day_is_named_in_the_receipt_and_does_not_stop_the_rest(near: Neighbourhood):
    near.meet()
    objects = [indicator(f"part-{n}") for n in range(3)]
    bill = near.bill(objects)
    near.br.put([bill, *objects[:2]])
    near.pull()
    near.world.later(DAY - dt.timedelta(minutes=1))
    near.meet()
    near.pull()
    assert near.held() == []
    near.world.later(dt.timedelta(minutes=1))
    near.pull()
    assert near.held() == ids(objects[:2])
    (receipt,) = near.receipts()
    assert receipt["missing"] == [{"id": objects[2]["id"], "version": objects[2]["modified"], "reason": "not-received"}]
    assert near.peer.paused_why == "", "a partner may be slow, or have withdrawn it"


def test_what_expired_meanwhile_is_not_waited_for(near: Neighbourhood):
    near.meet()
    objects = [indicator("short"), indicator("long")]
    over = format_instant(near.world.now - dt.timedelta(hours=1))
    near.br.put([near.bill(objects, lists={objects[0]["id"]: {"expires": over}}), objects[1]])
    assert near.pull() == ""
    assert near.held() == [objects[1]["id"]]
    assert [one["id"] for one in near.receipts()[0]["missing"]] == [objects[0]["id"]]


def test_a_retraction_that_overtakes_the_rest_of_its_release_is_carried_out_and_answered(near: Neighbourhood):
    near.meet()
    objects = [indicator("stays"), indicator("goes")]
    bill = near.bill(objects)
    near.br.put([bill, objects[0]])
    near.pull()
    key = near.br.origin.key
    retraction = make_retraction(
        bill,
        [objects[1]["id"]],
        reason=Withdrawal.ERROR,
        delete_by=near.world.now + DAY,
        made_at=near.world.now,
        key=key.public_key(),
        secret=chance.octets(32),
    )
    near.br.put([dict(sign_message(retraction, key).content)], near.br.outbox)
    assert near.pull() == ""
    assert near.held() == [objects[0]["id"]]
    told = [one["type"] for one in near.world.told(BR)]
    assert told == ["comity-receipt", "comity-deletion-receipt"]
    assert Message.objects.get(outward=False).kind == "retraction"


def test_a_release_that_is_taken_back_before_it_counts_is_never_received(near: Neighbourhood):
    """Too few witnesses had seen it; when the last is known, it must not come in after all."""
    near.jp.card_of = lambda: b"{}"
    near.meet()
    objects = [indicator("gone")]
    bill = near.release(objects)
    near.pull()
    key = near.br.origin.key
    retraction = make_retraction(
        bill, reason=Withdrawal.ERROR, delete_by=near.world.now + DAY, made_at=near.world.now, key=key.public_key(),
        secret=chance.octets(32),
    )  # fmt: skip
    near.br.put([dict(sign_message(retraction, key).content)], near.br.outbox)
    near.pull()
    near.jp.card_of = near.jp.card
    near.meet()
    assert near.pull() == ""
    assert near.parcels() == {bill.id: ("refused", "retracted")}
    assert near.held() == []
    assert Part.objects.count() == 0


def test_an_older_version_that_a_bill_lists_is_read_beside_the_newer(near: Neighbourhood):
    near.meet()
    old = indicator("grown")
    new = {**old, "modified": "2026-11-02T08:00:00.000Z", "name": "grown up"}
    near.release([old])
    near.release([new])
    assert near.pull() == ""
    assert Holding.objects.filter(partner=BR, object_id=old["id"]).count() == 2
    assert [receipt["stored"] for receipt in near.receipts()] == [1, 1]


def test_the_same_bill_again_counts_once(near: Neighbourhood):
    """Attack A73: an old release offered as new."""
    near.meet()
    objects = [indicator("one")]
    bill = near.release(objects)
    near.pull()
    near.br.put([bill, *objects])
    assert near.pull() == ""
    assert len(near.receipts()) == 1
    assert Arrival.objects.count() == 1
    assert not Quarantined.objects.exists()


def test_what_was_not_stored_of_a_release_is_no_stray_when_it_comes_again(near: Neighbourhood):
    near.meet()
    red = indicator("red", object_marking_refs=["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"])
    objects = [indicator("green"), red]
    bill = near.release(objects)
    near.pull()
    apart = Quarantined.objects.count()
    near.br.put([bill, *objects])
    assert near.pull() == ""
    assert Quarantined.objects.count() == apart == 1
    assert len(near.receipts()) == 1


def test_what_was_deleted_on_terms_does_not_come_back(near: Neighbourhood):
    """Attack A81: neither by the same release again, nor by itself."""
    near.meet()
    objects = [indicator("gone")]
    bill = near.release(objects)
    near.pull()
    near.world.later(dt.timedelta(hours=1))
    vault.delete(Holding.objects.filter(partner=BR), "expiry", near.world.now)
    near.br.put([bill, *objects])
    near.pull()
    near.br.put(objects)
    assert near.pull() == ""
    assert near.held() == []
    assert not Quarantined.objects.exists(), "what was deleted is not even set apart"


@pytest.mark.parametrize("bound", ["suspended", "other-text"])
def test_a_release_under_no_agreement_in_force_waits_and_is_refused_after_a_day(near: Neighbourhood, bound: str):
    near.meet()
    objects = [indicator("one")]
    if bound == "suspended":
        flow = near.world.flow(BR, outward=False)
        treaties.suspend(flow, "officer-decided", now=near.world.now, by=near.world.officer)
        bill, why = near.release(objects), "no-such-flow"
    else:
        text = near.world.texts["ee-jp-csirt"]
        bill, why = near.release(objects, text=_unknown(text)), "unknown-agreement"
    near.pull()
    assert near.parcels() == {bill.id: ("waiting", why)}
    near.world.later(DAY)
    near.meet()
    near.pull()
    assert near.parcels() == {bill.id: ("refused", why)}
    assert near.held() == []
    assert near.peer.paused_why == ""


def _unknown(text: object) -> object:
    """The text, as a version that we have not accepted."""
    return SimpleNamespace(id="ee-br-csirt", text=SimpleNamespace(version=9), digest="sha256:" + "9" * 64)


def test_releases_under_way_are_bounded_and_none_is_lost(near: Neighbourhood, monkeypatch: pytest.MonkeyPatch):
    near.meet()
    monkeypatch.setattr("comity.node.exchange.arrivals.MOST_WAITING", 2)
    near.br.most = 1
    all_of_it = [[indicator(f"{n}-a"), indicator(f"{n}-b")] for n in range(3)]
    bills = [near.bill(objects) for objects in all_of_it]
    near.br.put(bills)
    near.br.put([one for objects in all_of_it for one in objects])
    assert near.pull() == "too-many-waiting"
    assert len(near.parcels()) == 2
    near.world.later(DAY)
    near.meet()
    assert near.pull() == ""
    assert set(near.parcels()) == {bill.id for bill in bills}, "the third was read once there was room"


def test_a_partner_without_a_card_is_not_visited(near: Neighbourhood):
    near.br.card_of = lambda: b"{}"
    near.meet()
    assert near.pull() == "no-card"
    assert near.br.asked == []
    assert near.pull(near.jp) == ""


def test_a_card_that_has_run_out_is_none(near: Neighbourhood):
    near.meet()
    near.world.later(dt.timedelta(days=8))
    near.br.card_of = lambda: b"{}"
    near.br.asked.clear()
    assert near.pull() == "no-card"
    assert near.br.asked == []
    assert BR in near.waits("meet")


def test_business_time_decides_and_not_the_machine_s(near: Neighbourhood):
    near.meet()
    near.world.later(dt.timedelta(days=3))
    near.meet()
    near.release([indicator("one")])
    near.pull()
    assert Holding.objects.get().first_receipt == near.world.now
    assert Peer.objects.get(pk=BR).visited_at == near.world.now


def test_parcels_are_sealed(near: Neighbourhood):
    """INVARIANT of the vault: no material is in any database unsealed."""
    near.meet()
    canary = indicator("canary-4711")
    near.br.put([near.bill([canary, indicator("late")]), canary])
    near.pull()
    part = Part.objects.get()
    assert b"canary-4711" not in bytes(part.box.sealed)
    assert b"canary-4711" in vault.opened(part.box)
    assert "canary" not in str(part.places)
    assert part.parcel.bill_box.expires == near.world.now + parcels.KEPT


def test_messages_about_what_nobody_knows_are_no_reason_to_stop(near: Neighbourhood):
    near.meet()
    objects = [indicator("never-sent")]
    bill = near.bill(objects)
    key = near.br.origin.key
    retraction = make_retraction(
        bill, reason=Withdrawal.ERROR, delete_by=near.world.now, made_at=near.world.now, key=key.public_key(),
        secret=chance.octets(32),
    )  # fmt: skip
    near.br.put([dict(sign_message(retraction, key).content)], near.br.outbox)
    near.release([indicator("one")])
    assert near.pull() == ""
    assert near.peer.paused_why == ""
    assert len(near.held()) == 1

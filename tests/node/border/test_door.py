"""The door: who may read what of the shelf, now. Each condition is changed between release and read (promise 9)."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.node.world import BR, EE_BR, JP, World, indicator

from comity.canon import dumps
from comity.messages import Withdrawal
from comity.node.border import actions as border
from comity.node.border import door
from comity.node.border.models import Collection, Release, Shelved
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow
from comity.node.vault import actions as vault
from comity.node.vault.models import BoxKey, Holding

C2 = indicator("c2")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def ids(world: World, partner: str = BR, **query: object) -> set[str]:
    return {one["id"] for one in world.read(partner, **query)}


@pytest.fixture
def sent(world: World) -> World:
    """One indicator stands on the shelf of CERT.br, published."""
    world.sent([C2])
    assert C2["id"] in ids(world)
    return world


def gone(world: World, partner: str = BR) -> bool:
    """By whichever function of the door, the partner sees nothing of the material."""
    collection, query = world.collection(), door.Selection(versions=door.EVERY)
    pages = [
        door.read(collection, query, partner=partner, now=world.now),
        door.manifest(collection, query, partner=partner, now=world.now),
        door.versions(collection, C2["id"], query, partner=partner, now=world.now),
        door.read(collection, door.Selection(ids=frozenset((C2["id"],))), partner=partner, now=world.now),
    ]
    return all(C2["id"] not in {item.object_id for item in page.items} for page in pages)


# -- each filter, changed between release and read


def test_what_is_not_published_yet_is_not_there(world):
    world.submitted([C2])
    assert Shelved.objects.filter(object_id=C2["id"], date_added=None).exists()
    assert gone(world)
    world.publish()
    assert not gone(world)


def test_a_row_without_a_date_is_not_even_selected(world):
    world.submitted([C2])
    query = door.Selection(versions=door.EVERY)
    assert not door._visible(world.collection(), query, BR, world.now).filter(object_id=C2["id"]).exists()


def test_a_suspended_flow_shows_nothing_and_what_stood_comes_back_with_it(sent):
    treaties.suspend(sent.flow(), "personal-data-breach", now=sent.now, by=sent.officer)
    assert gone(sent)
    treaties.resume(sent.flow(), now=sent.now, by=sent.officer)
    assert not gone(sent)


def test_before_its_first_day_and_after_its_last_a_flow_shows_nothing(sent):
    flow = Flow.objects.get(pk=sent.flow().pk)
    Flow.objects.filter(pk=flow.pk).update(ends=sent.now.date() - DAY)
    assert gone(sent)
    Flow.objects.filter(pk=flow.pk).update(ends=flow.ends, starts=sent.now.date() + DAY)
    assert gone(sent)
    Flow.objects.filter(pk=flow.pk).update(ends=sent.now.date(), starts=sent.now.date())
    assert not gone(sent), "both days are in force"


def test_at_the_sunset_nothing_stands(sent):
    sunset = dt.datetime.combine(sent.flow().ends + DAY, dt.time(), dt.UTC)
    sent.later(sunset - sent.now)
    assert gone(sent)


def test_what_has_expired_is_not_there_though_no_sweep_has_run(sent):
    row = Shelved.objects.get(object_id=C2["id"])
    assert row.expires is not None
    sent.later(row.expires - sent.now - HOUR)
    assert not gone(sent)
    sent.later(HOUR)
    assert gone(sent)


def test_a_holding_that_ends_sooner_takes_its_row_with_it(sent):
    Holding.objects.filter(object_id=C2["id"]).update(expires=sent.now)
    assert gone(sent)


def test_a_row_that_has_expired_is_not_there_whatever_its_holding_says(sent):
    Shelved.objects.filter(object_id=C2["id"]).update(expires=sent.now)
    assert gone(sent)


def test_a_withdrawn_item_is_not_in_the_manifest_either(sent):
    """Its row alone says so: its key could not be destroyed yet."""
    Shelved.objects.filter(object_id=C2["id"]).update(withdrawn_at=sent.now)
    assert gone(sent)


def test_a_deleted_holding_is_not_there(sent):
    vault.delete(Holding.objects.filter(object_id=C2["id"]), "erasure", sent.now)
    assert gone(sent)


def test_a_destroyed_key_is_no_error_the_item_is_not_there(sent):
    box = Shelved.objects.get(object_id=C2["id"]).box
    BoxKey.objects.filter(box_id=box.pk).update(wrapped=b"", destroyed_at=sent.now)
    assert C2["id"] not in ids(sent)
    assert sent.bills(), "the rest of the page is there"


def test_a_withdrawn_item_is_not_there(sent):
    (release,) = Release.objects.filter(items__object_id=C2["id"])
    border.withdraw(release, why=Withdrawal.ERROR, by=sent.officer, now=sent.now)
    assert gone(sent)


def test_stale_proof_shows_nothing_of_material_and_messages_still_flow(sent):
    sent.arrives([indicator("theirs")])
    sent.later(dt.timedelta(hours=23, minutes=59), witnessed=False)
    assert not gone(sent)
    sent.later(dt.timedelta(minutes=2), witnessed=False)
    assert gone(sent)
    assert [one["type"] for one in sent.told()] == ["comity-receipt"]
    sent.witness()
    assert not gone(sent)


def test_a_flow_that_asks_for_no_fresh_proof_never_goes_stale(sent):
    Flow.objects.filter(pk=sent.flow().pk).update(witnessed_within=None)
    sent.later(3 * DAY, witnessed=False)
    assert not gone(sent)


def test_another_partner_sees_nothing_of_it(sent):
    assert gone(sent, JP)
    assert ids(sent, JP) == set()
    page = door.read(sent.messages(BR), door.Selection(versions=door.EVERY), partner=JP, now=sent.now)
    assert page.items == ()


def test_what_partners_write_to_us_is_never_read_by_them(sent):
    """An inward collection gives nothing out, whatever stands in it."""
    Collection.objects.filter(pk=sent.collection().pk).update(outward=False)
    assert gone(sent)


CONSENTED = {
    EE_BR: [
        (
            "protect:\n",
            "share:\n  - {id: A1, what: [indicators, identities], for: incident-response, ceiling: amber,\n"
            "     release: automatic, consent: {of: victim-organisation}}\n\nprotect:\n",
        ),
        ("retention: {", "retention: {A1: P60D, "),
    ]
}


@pytest.fixture
def consented(node) -> World:
    """Under an annex whose share clause asks for the victim's consent, one is recorded, and an indicator went."""
    world = World(node, edits=CONSENTED)
    world.consent = treaties.record_consent(
        of="victim-organisation",
        reference="case-7",
        agreements=[EE_BR],
        objects=[C2["id"]],
        until=world.now + 10 * DAY,
        by=world.privacy,
        now=world.now,
    )
    world.sent([C2])
    assert C2["id"] in ids(world)
    return world


def test_without_the_consent_that_the_clause_asks_for_nothing_goes(node):
    world = World(node, edits=CONSENTED)
    crossing = world.sent([C2])
    assert (crossing.counts["deny"], ids(world)) == (1, set())


def test_a_consent_that_lapses_hides_what_stood_on_it(consented):
    consented.later(9 * DAY)
    assert not gone(consented)
    consented.later(1 * DAY)
    assert gone(consented)


def test_a_withdrawn_consent_hides_it_before_any_reaction_has_run(consented):
    treaties.withdraw_consent(consented.consent, now=consented.now, by=consented.privacy)
    assert gone(consented)


def test_a_withdrawn_consent_takes_it_off_and_has_it_deleted_there(consented):
    treaties.withdraw_consent(consented.consent, now=consented.now, by=consented.privacy)
    border.withdraw_for_consent(str(consented.consent.pk), consented.now)
    row = Shelved.objects.get(object_id=C2["id"])
    assert row.withdrawn_at == consented.now
    assert Holding.objects.get(object_id=C2["id"]).box is None
    (told,) = consented.told()
    assert (told["type"], told["reason"]) == ("comity-retraction", "consent-withdrawn")
    border.withdraw_for_consent(str(consented.consent.pk), consented.now)
    assert len(consented.told()) == 1, "again is no harm"


# -- what is hidden decides nothing


def test_a_newer_version_that_nobody_can_read_yet_does_not_hide_the_older_one(sent):
    newer = {**C2, "modified": "2026-11-20T08:00:00.000Z", "confidence": 80}
    sent.submitted([newer])
    assert [one["modified"] for one in sent.read(versions=door.LAST) if one["id"] == C2["id"]] == [C2["modified"]]
    sent.publish()
    assert [one["modified"] for one in sent.read(versions=door.LAST) if one["id"] == C2["id"]] == [newer["modified"]]
    both = [one["modified"] for one in sent.read() if one["id"] == C2["id"]]
    assert both == [C2["modified"], newer["modified"]]
    Shelved.objects.filter(version=newer["modified"]).update(expires=sent.now)
    assert [one["modified"] for one in sent.read(versions=door.LAST) if one["id"] == C2["id"]] == [C2["modified"]]


# -- only the door makes what partners get


def test_nobody_else_can_make_a_released_object(sent):
    item = sent.page().items[-1]
    fields = {f.name: getattr(item, f.name) for f in dataclasses.fields(item)}
    with pytest.raises(door.NotThroughTheDoor):
        door.Released(**fields, key=object())
    with pytest.raises(TypeError):
        door.Released(**fields)
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(item, body=b"{}")
    with pytest.raises(dataclasses.FrozenInstanceError):
        item.body = b"{}"
    assert copy.copy(item) == item, "a copy says what the door said"


def test_material_is_never_pushed_only_messages_are(sent):
    with pytest.raises(door.NotThroughTheDoor):
        door.for_posting(Shelved.objects.get(object_id=C2["id"]), now=sent.now)
    arrived = sent.arrives([indicator("theirs")])
    posted = door.for_posting(arrived.receipt, now=sent.now)
    assert posted is not None
    assert json.loads(posted.body)["type"] == "comity-receipt"


# -- one query, and its cost


def test_a_page_is_selected_and_filtered_in_one_query(sent):
    collection = sent.collection()
    with CaptureQueriesContext(connections["default"]) as asked:
        door.read(collection, door.Selection(), partner=BR, now=sent.now)
    of_shelf = [query["sql"] for query in asked if "border_shelved" in query["sql"]]
    assert len(of_shelf) == 1
    for condition in ("suspended_at", "witnessed_within", "withdrawn_at", "consent", "deleted_at", "outward"):
        assert condition in of_shelf[0]
    with CaptureQueriesContext(connections["keys"]) as keys:
        door.read(collection, door.Selection(), partner=BR, now=sent.now)
    assert len(keys) == 1, "all boxes of a page are opened together"


def test_the_page_is_walked_along_an_index(sent):
    """No cost grows with the collection: the order is an index's, and nothing is sorted."""
    rows = door._visible(sent.collection(), door.Selection(), BR, sent.now)[:101]
    plan = rows.explain()
    if connections["default"].vendor == "sqlite":
        assert "shelf_in_order" in plan or "date_added_is_unique" in plan or "sqlite_autoindex_border_shelved" in plan
        assert "shelf_by_version" in plan
        assert "TEMP B-TREE" not in plan


def test_a_body_is_one_json_object_and_nothing_around_it(sent):
    """An envelope is put together of bodies as they are."""
    for item in sent.page(BR).items:
        assert dumps(json.loads(item.body)) == item.body, item.type

"""A real release under a worked agreement, read over TLS by the partner's node, countersigned and posted back.

Every change between release and read is asked for again over HTTP: what the door hides, no route shows (promise 9).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.node.world import BR, JP, World, indicator, key_of

from comity.canon import dumps
from comity.ledger import read_public_key
from comity.messages import Bill, Receipt, make_receipt, sign_message, verify_bill
from comity.node import keyring
from comity.node.border.models import Release, Shelved
from comity.node.exchange.models import Message, Post
from comity.node.exchange.serving.taking import take_work
from comity.node.exchange.signatures import SigningKey
from comity.node.treaties.models import Flow
from comity.node.vault.models import BoxKey

from .live import Got, LiveNode
from .partners import Partner, objects_of

DAY = dt.timedelta(days=1)


def partner_of(world: World, party: str) -> Partner:
    """The partner's node as it asks: with the key that the agreement pins."""
    return Partner(
        party=world.party(party),
        key=SigningKey(keyid=party, private=key_of(party)),
        material=world.collection(party),
        theirs=world.collection(party),
        inbox=world.messages(party, outward=False),
        outbox=world.messages(party),
    )


@pytest.fixture
def world(server: LiveNode, node_live: Any) -> World:
    made = World(node_live)
    made.sent([indicator("one"), indicator("two")])
    return made


@pytest.fixture
def reader(world: World) -> Partner:
    return partner_of(world, BR)


def everything(server: LiveNode, reader: Partner) -> list[dict[str, Any]]:
    """Whatever the partner can get of its material, by any route, as one text."""
    got = reader.ask(server, "GET", objects_of(reader.material, "match%5Bversion%5D=all"))
    assert got.status == 200
    return list(got.json.get("objects", []))


def release_of(objects: list[dict[str, Any]]) -> tuple[Bill, list[dict[str, Any]]]:
    """The bill that lists an indicator, and what it lists; what stays longer has a bill of its own."""
    bills = [Bill(content=each) for each in objects if each["type"] == "comity-bill"]
    (bill,) = (bill for bill in bills if any(one["id"].startswith("indicator") for one in bill.content["listed"]))
    listed = {one["id"] for one in bill.content["listed"]}
    return bill, [each for each in objects if each["id"] in listed]


def kept(bill: Bill) -> Release:
    return Release.objects.get(bill_id=bill.id)


def receipt_for(bill: Bill, made_at: dt.datetime, party: str = BR) -> Receipt:
    key = key_of(party)
    made = make_receipt(bill, (), made_at=made_at, key=key.public_key(), secret=b"s" * 32)
    return sign_message(made, key)


def post(server: LiveNode, reader: Partner, *messages: Receipt) -> Got:
    body = dumps({"objects": [dict(each.content) for each in messages]})
    got = reader.ask(server, "POST", objects_of(reader.inbox), body=body)
    assert got.status == 202, got.body
    return got


def taken(server: LiveNode, reader: Partner, posted: Got, now: dt.datetime) -> Any:
    take_work({"post": posted.json["id"]}, now)
    return reader.ask(server, "GET", f"/exchange/status/{posted.json['id']}/").json


def test_what_the_partner_reads_verifies_offline(server: LiveNode, world: World, reader: Partner):
    """Bill first, then what it lists; with our public key and nothing else of ours."""
    bill, objects = release_of(everything(server, reader))
    account = verify_bill(
        bill,
        keyring.held().signing.public_key(),
        objects,
        log_key=keyring.held().log.verifier,
        receiver=BR,
    )
    assert account.objects == len(objects)
    assert [each["type"] for each in objects].count("indicator") == 2


def test_a_countersignature_that_is_posted_completes_the_release(server: LiveNode, world: World, reader: Partner):
    bill, _ = release_of(everything(server, reader))
    receipt = receipt_for(bill, world.now)
    posted = post(server, reader, receipt)
    assert kept(bill).complete_at is None, "it is looked at afterwards"
    done = taken(server, reader, posted, world.now)
    assert (done["status"], done["success_count"], done["failure_count"]) == ("complete", 1, 0)
    assert kept(bill).complete_at == world.now
    assert Message.objects.filter(pk=receipt.id, partner=BR, outward=False).exists()


def test_the_same_message_in_another_envelope_is_no_failure(server: LiveNode, world: World, reader: Partner):
    """TAXII 2.1 section 5.5: an exact duplicate is no error for that object."""
    bill, _ = release_of(everything(server, reader))
    receipt = receipt_for(bill, world.now)
    first = taken(server, reader, post(server, reader, receipt), world.now)
    later = receipt_for(bill, world.now + dt.timedelta(minutes=1))
    again = taken(server, reader, post(server, reader, receipt, later), world.now + dt.timedelta(minutes=2))
    assert (first["success_count"], again["success_count"], again["failure_count"]) == (1, 2, 0)
    assert Post.objects.count() == 2


def test_another_partner_cannot_countersign(server: LiveNode, world: World, reader: Partner):
    """Attack A43: what is posted is judged as the poster's, whoever's signature is in it."""
    bill, _ = release_of(everything(server, reader))
    stranger = partner_of(world, JP)
    done = taken(server, stranger, post(server, stranger, receipt_for(bill, world.now)), world.now + DAY)
    assert (done["success_count"], done["failure_count"]) == (0, 1)
    assert kept(bill).complete_at is None


def test_a_receipt_that_another_key_signed_fails_and_says_so(server: LiveNode, world: World, reader: Partner):
    bill, _ = release_of(everything(server, reader))
    done = taken(server, reader, post(server, reader, receipt_for(bill, world.now, JP)), world.now)
    assert [each["message"] for each in done["failures"]] == ["signed-by-another"]
    assert kept(bill).complete_at is None


def suspend(world: World) -> None:
    Flow.objects.filter(partner=BR, outward=True).update(suspended_at=world.now)


def end(world: World) -> None:
    Flow.objects.filter(partner=BR, outward=True).update(ends=world.now.date() - DAY)


def grow_stale(world: World) -> None:
    world.later(2 * DAY, witnessed=False)


def withdraw(world: World) -> None:
    Shelved.objects.exclude(release=None).update(withdrawn_at=world.now)


def destroy_the_keys(world: World) -> None:
    BoxKey.objects.filter(destroyed_at=None).update(wrapped=b"", destroyed_at=world.now)


CHANGES: dict[str, Callable[[World], None]] = {
    "the flow is suspended": suspend,
    "the agreement has ended": end,
    "the proof is stale": grow_stale,
    "it was withdrawn": withdraw,
    "its keys are destroyed": destroy_the_keys,
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_between_release_and_read_hides_it_on_every_route(
    change: str, server: LiveNode, world: World, reader: Partner
):
    objects = everything(server, reader)
    assert [each["type"] for each in objects].count("indicator") == 2
    collection = f"/exchange/collections/{reader.material.pk}/"
    started = reader.ask(server, "GET", objects_of(reader.material, "limit=1&match%5Bversion%5D=all")).json["next"]
    CHANGES[change](world)
    routes = [
        "objects/",
        f"objects/?limit=1&match%5Bversion%5D=all&next={started}",
        f"objects/?match%5Bid%5D={objects[1]['id']}",
        "objects/?match%5Btype%5D=indicator",
        *(f"objects/{each['id']}/" for each in objects),
    ]
    # What only its keys hide is still known to be there, by name.
    if change != "its keys are destroyed":
        routes += ["manifest/", *(f"objects/{each['id']}/versions/" for each in objects)]
    for route in routes:
        got = reader.ask(server, "GET", collection + route)
        assert got.status in (200, 404)
        text = got.body.decode()
        assert not any(each["id"] in text for each in objects), route
        assert "x-taxii-date-added-first" not in got.headers


def test_messages_flow_though_the_proof_is_stale(server: LiveNode, world: World, reader: Partner):
    """Receipts and retractions wait for no witness."""
    world.arrives([indicator("theirs")])
    grow_stale(world)
    got = reader.ask(server, "GET", objects_of(reader.outbox))
    assert [each["type"] for each in got.json["objects"]] == ["comity-receipt"]


def test_what_we_shelve_is_signed_by_us_and_by_the_answer_too(server: LiveNode, world: World, reader: Partner):
    got = reader.ask(server, "GET", objects_of(reader.material))
    assert 'keyid="cert-ee"' in got.headers["signature-input"]
    bill = Bill(content=json.loads(got.body)["objects"][0])
    assert bill.signer == keyring.held().signing.public_key()
    assert read_public_key(keyring.held().pinned) == bill.signer

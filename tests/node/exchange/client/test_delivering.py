"""Our messages are put into the partner's inbox, each until it is there; only what the door gave ever goes out."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.node.world import BR, indicator

from comity.messages import Receipt, message_of, verify_receipt
from comity.node import keyring
from comity.node.border import door
from comity.node.border.models import Shelved
from comity.node.due import actions as due
from comity.node.due.models import Due
from comity.node.exchange import actions
from comity.node.exchange.client.calling import caller
from comity.node.exchange.client.partner import Partner, envelope_of
from comity.node.exchange.models import Message
from comity.node.exchange.signatures import Answer, Request
from comity.node.treaties.models import Party

from .neighbourhood import Neighbourhood


@pytest.fixture
def owing(near: Neighbourhood) -> Neighbourhood:
    """A release came; its receipt is on the shelf, and to be delivered."""
    near.meet()
    near.release([indicator("one")])
    near.pull()
    return near


def message(near: Neighbourhood) -> str:
    """Its reaction ran: what is to be delivered."""
    shelved = Shelved.objects.get(collection__kind="messages", collection__outward=True)
    actions.deliver(shelved.object_id, near.world.now)
    near.br.asked.clear()
    return shelved.object_id


def test_a_receipt_is_posted_into_the_partners_inbox(owing: Neighbourhood):
    name = message(owing)
    assert owing.waits("deliver") == {name: owing.world.now}
    assert owing.work("deliver", message=name) == ""
    (posted,) = owing.br.posted
    (bill,) = [json.loads(one.body) for one in owing.br.material.items[:1]]
    receipt = message_of(posted)
    assert isinstance(receipt, Receipt)
    said = verify_receipt(receipt, keyring.held().signing.public_key(), message_of(bill))
    assert said.complete
    row = Message.objects.get(pk=name)
    assert (row.partner, row.kind, row.about, row.delivered_at) == (BR, "receipt", bill["id"], owing.world.now)
    assert owing.br.refused == []
    (post,) = [request for request in owing.br.asked if request.method == "POST"]
    assert '"content-digest"' in (post.field("signature-input") or "")


def test_what_is_delivered_is_not_delivered_again(owing: Neighbourhood):
    name = message(owing)
    owing.work("deliver", message=name)
    actions.deliver(name, owing.world.now)
    owing.work("deliver", message=name)
    assert len(owing.br.posted) == 1


def test_it_is_tried_until_the_partner_is_there(owing: Neighbourhood):
    name, url = message(owing), owing.br.url
    Party.objects.filter(pk=BR).update(url="https://localhost:1")
    (row,) = Due.objects.filter(kind="deliver")
    assert not due.perform(row.pk)
    row.refresh_from_db()
    assert (row.attempts, row.done_at, row.last_error) == (1, None, "NotConnected")
    Party.objects.filter(pk=BR).update(url=url)
    owing.work("deliver", message=name)
    assert len(owing.br.posted) == 1


def status(**counts: Any) -> Any:
    """The partner answers a post with this status."""

    def spoil(request: Request, answer: Answer) -> Answer:
        if request.method != "POST":
            return answer
        return replace(answer, body=json.dumps({**json.loads(answer.body), **counts}).encode())

    return spoil


def test_what_the_partner_has_not_looked_at_is_asked_for_again(owing: Neighbourhood):
    name = message(owing)
    owing.br.spoils = status(status="pending", success_count=0, pending_count=1)
    assert owing.work("deliver", message=name) == "pending-there"
    assert Message.objects.get(pk=name).delivered_at is None
    owing.br.spoils = None
    owing.work("deliver", message=name)
    assert Message.objects.get(pk=name).delivered_at == owing.world.now


def test_what_the_partner_does_not_take_is_pressed_for_a_day_and_then_left_on_the_shelf(owing: Neighbourhood):
    name = message(owing)
    owing.br.spoils = status(success_count=0, failure_count=1)
    assert owing.work("deliver", message=name) == "not-taken-there"
    owing.world.later(dt.timedelta(hours=24))
    assert owing.alarms() == set()
    assert owing.work("deliver", message=name) == ""
    assert owing.alarms() == {"message-not-taken"}
    assert Message.objects.get(pk=name).delivered_at is None, "it counts as undelivered"
    assert name in [one["id"] for one in owing.world.told(BR)]


def test_a_partner_without_an_inbox_gets_nothing(owing: Neighbourhood):
    name = message(owing)
    owing.br.inbox.title = "messages from cert-xx"
    with pytest.raises(Exception, match="no messages"):
        owing.work("deliver", message=name)
    assert owing.br.posted == []


def test_what_no_longer_stands_is_not_delivered(owing: Neighbourhood):
    name = message(owing)
    Shelved.objects.filter(object_id=name).update(withdrawn_at=owing.world.now)
    assert owing.work("deliver", message=name) == ""
    assert owing.br.posted == []


@pytest.mark.parametrize("item", [b"{}", {"type": "indicator"}, "x", None])
def test_nothing_but_what_the_door_gave_becomes_the_body_of_a_call(item: Any):
    """Promise 9, on the way out."""
    with pytest.raises(door.NotThroughTheDoor):
        envelope_of([item])


def test_a_look_alike_does_not_either(owing: Neighbourhood):
    class Released:
        body = b'{"type":"indicator"}'

    inbox = Partner(Party.objects.get(pk=BR), caller())
    with pytest.raises(door.NotThroughTheDoor):
        inbox.post(owing.br.inbox.id, [Released()])
    assert owing.br.posted == []


def test_material_is_never_posted(owing: Neighbourhood):
    """A partner reads it, and nobody pushes."""
    owing.world.sent([indicator("ours")])
    row = Shelved.objects.filter(collection__kind="material").first()
    with pytest.raises(door.NotThroughTheDoor):
        door.for_posting(row, now=owing.world.now)
    actions.deliver(row.object_id, owing.world.now)
    assert not Message.objects.filter(pk=row.object_id).exists()

"""deliver: put a message of ours into the partner's inbox, until it is there. It stands on the shelf as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from comity.canon import loads
from comity.node.border import door
from comity.node.border.door import Released
from comity.node.border.models import Shelved
from comity.node.due import actions as due
from comity.node.exchange.client.calling import caller
from comity.node.exchange.client.partner import Partner
from comity.node.exchange.incoming.pausing import alarm
from comity.node.exchange.models import Message
from comity.node.exchange.taxii import Status
from comity.node.treaties.models import Party

SOON = dt.timedelta(seconds=10)
LATER = dt.timedelta(hours=1)
PRESSED = dt.timedelta(hours=24)  # what the partner does not take by then, it can still read on the shelf
PENDING, REFUSED = "pending-there", "not-taken-there"
NOT_TAKEN = "message-not-taken"  # alarm


def deliver(subject: str, now: dt.datetime) -> None:
    """A reaction: a message was put on the shelf; `subject` is its STIX id."""
    row = _shelved(subject)
    if row is None:
        return
    item = door.for_posting(row, now=now)
    if item is None:
        return
    kind, about = item.type.removeprefix("comity-"), loads(item.body)["bill"]
    Message.objects.get_or_create(
        pk=subject,
        defaults={"partner": row.collection.partner, "outward": True, "kind": kind, "about": about, "at": now},
    )
    due.schedule("deliver", subject, now, {"message": subject})


def deliver_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work: post the message that the facts name. The same again has the same effect there.

    What the partner does not take for a day is pressed no more: an alarm says so, and it still stands on the shelf.

    Raises: due.Again while the partner has not looked at it, or does not take it; CallError, PartnerError.
    """
    message = Message.objects.filter(pk=facts["message"], outward=True, delivered_at=None).first()
    row = None if message is None else _shelved(message.pk)
    item = None if row is None else door.for_posting(row, now=now)
    if message is None or item is None:  # it is there, or nothing that need be
        return
    status = _post(message, item)
    if status.failure_count and now < message.at + PRESSED:
        raise due.Again(now + LATER, REFUSED)
    if status.status != "complete":
        raise due.Again(now + SOON, PENDING)
    if status.failure_count:
        alarm(NOT_TAKEN, message.partner, now)
    else:
        Message.objects.filter(pk=message.pk).update(delivered_at=now)


def _post(message: Message, item: Released) -> Status:
    partner = Partner(Party.objects.get(pk=message.partner), caller())
    return partner.post(partner.inbox(), [item])


def _shelved(message_id: str) -> Shelved | None:
    rows = Shelved.objects.select_related("collection").filter(collection__kind="messages", collection__outward=True)
    return rows.filter(object_id=message_id).first()

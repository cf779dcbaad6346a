"""Messages that came: receipts, retractions and deletion receipts, each acted upon once."""

from __future__ import annotations

import datetime as dt

from comity.messages import DeletionReceipt, Message, Receipt, Retraction
from comity.node.border import actions as border
from comity.node.exchange import models
from comity.node.treaties.models import Party


def came_before(party: Party, message: Message) -> bool:
    return models.Message.objects.filter(pk=message.id, partner=party.pk, outward=False).exists()


def act(party: Party, message: Message, now: dt.datetime) -> None:
    """Hand it to `border`, which verifies it and does what it asks. Again is no harm.

    Raises: NoSuchRelease, where it is about nothing that came or went; a MessageError, where it does not hold.
    """
    if isinstance(message, Receipt):
        border.take_receipt(party, message, now=now)
    elif isinstance(message, Retraction):
        border.take_retraction(party, message, now=now)
    elif isinstance(message, DeletionReceipt):
        border.take_deletion_receipt(party, message, now=now)
    models.Message.objects.get_or_create(
        pk=message.id,
        defaults={
            "partner": party.pk,
            "outward": False,
            "kind": message.KIND,
            "about": str(message.content["bill"]),
            "at": now,
            "delivered_at": now,
        },
    )

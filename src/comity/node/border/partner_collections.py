"""The collections of a partner: one of material for each flow, and one of messages each way."""

from __future__ import annotations

import datetime as dt
import hmac
import uuid

from django.db import transaction

from comity.node.border.models import Collection
from comity.node.keyring import held
from comity.node.treaties.models import Flow

MATERIAL, MESSAGES = "material", "messages"


def collection_id(*parts: str) -> uuid.UUID:
    """Derived under our key, in the form of a UUID version 4: it says nothing, and is the same after a restart."""
    octets = hmac.digest(held().derived("collections"), "\x1f".join(parts).encode(), "sha256")[:16]
    return uuid.UUID(bytes=octets, version=4)


def material_of(flow: Flow) -> Collection:
    """The collection of a flow; made where there is none yet."""
    found, _ = Collection.objects.get_or_create(
        id=collection_id(MATERIAL, flow.agreement, flow.origin, flow.destination),
        defaults={
            "partner": flow.partner_id,
            "kind": MATERIAL,
            "outward": flow.outward,
            "flow": flow,
            "title": f"{flow.agreement}: {flow.origin} to {flow.destination}",
        },
    )
    return found


def messages_of(partner: str, *, outward: bool) -> Collection:
    """The collection of what we tell a partner (outward), or of what it tells us; made where there is none yet."""
    direction = "to" if outward else "from"
    found, _ = Collection.objects.get_or_create(
        id=collection_id(MESSAGES, partner, direction),
        defaults={
            "partner": partner,
            "kind": MESSAGES,
            "outward": outward,
            "flow": None,
            "title": f"messages {direction} {partner}",
        },
    )
    return found


def locked(collection: Collection) -> Collection:
    """The row as it is now, and nobody else's to change until the transaction ends.

    INVARIANT: date_added is given under this lock, so that it rises in the order of commits (attack A46).
    """
    return Collection.objects.select_for_update().get(pk=collection.pk)


def open_collections(_text_digest: str, now: dt.datetime) -> None:
    """After a text was accepted: each of its flows, and each partner's messages, have their collections. A reaction."""
    del now
    with transaction.atomic():
        for flow in Flow.objects.all():
            material_of(flow)
            messages_of(flow.partner_id, outward=True)
            messages_of(flow.partner_id, outward=False)

"""Who read what: one entry in the ledger for each page of material that left (promise 5).

It says which partner, which collection, how many objects, and between which date_added; with the shelf's rows that is
every object, as long as those are kept. The entry is durable before the answer leaves.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.canon import Json
from comity.node.border.door import Page, Released
from comity.node.border.models import Collection
from comity.node.exchange.serving.clients import Client
from comity.node.exchange.taxii import format_timestamp
from comity.node.journal.actions import record


def record_page(page: Page[Released], collection: Collection, client: Client, *, now: dt.datetime) -> None:
    """INVARIANT: no object leaves whose reading is not in the ledger."""
    if page.first is None or page.last is None:
        return
    facts: dict[str, Json] = {
        "partner": client.party,
        "collection": str(collection.pk),
        "objects": len(page.items),
        "first": format_timestamp(page.first),
        "last": format_timestamp(page.last),
    }
    if client.tool is not None:
        facts["tool"] = str(client.tool)
    with transaction.atomic():
        record("exchange:page:read", str(collection.pk), kind="access", facts=facts, now=now)

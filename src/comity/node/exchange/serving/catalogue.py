"""The collections that a client sees: its party's own, and no other's (TAXII 2.1 sections 5.1 and 5.2).

| collection | its node | its tools |
| --- | --- | --- |
| outward: what we send them | reads | read |
| inward: what they send us | writes | do not see it |
"""

from __future__ import annotations

import re

from django.db.models import QuerySet

from comity.node.border import models as border
from comity.node.exchange.serving.clients import Client
from comity.node.exchange.serving.endpoint import Asked, Reply
from comity.node.exchange.taxii import (
    STIX_MEDIA_TYPE,
    Collection,
    Collections,
    Endpoint,
    Forbidden,
    NotFound,
    parse_query,
    write,
)

_ID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


def collections(asked: Asked) -> Reply:
    """GET /exchange/collections/: in one stable order."""
    parse_query(asked.query, Endpoint.COLLECTIONS)
    seen = tuple(_resource(one, asked.client) for one in _seen(asked.client).order_by("kind", "title", "pk"))
    return Reply(body=write(Collections(collections=seen)))


def collection(asked: Asked, collection_id: str) -> Reply:
    """GET /exchange/collections/<id>/."""
    found = seen(asked.client, collection_id)
    parse_query(asked.query, Endpoint.COLLECTION)
    return Reply(body=write(_resource(found, asked.client)))


def seen(client: Client, collection_id: str) -> border.Collection:
    """One that the client sees.

    INVARIANT: one query decides, on id and party at once, so that a foreign collection is answered with the work and
    the bytes of one that does not exist (attacks A43 and A47).
    Raises: NotFound.
    """
    found = _seen(client).filter(pk=collection_id).first() if _ID.fullmatch(collection_id) else None
    if found is None:
        raise NotFound()
    return found


def readable(client: Client, collection_id: str) -> border.Collection:
    """Raises: NotFound; Forbidden where it is one that the client only writes."""
    found = seen(client, collection_id)
    if not found.outward:
        raise Forbidden()
    return found


def writable(client: Client, collection_id: str) -> border.Collection:
    """Raises: NotFound; Forbidden where it is one that the client only reads."""
    found = seen(client, collection_id)
    if found.outward or not client.writes:
        raise Forbidden()
    return found


def _seen(client: Client) -> QuerySet[border.Collection]:
    theirs = border.Collection.objects.filter(partner=client.party)
    return theirs if client.writes else theirs.filter(outward=True)


def _resource(found: border.Collection, client: Client) -> Collection:
    return Collection(
        id=str(found.pk),
        title=found.title,
        can_read=found.outward,
        can_write=not found.outward and client.writes,
        media_types=(STIX_MEDIA_TYPE,),
    )

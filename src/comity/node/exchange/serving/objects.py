"""Reading a collection: objects, one object, its versions, and the manifest (TAXII 2.1 sections 5.3, 5.4, 5.6, 5.8).

INVARIANT: every object, and that there is one, comes through the door; this file turns queries into selections and
pages into resources, and knows nothing of the shelf (promise 9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn, TypeVar

from comity.node import clock, keyring
from comity.node.border import door
from comity.node.border.models import Collection
from comity.node.exchange.serving import catalogue
from comity.node.exchange.serving.accesses import record_page
from comity.node.exchange.serving.endpoint import Asked, Reply
from comity.node.exchange.taxii import (
    Endpoint,
    Forbidden,
    Manifest,
    ManifestRecord,
    NotFound,
    Versions,
    Walk,
    date_added_headers,
    format_timestamp,
    open_cursor,
    parse_query,
    seal_cursor,
    write,
    write_envelope,
)

OUR_SPEC_VERSIONS = frozenset({"2.1"})  # all that our shelves hold, and so the newest of each object
_ID = re.compile(r"[\x21-\x7e]{1,120}")  # no id on a shelf is longer, and no database is asked for odd characters
R = TypeVar("R", bound=door.Record)


def objects(asked: Asked, collection_id: str) -> Reply:
    """GET .../objects/."""
    collection = catalogue.readable(asked.client, collection_id)
    walk = _walk(asked, collection, Endpoint.OBJECTS)
    page = door.read(collection, _selection(walk), partner=asked.client.party, now=asked.now)
    return _envelope(asked, collection, page, walk)


def one_object(asked: Asked, collection_id: str, object_id: str) -> Reply:
    """GET .../objects/<id>/: 404 where no version of it may be seen, whatever else is asked."""
    collection = catalogue.readable(asked.client, collection_id)
    walk = _walk(asked, collection, Endpoint.OBJECT, object_id)
    page = door.read(collection, _selection(walk), partner=asked.client.party, now=asked.now)
    if not page.items:
        _must_be_there(asked, collection, object_id)
    return _envelope(asked, collection, page, walk)


def versions(asked: Asked, collection_id: str, object_id: str) -> Reply:
    """GET .../objects/<id>/versions/."""
    collection = catalogue.readable(asked.client, collection_id)
    selection = _selection(_walk(asked, collection, Endpoint.VERSIONS, object_id))
    page = door.versions(collection, object_id, selection, partner=asked.client.party, now=asked.now)
    if not page.items:
        _must_be_there(asked, collection, object_id)
    told = Versions(more=page.more, versions=tuple(item.version for item in page.items))
    return Reply(body=write(told), headers=_dates(page))


def manifest(asked: Asked, collection_id: str) -> Reply:
    """GET .../manifest/: what `objects` would answer, without what is in it."""
    collection = catalogue.readable(asked.client, collection_id)
    walk = _walk(asked, collection, Endpoint.MANIFEST)
    page = door.manifest(collection, _selection(walk), partner=asked.client.party, now=asked.now)
    told = Manifest(more=page.more, objects=tuple(map(_manifest_record, page.items)))
    return Reply(body=write(told), headers=_dates(page))


def delete(asked: Asked, collection_id: str, object_id: str) -> NoReturn:
    """DELETE .../objects/<id>/: 403, or 404 where the client does not see the collection (section 5.7, table).

    No client can both read and write one collection here. What has to go, goes by a retraction that its originator
    signs, and by nobody else's hand on our shelf.
    """
    del object_id
    catalogue.seen(asked.client, collection_id)
    raise Forbidden()


def _walk(asked: Asked, collection: Collection, endpoint: Endpoint, object_id: str | None = None) -> Walk:
    """What is asked of which list, by whom: all that a cursor is bound to. Raises: MalformedQuery; NotFound."""
    if object_id is not None and not _ID.fullmatch(object_id):
        raise NotFound()
    return Walk(
        client=asked.client.name,
        collection=str(collection.pk),
        endpoint=endpoint,
        object_id=object_id,
        query=parse_query(asked.query, endpoint),
    )


def _selection(walk: Walk) -> door.Selection:
    """The query as the door takes it. Raises: BadCursor."""
    query = walk.query
    wanted = query.versions
    return door.Selection(
        ids=query.ids if walk.object_id is None else frozenset((walk.object_id,)),
        types=query.types,
        versions=door.Versions(first=wanted.first, last=wanted.last, every=wanted.every, exact=wanted.exact),
        spec_versions=query.spec_versions or OUR_SPEC_VERSIONS,
        added_after=query.added_after,
        after_sequence=open_cursor(query.next, walk, key=_cursor_key(), now=clock.real()) if query.next else None,
        limit=query.limit,
    )


def _envelope(asked: Asked, collection: Collection, page: door.Page[door.Released], walk: Walk) -> Reply:
    if not asked.only_head:
        record_page(page, collection, asked.client, now=asked.now)
    going_on = page.more and page.sequence is not None
    token = seal_cursor(page.sequence or 0, walk, key=_cursor_key(), now=clock.real()) if going_on else ""
    return Reply(body=write_envelope(_bodies(page.items), more=page.more, next=token), headers=_dates(page))


def _bodies(items: Iterable[door.Released]) -> Iterable[bytes]:
    """INVARIANT: nothing but a `Released`, which the door alone can make, becomes part of an envelope."""
    for item in items:
        if type(item) is not door.Released:
            raise door.NotThroughTheDoor()
        yield item.body


def _must_be_there(asked: Asked, collection: Collection, object_id: str) -> None:
    """An object of which nothing matched is no error; one of which nothing may be seen does not exist (A47)."""
    every = door.Selection(limit=1)
    if not door.versions(collection, object_id, every, partner=asked.client.party, now=asked.now).items:
        raise NotFound()


def _manifest_record(item: door.Record) -> ManifestRecord:
    return ManifestRecord(
        id=item.object_id,
        date_added=format_timestamp(item.date_added),
        version=item.version,
        media_type=f"application/stix+json;version={item.spec_version}",
    )


def _dates(page: door.Page[R]) -> dict[str, str]:
    return date_added_headers([] if page.first is None or page.last is None else [page.first, page.last])


def _cursor_key() -> bytes:
    return keyring.held().derived("taxii-cursors")

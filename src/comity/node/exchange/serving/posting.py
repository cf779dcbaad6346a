"""What a partner's node posts: taken durably before the 202, and looked at afterwards (TAXII 2.1 section 5.5)."""

from __future__ import annotations

import datetime as dt
import hmac
from http import HTTPStatus

from django.db import transaction

from comity.node import keyring
from comity.node.border.models import Collection
from comity.node.due.actions import schedule
from comity.node.exchange.models import Post
from comity.node.exchange.serving import bodies, catalogue
from comity.node.exchange.serving.endpoint import Asked, Reply
from comity.node.exchange.serving.later import TryLater
from comity.node.exchange.serving.statuses import resource
from comity.node.exchange.taxii import Endpoint, check_content_type, parse_query, read_added, write
from comity.node.vault import actions as vault

TAKE = "take"  # the kind of due work that looks at it
MOST_WAITING = 200  # envelopes in one collection that were not looked at yet
MOST_KEPT = 10_000  # statuses of one collection, of the last day
TAKEN_WITHIN = dt.timedelta(days=7)  # then what could not be taken is deleted, and its status says so


class TooManyPosted(TryLater):
    what = "the envelope was not taken"
    why = "too many of yours wait to be looked at, or came within a day"
    do = "send it again after the time that Retry-After gives; nothing of it was kept"


def add(asked: Asked, collection_id: str) -> Reply:
    """POST .../objects/: 202 once the envelope is kept. One that was sent before has the status that it had."""
    collection = catalogue.writable(asked.client, collection_id)
    check_content_type(asked.request.META.get("CONTENT_TYPE"))
    parse_query(asked.query, Endpoint.ADD_OBJECTS)
    body = bodies.without_coding(asked.body(), asked.request.META.get("HTTP_CONTENT_ENCODING"))
    objects = read_added(body, max_content_length=bodies.MAX_CONTENT_LENGTH).objects
    post = _keep(collection, body, len(objects), asked.now)
    return Reply(body=write(resource(post)), status=HTTPStatus.ACCEPTED)


def _keep(collection: Collection, body: bytes, total: int, now: dt.datetime) -> Post:
    """INVARIANT: envelope, status and the work that takes it are there together, or not at all."""
    with transaction.atomic():
        post, is_new = Post.objects.get_or_create(
            collection=collection,
            digest=_digest(body),
            defaults={"partner": collection.partner, "posted_at": now, "total": total},
        )
        if is_new:
            _check_room(collection)
            post.box = vault.seal("post", body, now=now, expires=now + TAKEN_WITHIN)
            post.save(update_fields=["box"])
            schedule(TAKE, str(post.pk), now, {"post": str(post.pk)})
    return post


def _check_room(collection: Collection) -> None:
    """Raises: TooManyPosted, so that one partner cannot fill the node for all."""
    posts = Post.objects.filter(collection=collection)
    if posts.filter(done_at=None).count() > MOST_WAITING or posts.count() > MOST_KEPT:
        raise TooManyPosted()


def _digest(body: bytes) -> str:
    return "hmac-sha256:" + hmac.digest(keyring.held().derived("posts"), body, "sha256").hex()

"""Taking what a partner posted: due work, some time after the 202."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from comity.node.due.actions import Again
from comity.node.exchange.arrivals import Taken, take
from comity.node.exchange.models import Post
from comity.node.exchange.taxii import read_envelope
from comity.node.treaties.models import Party
from comity.node.vault import actions as vault

ON_ITS_WAY = "no-such-release"  # a retraction can overtake the release that it takes back
WAITED = dt.timedelta(hours=1)
SOON = dt.timedelta(seconds=30)
GONE = "not-taken-in-time"


def take_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work `take`; `facts`: the post. Idempotent: what was taken once is not taken twice, and killed at any point
    it is taken up again.

    Raises: Again, while something in it is about a release that may still come.
    """
    post = Post.objects.select_related("collection", "box").filter(pk=facts["post"]).first()
    if post is None:
        return
    if post.done_at is None:
        _take(post, now)
    if post.box is not None:
        vault.destroy([post.box])  # what was acted on is kept where it belongs, or not at all


def _take(post: Post, now: dt.datetime) -> None:
    opened = vault.opened_many([post.box] if post.box is not None else [])
    if post.box is None or post.box.pk not in opened:
        results = [Taken(id="", version="", code=GONE)] * post.total
    else:
        party = Party.objects.get(pk=post.partner)
        results = take(party, post.collection, read_envelope(opened[post.box.pk]).objects, now=now)
        waited = now - post.posted_at
        if waited < WAITED and any(one.code == ON_ITS_WAY for one in results):
            raise Again(now + max(SOON, waited), ON_ITS_WAY)
    post.results = [[one.id, one.version, one.code] for one in results]
    post.done_at = now
    post.save(update_fields=["results", "done_at"])

"""What became of an envelope that a partner posted (TAXII 2.1 section 4.3)."""

from __future__ import annotations

import re

from comity.node.exchange.models import Post
from comity.node.exchange.serving.endpoint import Asked, Reply
from comity.node.exchange.taxii import NotFound, Status, StatusDetails, format_timestamp, write

_ID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
UNSAID = "unknown"  # where an object had no id or version to be named by


def status(asked: Asked, status_id: str) -> Reply:
    """GET /exchange/status/<id>/.

    INVARIANT: only the node of the party that posted it sees it; to everybody else it does not exist.
    """
    posts = Post.objects.filter(partner=asked.client.party)
    found = posts.filter(pk=status_id).first() if asked.client.writes and _ID.fullmatch(status_id) else None
    if found is None:
        raise NotFound()
    return Reply(body=write(resource(found)))


def resource(post: Post) -> Status:
    """Everything is pending until all of it was looked at."""
    done = post.done_at is not None
    taken = tuple(_details(*result) for result in post.results if not result[2])
    failed = tuple(_details(*result) for result in post.results if result[2])
    return Status(
        id=str(post.pk),
        status="complete" if done else "pending",
        request_timestamp=format_timestamp(post.posted_at),
        total_count=post.total,
        success_count=len(taken),
        successes=taken,
        failure_count=len(failed),
        failures=failed,
        pending_count=0 if done else post.total,
    )


def _details(object_id: str, version: str, code: str) -> StatusDetails:
    return StatusDetails(id=object_id or UNSAID, version=version or UNSAID, message=code)

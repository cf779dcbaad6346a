"""What the server is: discovery and its one API root (TAXII 2.1 sections 4.1 and 4.2)."""

from __future__ import annotations

from urllib.parse import urlsplit

from comity.node.config import current
from comity.node.exchange.serving.bodies import MAX_CONTENT_LENGTH
from comity.node.exchange.serving.endpoint import Asked, Reply
from comity.node.exchange.taxii import MEDIA_TYPE, ApiRoot, Discovery, write

API_ROOT = "/exchange/"


def discovery(_asked: Asked) -> Reply:
    """GET /taxii2/."""
    node = current()
    # The standard has no plain HTTP URL for an API root; a development node without TLS names the path.
    root = f"{node.url}{API_ROOT}" if urlsplit(node.url).scheme == "https" else API_ROOT
    return Reply(body=write(Discovery(title=node.name, default=root, api_roots=(root,))))


def api_root(_asked: Asked) -> Reply:
    """GET /exchange/."""
    told = ApiRoot(title=current().name, versions=(MEDIA_TYPE,), max_content_length=MAX_CONTENT_LENGTH)
    return Reply(body=write(told))

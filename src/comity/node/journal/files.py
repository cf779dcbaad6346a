"""The log's public files, served as a web server would serve them: the checkpoint and the tiles of hashes (tlog-tiles).

Plain views without session or cookie. The bundles of entries are not among them: those are for auditors (`api`).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from comity.ledger import CHECKPOINT_PATH
from comity.node.journal.models import Tile

TEXT, BINARY = "text/plain; charset=utf-8", "application/octet-stream"
SHORT, LONG = "public, max-age=5", "public, max-age=31536000, immutable"
_READS = ("GET", "HEAD")


def checkpoint(request: HttpRequest) -> HttpResponseBase:
    """GET <prefix>/checkpoint: the newest that enough witnesses have cosigned; 404 before there is one."""
    return _file(request, CHECKPOINT_PATH, TEXT, SHORT)


def tile(request: HttpRequest, path: str) -> HttpResponseBase:
    """GET <prefix>/tile/<path>: `<level>/<index>` or `<level>/<index>.p/<width>`.

    A partial tile is there until the tile is full; who asks later takes the full one (tlog-tiles).
    """
    if path.startswith("entries"):
        return HttpResponse(status=404)
    return _file(request, f"tile/{path}", BINARY, LONG)


def _file(request: HttpRequest, path: str, content_type: str, cache: str) -> HttpResponseBase:
    if request.method not in _READS:
        return HttpResponse(status=405, headers={"Allow": ", ".join(_READS)})
    data = None if "\x00" in path else Tile.objects.filter(path=path).values_list("data", flat=True).first()
    if data is None:
        return HttpResponse(status=404)
    body = bytes(data)
    headers = {"Cache-Control": cache, "Content-Length": str(len(body)), "X-Content-Type-Options": "nosniff"}
    return HttpResponse(body if request.method == "GET" else b"", content_type=content_type, headers=headers)

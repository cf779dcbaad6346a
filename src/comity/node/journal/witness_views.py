"""What partners ask of us as a witness of their logs (C2SP tlog-witness). Plain views without session or cookie."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from comity.node import clock
from comity.node.journal.actions import RowChanged, answer, cosigned
from comity.node.journal.files import TEXT

MOST = 64 * 1024
"""Bytes of a request: 63 hashes and a checkpoint with 64 signatures are well below."""
FOR_A_MINUTE = "public, max-age=60"  # tlog-witness: at most an hour old


def add_checkpoint(request: HttpRequest) -> HttpResponseBase:
    """POST <prefix>/add-checkpoint. Its status and content types are those of the protocol's table."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    body = request.read(MOST + 1)  # one more than is answered: a body without end is not read to its end
    if len(body) > MOST:
        return HttpResponse(f"a request has at most {MOST} bytes\n", status=413, content_type=TEXT)
    try:
        reply = answer(body, clock.now())
    except RowChanged:
        return _uncached(HttpResponse("this witness cannot tell what it cosigned\n", status=503, content_type=TEXT))
    return _uncached(HttpResponse(reply.body.encode(), status=reply.status, content_type=reply.content_type))


def cosigned_checkpoint(request: HttpRequest, origin_hash: str) -> HttpResponseBase:
    """GET <prefix>/<hex sha256 of the origin>/checkpoint: the latest that we cosigned; 404 if none."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    note = cosigned(origin_hash)
    if note is None:
        return HttpResponse(status=404)
    headers = {"Cache-Control": FOR_A_MINUTE, "Content-Length": str(len(note))}
    return HttpResponse(note if request.method == "GET" else b"", content_type=TEXT, headers=headers)


def _uncached(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response

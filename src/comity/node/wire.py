"""Partners' routes, apart from people's: no cookie, no session, no page ever answers there."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from comity.node.exchange.serving.endpoint import not_found

URLCONF = "comity.node.wire_urls"
TAXII = ("/taxii2/", "/exchange/")
PREFIXES = (*TAXII, "/witness/", "/ledger/", "/.well-known/comity.json")


class Wire:
    """Middleware: what begins with one of `PREFIXES` is answered by `wire_urls` alone, or is not found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIXES):
            return self._get_response(request)
        response = _answer(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        return response


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        match = resolve(request.path_info, URLCONF)
    except Resolver404:
        return not_found() if request.path_info.startswith(TAXII) else HttpResponse(status=404)
    response = match.func(request, *match.args, **match.kwargs)
    assert isinstance(response, HttpResponse)  # noqa: S101 -- wire views are plain functions
    return response

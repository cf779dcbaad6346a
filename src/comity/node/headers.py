"""What every page says of itself: no foreign content, no framing, and whether its clock is an exercise's."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from comity.node import clock
from comity.node.config import current

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS = (
    "camera=(), geolocation=(), microphone=(), publickey-credentials-create=(self), publickey-credentials-get=(self)"
)


class Headers:
    """Middleware. INVARIANT: no page of ours runs a script that is not a file of ours (attack A23)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def node_context(_request: HttpRequest) -> dict[str, object]:
    """For templates: whose node this is, and the time it goes by."""
    node = current()
    return {"node": node, "business_now": clock.now(), "exercise_clock": node.clock_file is not None}

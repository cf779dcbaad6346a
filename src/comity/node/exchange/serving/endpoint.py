"""The frame around every TAXII endpoint: who asks, what they accept, the answer, its errors, its signature."""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from comity.node import chance, clock
from comity.node.exchange.serving import bodies
from comity.node.exchange.serving.authenticating import ACCEPT_SIGNATURE, Proved, authenticate, challenges
from comity.node.exchange.serving.clients import Client
from comity.node.exchange.serving.later import NotNow, TryLater
from comity.node.exchange.taxii import (
    MEDIA_TYPE,
    ErrorMessage,
    MethodNotAllowed,
    NotFound,
    Unauthenticated,
    error_body,
    negotiate,
    status_of,
    write,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request whose sender was proved."""

    request: HttpRequest
    proved: Proved
    now: dt.datetime  # business time

    @property
    def client(self) -> Client:
        return self.proved.client

    @property
    def query(self) -> str:
        """What follows the `?`, still percent-encoded."""
        return str(self.request.META.get("QUERY_STRING", ""))

    @property
    def only_head(self) -> bool:
        return self.request.method == "HEAD"

    def body(self) -> bytes:
        """As sent. Raises: TooLarge."""
        signed = self.proved.signed
        return bodies.received(self.request) if signed is None else signed.message.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: a resource or an envelope, written."""

    body: bytes
    status: int = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)


View = Callable[..., Reply]


def endpoint(**views: View) -> Callable[..., HttpResponse]:
    """The Django view of one path: a function for each method. HEAD is answered as GET, without its body."""
    if "GET" in views:
        views["HEAD"] = views["GET"]

    def answer(request: HttpRequest, **parts: str) -> HttpResponse:
        proved: Proved | None = None
        try:
            proved = authenticate(request)
            if request.method not in views:
                raise MethodNotAllowed()
            negotiate(request.META.get("HTTP_ACCEPT"))
            asked = Asked(request=request, proved=proved, now=clock.now())
            response = _response(views[request.method](asked, **parts))
        except Exception as error:  # whatever it is, the client gets an answer of the protocol
            response = _refused(error, request, views)
        return _finished(response, request, proved)

    return answer


def not_found() -> HttpResponse:
    """What is answered where there is no such path: the same as where there is nothing that the client may see."""
    return _response(Reply(body=error_body(NotFound()), status=HTTPStatus.NOT_FOUND))


def _refused(error: Exception, request: HttpRequest, allow: Iterable[str]) -> HttpResponse:
    """The TAXII error message that this exception means, with the headers that its status asks for."""
    headers: dict[str, str] = {}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(allow))
    if isinstance(error, Unauthenticated):
        try:
            headers["WWW-Authenticate"] = challenges(secure=request.is_secure())
            headers["Accept-Signature"] = ACCEPT_SIGNATURE
        except DatabaseError as away:
            error = away
    if isinstance(error, OperationalError | InterfaceError):
        _log(error)
        error = NotNow()
    if isinstance(error, TryLater):
        return _later(error)
    status, error_id = status_of(error), ""
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        error_id = _log(error)
    return _response(Reply(body=error_body(error, error_id=error_id), status=status, headers=headers))


def _later(error: TryLater) -> HttpResponse:
    told = ErrorMessage(title=error.title, description=error.description, http_status=str(int(error.status)))
    headers = {"Retry-After": str(int(error.wait.total_seconds()))}
    return _response(Reply(body=write(told), status=error.status, headers=headers))


def _log(error: Exception) -> str:
    """INVARIANT: the log holds where it was raised and no error's words, which may be somebody's data (attack A25).

    Returns: what the log calls it.
    """
    error_id = chance.octets(8).hex()
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    log.error("exchange:request:failed", error=type(error).__name__, place=place, error_id=error_id)
    return error_id


def _response(reply: Reply) -> HttpResponse:
    return HttpResponse(reply.body, status=reply.status, content_type=MEDIA_TYPE, headers=reply.headers)


def _finished(response: HttpResponse, request: HttpRequest, proved: Proved | None) -> HttpResponse:
    if request.method == "HEAD":
        response.headers["Content-Length"] = str(len(response.content))
        response.content = b""
    if proved is not None and proved.signed is not None:
        proved.signed.sign(response)
    return response

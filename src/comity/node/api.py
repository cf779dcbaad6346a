"""The API for programs, described by OpenAPI at /api/openapi.json. Every verb asks for the person's own token.

Whatever goes wrong is answered in one form: a name for programs, the sentence and what to do. INVARIANT: nothing of an
unforeseen error, and nothing of what was sent, is in an answer.
"""

from __future__ import annotations

import traceback
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser

from comity import __version__
from comity.canon import ComityError, InputError, Limits, loads, printable
from comity.node.border.api import router as border
from comity.node.border.evidence import router as evidence
from comity.node.exchange.api import router as exchange
from comity.node.journal.api import router as journal
from comity.node.openapi import described
from comity.node.treaties.api import router as treaties

MOST_JSON = 4 * 1024 * 1024  # bytes; two texts of half a megabyte, written as JSON at its longest. Files have their own
log = structlog.get_logger(__name__)


class TooLong(InputError):
    what = "the request was not read"
    why = "its body has more than {most} bytes"
    do = "send less at a time"
    http_status = 413


class NotJson(InputError):
    what = "the request was not read"
    why = "its body is not said to be application/json"
    do = "send JSON, with its Content-Type"
    http_status = 415


class NotUnderstood(InputError):
    what = "the request was not carried out"
    why = "{reasons}"
    do = "send what /api/openapi.json describes, and nothing else"
    http_status = 422


class StrictJson(Parser):
    """Bodies in the same strict JSON as everything else here: no duplicate names, no NaN, within limits."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise NotJson()
        if len(request.body) > MOST_JSON:
            raise TooLong(most=MOST_JSON)
        return loads(request.body, limits=Limits(max_bytes=MOST_JSON))


class Api(NinjaAPI):
    def get_openapi_schema(self, **asked: Any) -> Any:
        return described(super().get_openapi_schema(**asked))

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """As `border_approve`: the app and the verb."""
        return f"{operation.view_func.__module__.split('.')[2]}_{operation.view_func.__name__}"


api = Api(title="Comity", version=__version__, docs_url=None, urls_namespace="api", parser=StrictJson())
api.add_router("/ledger", journal)
for part in (treaties, border, evidence, exchange):
    api.add_router("", part)


@api.exception_handler(ComityError)
def told(request: HttpRequest, error: ComityError) -> HttpResponse:
    """What, why and what to do, as on the command line. A breach of proof is 409, bad input 400."""
    status = getattr(error, "http_status", 400 if isinstance(error, InputError) else 409)
    return _answer(request, status, type(error).__name__, error.sentence, error.remedy)


@api.exception_handler(ValidationError)
def misread(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Which field, and what is wrong with it; never what it said."""
    reasons = (f"{_place(one['loc'])}: {_wrong(one)}" for one in error.errors[:10])
    return told(request, NotUnderstood(reasons="; ".join(reasons)))


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja raises: a body that cannot be parsed, and no token, or none that holds."""
    if isinstance(error.__cause__, ComityError):  # a body that `StrictJson` did not take
        return told(request, error.__cause__)
    if error.status_code == 401:
        said = "no token came, or it is not valid any more", "run `comity login`, and try again"
        response = _answer(request, 401, "NotSignedIn", *said)
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 6750 section 3
        return response
    return _answer(request, error.status_code, "Refused", "the request was not carried out", "look at what was sent")


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    del error
    return _answer(request, 404, "NotFound", "there is no such thing here", "look at the lists for what there is")


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    del error
    return _answer(request, 413, "TooLong", "the request was not read: its body is too long", "send less at a time")


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """INVARIANT: where it happened is logged, and what it said is not: that could be anybody's data (attack A25)."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    log.error("a request failed", error=type(error).__name__, at=f"{frame.filename}:{frame.lineno}")
    said = "the node failed, and nothing was released", "try again; if it happens again, tell whoever runs this node"
    return _answer(request, 500, "Failed", *said)


def _answer(request: HttpRequest, status: int, name: str, sentence: str, do: str) -> HttpResponse:
    return api.create_response(request, {"error": name, "sentence": sentence, "do": do}, status=status)


def _place(loc: tuple[str | int, ...]) -> str:
    """`body.to.0`: the second step is the name of a parameter of ours. A name of theirs is made harmless."""
    steps = [one for i, one in enumerate(loc) if not (i == 1 and one in ("body", "said"))]
    return ".".join(
        str(one) if str(one).isidentifier() and len(str(one)) < 40 else printable(str(one)) for one in steps
    )


def _wrong(error: dict[str, Any]) -> str:
    """pydantic's words for a kind of error; of our own checks the kind alone, since their words may quote."""
    return "is not right" if error["type"] in ("value_error", "assertion_error") else str(error["msg"])

"""The gateway: a request is read whole, within limits, before a thread of the application sees it.

Granian's own WSGI interface hands a request over when its headers are there, and the thread then waits for the body
for as long as the sender likes: eight silent senders would stop eight threads for ever (attack A33). Over its RSGI
interface the body is read here, in the event loop, where waiting costs nothing and ends. Also refused here, before any
code of ours: a body without a length, another host than ours, and header names that WSGI cannot tell apart.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog

MOST_HEAD = 64 * 1024  # bytes of a request's head; Granian lets more through when it comes in one piece
FIRST_BYTES = 10.0  # seconds for a body to come at all
SLOWEST = 50_000  # bytes a second, on the average; a satellite link does more
MOST_BODY = 64 * 1024 * 1024  # bytes; as Django's DATA_UPLOAD_MAX_MEMORY_SIZE, and each route has a lower limit
MOST_BODIES = 8 * MOST_BODY  # bytes of all bodies that are being read or worked on

log = structlog.get_logger(__name__)
Header = tuple[str, str]
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Headers(Protocol):
    def items(self) -> list[Header]: ...


class Scope(Protocol):
    """A request's head as Granian gives it (RSGI 1.6)."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str  # without its percent signs
    query_string: str
    authority: str | None  # where the target names a host itself
    headers: Headers


class Sender(Protocol):
    """Whoever sent it: gives the body, takes the answer."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: list[Header], body: bytes) -> None: ...


class Refused(Exception):
    """The request is answered with this status, and not looked at any further."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class Gateway:
    """An RSGI application that has a WSGI application answer, in one of `threads` threads that stay."""

    def __init__(self, application: Application, threads: int, host: str) -> None:
        self._application = application
        self._host = host
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._bodies = 0  # bytes

    async def __rsgi__(self, scope: Scope, sender: Sender) -> None:
        taken: list[bytes] = []
        try:
            environ = environment(scope, self._host)
            await self._read(sender, int(environ.get("CONTENT_LENGTH", 0)), taken)
            environ["wsgi.input"] = io.BytesIO(b"".join(taken))
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, answered, self._application, environ)
        except Refused as refused:
            answer = refused.status, [("connection", "close")], b""
        except Exception as error:  # Django answers its own; this one came from outside it
            log.error("a request was not answered", error=type(error).__name__)
            answer = HTTPStatus.INTERNAL_SERVER_ERROR, [("connection", "close")], b""
        finally:
            self._bodies -= sum(map(len, taken))
        sender.response_bytes(*answer)

    async def _read(self, sender: Sender, length: int, taken: list[bytes]) -> None:
        """Read the body into `taken`. Raises: Refused."""
        if length > MOST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if length == 0:
            return
        began, read = asyncio.get_running_loop().time(), 0
        try:
            async with asyncio.timeout(FIRST_BYTES) as patience:
                async for chunk in sender:
                    taken.append(chunk)
                    read += len(chunk)
                    self._bodies += len(chunk)
                    if self._bodies > MOST_BODIES:
                        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
                    patience.reschedule(began + FIRST_BYTES + read / SLOWEST)
        except TimeoutError:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT) from None
        if read != length:  # the sender went away in the middle
            raise Refused(HTTPStatus.BAD_REQUEST)


def environment(scope: Scope, host: str) -> dict[str, Any]:
    """The request's head as WSGI has it (PEP 3333). `host`: ours, in small letters. Raises: Refused."""
    headers = scope.headers.items()
    if len(scope.path) + len(scope.query_string) + sum(len(name) + len(value) for name, value in headers) > MOST_HEAD:
        raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    name, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # WSGI's texts are bytes, one character each
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        if "_" in name:  # or `content_digest` would pass for `content-digest`
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value  # RFC 9110 section 5.3
        if environ[key] != value and key in _ONCE:
            raise Refused(HTTPStatus.BAD_REQUEST)
    _addressed(environ.get("HTTP_HOST"), scope.authority, host)
    if "HTTP_TRANSFER_ENCODING" in environ:  # a body that breaks off could not be told from one that ends
        raise Refused(HTTPStatus.LENGTH_REQUIRED)
    return environ


def _addressed(named: str | None, target: str | None, host: str) -> None:
    """That it names one host, which is ours (RFC 9112 section 3.2). Another name may be a page's that a rebound
    address leads here, in the browser of somebody who is signed in. Raises: Refused."""
    if named is None or (target is not None and target != named):
        raise Refused(HTTPStatus.BAD_REQUEST)
    try:
        ours = urlsplit(f"//{named}").hostname == host
    except ValueError:
        ours = False
    if not ours:
        raise Refused(HTTPStatus.MISDIRECTED_REQUEST)


_ONCE = frozenset(("HTTP_HOST", "CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_AUTHORIZATION"))


def answered(application: Application, environ: dict[str, Any]) -> tuple[int, list[Header], bytes]:
    """Status, headers and body of what the application answers."""
    head: list[tuple[int, list[Header]]] = []

    def start(status: str, headers: list[Header], _error: _ExcInfo = None) -> None:
        head[:] = [(int(status.split(" ", 1)[0]), headers)]

    parts = application(environ, start)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return (*head[0], body)

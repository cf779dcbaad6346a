"""One connection to one checked address, every step of it inside the call's time."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore2
import httpx2

from comity.node.exchange.outgoing.addresses import Address
from comity.node.exchange.outgoing.deadlines import Deadline
from comity.node.exchange.outgoing.errors import PartnerNotReached

PIECE = 16 * 1024  # of what is written at once: a TLS record, so that each waits no longer than is left


class NotConnected(PartnerNotReached):
    what = "{party} was not reached"
    why = "no connection to {host}: {reason}"


class TlsRefused(PartnerNotReached):
    what = "the connection to {party} was not trusted"
    why = "{host}: {reason}"
    do = "compare the certificate with {party} by another way; nothing was sent"


class Pinned(httpcore2.NetworkBackend):
    """Connects to the addresses that were checked. INVARIANT: no name is resolved between check and connect."""

    def __init__(self, addresses: Sequence[Address], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failed: Exception = httpcore2.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, self._deadline.left(timeout), socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
            else:
                return Timed(stream, self._deadline)
        raise failed


class Timed(httpcore2.NetworkStream):
    """A stream whose every read and write ends with the call's time: a byte now and then buys nothing."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            self._stream.write(buffer[start : start + PIECE], self._deadline.left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return Timed(secured, self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class OneConnection(httpx2.BaseTransport):
    """A transport for one call. No pool, proxy, cookie, redirect or environment: it has none to switch off."""

    def __init__(self, addresses: Sequence[Address], tls: ssl.SSLContext, deadline: Deadline) -> None:
        self._addresses = addresses
        self._tls = tls
        self._deadline = deadline
        self._connection: httpcore2.HTTPConnection | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = httpcore2.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        self._connection = httpcore2.HTTPConnection(
            url.origin, ssl_context=self._tls, network_backend=Pinned(self._addresses, self._deadline)
        )
        times = self._deadline.timeouts
        answer = self._connection.handle_request(
            httpcore2.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.read(),
                extensions={"timeout": {"connect": times.connect, "read": times.read, "write": times.write}},
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Content(answer), request=request)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _Content(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Any:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()

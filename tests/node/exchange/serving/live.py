"""The node's own web server over TLS, in threads of the test's process, so that both see one database."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from django.db import connections
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.server.embed import Server

from comity.node.exchange.taxii import MEDIA_TYPE
from comity.node.running import authority
from comity.node.running.gateway import Gateway
from comity.node.wsgi import application

THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """An answer as it came."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    lines: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


class LiveNode:
    """Granian with our gateway, as `running.serving` starts it, but for the processes."""

    def __init__(self, folder: Path) -> None:
        authority.authority(folder / "authority")
        authority.certify(folder / "authority", "localhost", folder / "tls")
        self.trust = folder / "tls" / authority.TRUST
        self._tls = folder / "tls"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._gateway = Gateway(application, THREADS, "localhost")
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(20)
        for _ in range(400):  # started is not yet listening
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.port), timeout=20).close()
                return self
            threading.Event().wait(0.05)
        raise TimeoutError("the server does not listen")

    def __exit__(self, *_: object) -> None:
        self.in_every_thread(connections.close_all)
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(20)

    def in_every_thread(self, do: Callable[[], None]) -> None:
        """In each thread that answers requests."""
        together = threading.Barrier(THREADS)

        def one() -> None:
            together.wait(20)
            do()

        for future in [self._gateway._threads.submit(one) for _ in range(THREADS)]:
            future.result(20)

    async def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = Server(
            self._gateway,
            address="127.0.0.1",
            port=self.port,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            websockets=False,
            ssl_cert=self._tls / authority.CERTIFICATE,
            ssl_key=self._tls / authority.KEY,
            ssl_protocol_min=SSLProtocols.tls12,
            log_enabled=False,
        )
        self._server.on_startup(self._started.set)
        await self._server.serve()

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.trust))

    def ask(
        self, method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Got:
        """One request with exactly these headers, and what HTTP itself asks for."""
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.client_context(), timeout=60)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            lines = tuple(answer.getheaders())
            return Got(
                status=answer.status,
                headers={name.lower(): value for name, value in lines},
                lines=lines,
                body=answer.read(),
            )
        finally:
            connection.close()


ACCEPT = {"Accept": MEDIA_TYPE}

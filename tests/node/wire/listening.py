"""Servers on loopback, honest and hostile. Each records what reached it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Behaviour = Callable[[socket.socket, bytes], None]  # the connection, and the request's head as it came


class Listener:
    """Reads a request's head, then does what it was told. Everything that is wrong with an answer is told so."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._behaviour = behaviour
        self._tls = tls
        self._socket = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port: int = self._socket.getsockname()[1]
        self.heads: list[bytes] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _listen(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(10)
            with contextlib.suppress(OSError), connection:
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and (data := connection.recv(65536)):
                head += data
            if head:
                self.heads.append(head)
                self._behaviour(connection, head)

    def dribble(self, connection: socket.socket, before: bytes, drip: bytes) -> None:
        """Send something, then a little for far longer than any test waits, never silent for long."""
        connection.sendall(before)
        for _ in range(500):
            if self.stopped.wait(0.02):
                return
            connection.sendall(drip)


def says(*parts: bytes) -> Behaviour:
    """Sends these bytes and hangs up."""

    def behaviour(connection: socket.socket, _head: bytes) -> None:
        for part in parts:
            connection.sendall(part)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)

    return behaviour


def answer(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


class Website:
    """The standard library's HTTP server with one handler: what it reads and writes, it does in its own way."""

    def __init__(self, handle: Callable[[BaseHTTPRequestHandler, bytes], None], tls: ssl.SSLContext | None) -> None:
        self.lines: list[list[tuple[str, str]]] = []
        website = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                website.lines.append(list(self.headers.items()))
                handle(self, body)

            do_GET = do_POST = do_DELETE = do_any

            def log_message(self, *_: Any) -> None:
                """Not on the test's terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

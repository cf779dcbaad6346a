"""Every connection and every name that this process asks for, as the interpreter's own audit events tell it.

Nothing but loopback is let through, so that no test sends a packet to anybody.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Heard:
    connected: list[tuple[str, int]] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)  # names, without addresses


_listening: list[Heard] = []
_hooked: list[bool] = []


@contextmanager
def wiretap() -> Iterator[Heard]:
    if not _hooked:
        sys.addaudithook(_hear)
        _hooked.append(True)
    heard = Heard()
    _listening.append(heard)
    try:
        yield heard
    finally:
        _listening.remove(heard)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listening:
        return
    if event == "socket.connect":
        host, port = arguments[1][:2]
        for heard in _listening:
            heard.connected.append((host, port))
        if not host.startswith("127.") and host != "::1":
            raise OSError(101, "the test lets nothing out")
    elif event == "socket.getaddrinfo" and not _numeric(str(arguments[0])):
        for heard in _listening:
            heard.resolved.append(str(arguments[0]))


def _numeric(host: str) -> bool:
    return host.replace(".", "").isdigit() or ":" in host

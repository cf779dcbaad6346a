"""Our messages in the shape that http-message-signatures reads and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import http_sf

from comity.node.exchange.signatures.messages import Answer, Field, Request


class Lines:
    """Header lines, none merged. The library writes by `del` and `[]=`."""

    def __init__(self, lines: Iterable[Field]) -> None:
        self.lines = list(lines)

    def items(self) -> list[Field]:
        return list(self.lines)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self.lines])

    def __contains__(self, name: str) -> bool:
        return any(key.lower() == name.lower() for key, _ in self.lines)

    def __setitem__(self, name: str, value: str) -> None:
        self.lines.append((name, value))

    def __delitem__(self, name: str) -> None:
        self.lines = [line for line in self.lines if line[0].lower() != name.lower()]


class RequestView:
    """A request: the library asks for `method`, `url` and `headers`."""

    def __init__(self, request: Request) -> None:
        self.method = request.method
        self.url = request.target_uri
        self.headers = Lines(request.headers)


class AnswerView:
    """An answer: known to the library by its `status_code`; `request` is what it answers."""

    def __init__(self, answer: Answer, to: Request) -> None:
        self.status_code = answer.status
        self.headers = Lines(answer.headers)
        self.request = RequestView(to)


def members(field: str, on_duplicate: Callable[[str, str], None] | None = None) -> dict[str, Any]:
    """The values of a structured dictionary (RFC 9651 section 4.2.2), their parameters left out. Raises: ValueError."""
    parsed = http_sf.parse(field.encode("ascii"), tltype="dictionary", on_duplicate_key=on_duplicate)
    return {name: member[0] for name, member in cast("dict[str, Any]", parsed).items()}


def byte_sequence(value: bytes) -> str:
    """`:<base64>:` (RFC 9651 section 4.1.8)."""
    return http_sf.ser(value)

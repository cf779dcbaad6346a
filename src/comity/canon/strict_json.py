"""Strict JSON (RFC 8259 and I-JSON, RFC 7493): what two parsers could read differently is refused."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Never

from comity.canon.errors import InputError

Json = Any
SAFE_INTEGER = 2**53 - 1  # I-JSON, RFC 7493 section 2.2
_EXPONENT_FROM = 1e21  # ECMAScript writes larger doubles with an exponent (RFC 8785 section 3.2.2.3)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[][{}]")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_UNWRITABLE_NAMES = {"\x00": "the character U+0000"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of one document is read before it is refused (attacks A01, A02, A28)."""

    max_bytes: int = 50 * 1024 * 1024
    max_depth: int = 64
    max_string: int = 1024 * 1024  # bytes of one string, escapes included
    max_members: int = 10_000  # of one object
    max_items: int = 20_000  # of one list: a document may list as many objects as a bundle may hold


LIMITS = Limits()


class StrictJsonError(InputError):
    what = "this is not JSON that every reader understands alike"
    why = "{reason}"
    do = "write the file again with one value a name, in UTF-8, with ordinary numbers (RFC 7493)"


def loads(data: bytes | bytearray | memoryview, *, limits: Limits = LIMITS, at: str | None = None) -> Json:
    """Parse one JSON document.

    Refuses: a byte order mark, invalid UTF-8, a name given twice, NaN and infinities, integers beyond
    2^53 - 1, numbers too large for a double, lone surrogates, U+0000, and whatever is over `limits`.
    The depth is known before any recursive code runs.
    Raises: StrictJsonError.
    """
    raw = bytes(data)
    if len(raw) > limits.max_bytes:
        _refuse(at, f"it holds {len(raw)} bytes, more than the {limits.max_bytes} that are read")
    if raw.startswith(b"\xef\xbb\xbf"):
        _refuse(at, "it starts with a byte order mark")
    _check_shape(raw, limits, at)
    try:
        text = raw.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_Members(limits, at),
            parse_constant=lambda name: _refuse(at, f"{name} is not a JSON number"),
            parse_int=lambda digits: _integer(digits, at),
            parse_float=lambda digits: _float(digits, at),
        )
    except UnicodeDecodeError as error:
        _refuse(at, f"byte {error.start} is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(f"{at}:{error.lineno}:{error.colno}" if at else f"{error.lineno}:{error.colno}", error.msg)
    if "\\u" in text:
        _check_escapes(value, at)
    if raw.count(b",") >= limits.max_items:  # with fewer commas no list is that long
        _check_lists(value, limits, at)
    return value


class _Members:
    """Makes each JSON object, and refuses a name that is given twice."""

    def __init__(self, limits: Limits, at: str | None) -> None:
        self.limits, self.at = limits, at

    def __call__(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        members = dict(pairs)
        if len(members) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            _refuse(self.at, f"the name {printable(twice)} is given twice in one object")
        if len(members) > self.limits.max_members:
            _refuse(self.at, f"one object has {len(members)} members, more than {self.limits.max_members}")
        return members


def _check_shape(raw: bytes, limits: Limits, at: str | None) -> None:
    """Depth and the longest string, without recursion and in time linear in the input."""
    if len(raw) <= limits.max_string and raw.count(b"[") + raw.count(b"{") <= limits.max_depth:
        return
    for match in _STRING.finditer(raw):
        if match.end() - match.start() - 2 > limits.max_string:
            _refuse(at, f"the string at byte {match.start()} is longer than {limits.max_string} bytes")
    depth = 0
    for match in _BRACKET.finditer(_STRING.sub(b"", raw)):
        depth += 1 if match.group() in b"[{" else -1
        if depth > limits.max_depth:
            _refuse(at, f"it is nested deeper than {limits.max_depth} levels")


def _check_escapes(value: Json, at: str | None) -> None:
    """Escapes can write what UTF-8 cannot (half a surrogate pair) and what databases do not take (U+0000)."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if (found := _UNWRITABLE.search(item)) is not None:
                _refuse(at, f"a text holds {_UNWRITABLE_NAMES.get(found.group(), 'half of a surrogate pair')}")
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _check_lists(value: Json, limits: Limits, at: str | None) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            if len(item) > limits.max_items:
                _refuse(at, f"one list has {len(item)} items, more than {limits.max_items}")
            stack.extend(item)


def _integer(digits: str, at: str | None) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > SAFE_INTEGER:
        _refuse(at, f"the integer {digits[:20]} is beyond 2^53 - 1 and would be rounded by other readers")
    return number


def _float(digits: str, at: str | None) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse(at, f"the number {digits[:20]} is too large for a double")
    if SAFE_INTEGER < abs(number) < _EXPONENT_FROM and number.is_integer():
        _refuse(at, f"the number {digits[:20]} is written as an integer beyond 2^53 - 1 in canonical form")
    return number


def _refuse(at: str | None, reason: str) -> Never:
    raise StrictJsonError(at=at, reason=reason)


def printable(text: str) -> str:
    """A short, quoted form of an untrusted text that is safe on a terminal (attack A25)."""
    return ascii(text if len(text) <= 60 else text[:57] + "...")

"""Canonical JSON (RFC 8785), by orjson where its output is provably the same and by rfc8785 elsewhere."""

from __future__ import annotations

import re
from typing import Any

import orjson
import rfc8785

from comity.canon.errors import InputError

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
# orjson would write times and data classes in a form of its own, which no RFC says.
_FOREIGN = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
# orjson's sorted output differs from RFC 8785 in two things: how a double is written, and the order of names
# beyond U+FFFF (four bytes in UTF-8). This finds every document that could hold either: in compact JSON a number
# stands between two of these marks. A text that looks so sends us the slow way too: slower, never wrong.
_DIFFERS = re.compile(rb"[\xf0-\xf4]|(?:^|[:,\[])-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?:$|[,}\]])")
_PLAIN = (str, int, dict, list, tuple, type(None))


class NotCanonical(InputError):
    what = "this value has no canonical form"
    why = "{reason}"
    do = "keep to text, true, false, null, lists, objects and numbers that a double can hold"


def dumps(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value, as UTF-8.

    Raises: NotCanonical for integers beyond 2^53 - 1, NaN, infinities, lone surrogates and foreign types such as
            dates and data classes. A `uuid.UUID` alone is let through by orjson, as its text: callers pass text.
    """
    try:
        fast = orjson.dumps(value, option=_SORTED | _FOREIGN)
    except (TypeError, orjson.JSONEncodeError):
        return _slow(value)
    # orjson writes `null` for NaN and the infinities too.
    if _DIFFERS.search(fast) or (b"null" in fast and not _is_plain(value)):
        return _slow(value)
    return fast


def _is_plain(value: Any) -> bool:
    """Whether it holds text, whole numbers, true, false, null, lists and objects, and nothing else."""
    stack = [value]
    for item in stack:
        if not isinstance(item, _PLAIN):
            return False
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, (list, tuple)):
            stack.extend(item)
    return True


def _slow(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError, AttributeError, TypeError) as error:
        raise NotCanonical(reason=str(error) or type(error).__name__) from error

"""The parts of a STIX pattern: comparisons, their constants, and how a string literal is written (section 9.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from comity.canon import InputError

ANY = "[*]"  # the path step that means any member of a list

Span = tuple[int, int]  # code points of the text, end exclusive
ConstantKind = Literal["string", "integer", "float", "boolean", "timestamp", "hex", "binary"]

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class InvalidPattern(InputError):
    what = "the pattern cannot be read"
    why = "{reason}"
    do = "write it as STIX 2.1 patterning (chapter 9), or name another pattern_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A literal that a comparison compares with."""

    span: Span  # of the whole literal, quotes and prefix included
    value: str  # what it says, unescaped; a number, time, hex or base64 literal as written, without its quotes
    kind: ConstantKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One `object-path operator constant` of a pattern."""

    object_type: str  # "file"
    path: tuple[str | int, ...]  # ("hashes", "SHA-256"); a list index is an int, any index is ANY
    path_span: Span  # of the object path with its type
    operator: str  # "=", "!=", ">", "<", ">=", "<=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "EXISTS"
    negated: bool  # NOT was written with the operator
    constants: tuple[Constant, ...]  # several only for IN, none for EXISTS


def quoted(value: str) -> str:
    """A string literal: backslash and quote are escaped by a backslash."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def unquoted(literal: str) -> str:
    """What a literal says: without prefix and quotes, escapes resolved; a name or number stays as it is."""
    if not literal.endswith("'"):
        return literal
    return _ESCAPED.sub(r"\1", literal[literal.index("'") + 1 : -1])

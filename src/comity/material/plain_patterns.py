"""Patterns of the plain shape that most publishers write, read by a linear-time expression.

    [type:step.step = 'constant' OR type:'step'[*] != 'constant' ...]

One observation, string constants, `=` or `!=`, joined by AND or OR. `plain` gives for them exactly what the OASIS
parser gives, and None for everything else, keywords and hashes of odd length among it: then that parser decides.
A test compares both on every pattern of the corpus and of the published cases.
"""

from __future__ import annotations

import re2

from comity.material.pattern_parts import ANY, Comparison, Constant, unquoted

_STRING = r"'(?:[^'\\]|\\['\\])*'"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_STEP = rf"(?:\.(?:{_NAME}|{_STRING})|\[(?:\*|0|[1-9][0-9]{{0,5}})\])"
_PATH = rf"(?:{_NAME}|{_STRING}){_STEP}*"
_COMPARISON = rf"(?:[A-Za-z_][A-Za-z0-9_-]*):{_PATH} ?!?= ?{_STRING}"
_PLAIN = re2.compile(rf"^\[ ?{_COMPARISON}(?: (?:AND|OR) {_COMPARISON})* ?\]$".encode())
_PARTS = re2.compile(rf"([A-Za-z_][A-Za-z0-9_-]*):({_PATH}) ?(!?=) ?({_STRING})(?: (?:AND|OR) | ?\]$)".encode())
_STEPS = re2.compile(rf"{_NAME}|{_STRING}|\[[^\]]*\]".encode())

_KEYWORDS = frozenset({
    "AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS", "LAST", "IN", "START",
    "STOP", "SECONDS", "true", "false", "WITHIN", "REPEATS", "TIMES",
})  # fmt: skip
_HASH_LENGTHS = {"MD5": 32, "SHA1": 40, "SHA256": 64, "SHA512": 128}
_HEX = frozenset("0123456789abcdefABCDEF")


def plain(text: str) -> tuple[Comparison, ...] | None:
    """The comparisons of a plain pattern, or None when the OASIS parser must decide."""
    # RE2 works on bytes; of ASCII alone, so that its offsets are code points too.
    if not text.isascii():
        return None
    raw = text.encode()
    if not _PLAIN.match(raw):
        return None
    found: list[Comparison] = []
    for match in _PARTS.finditer(raw):
        comparison = _comparison(match)
        if comparison is None:
            return None
        found.append(comparison)
    return tuple(found)


def _comparison(match: re2._Match[bytes]) -> Comparison | None:
    object_type, raw_path, operator, literal = (part.decode() for part in match.groups())
    path: list[str | int] = []
    for step in (raw_path,) if raw_path.isidentifier() else _steps(raw_path):
        if step in _KEYWORDS:
            return None
        if step[0] == "[":
            path.append(ANY if step == "[*]" else int(step[1:-1]))
        else:
            path.append(unquoted(step))
    value = unquoted(literal)
    if object_type in _KEYWORDS or ("hashes" in path and not _sound_hash(path[-1], value)):
        return None
    return Comparison(
        object_type=object_type,
        path=tuple(path),
        path_span=(match.start(1), match.end(2)),
        operator=operator,
        negated=False,
        constants=(Constant(span=match.span(4), value=value, kind="string"),),
    )


def _steps(raw_path: str) -> list[str]:
    return [step.decode() for step in _STEPS.findall(raw_path.encode())]


def _sound_hash(name: str | int, value: str) -> bool:
    """Whether this is a hash of a usual kind, in full; every other is left to the OASIS parser."""
    length = _HASH_LENGTHS.get(name.upper().replace("-", "")) if isinstance(name, str) else None
    return length == len(value) and _HEX.issuperset(value)

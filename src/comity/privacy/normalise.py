"""Text as a reader would see it: one spelling per character, refanged and decoded, with the way back to the original.

Attack A21: personal data hidden by homoglyphs, zero-width or full-width characters, defanging, percent or HTML
encoding. Detectors search the folded text; what they find is reported in code points of the original string.
Not covered: homoglyphs are kept (a Cyrillic letter in an address is still an address); see `mixed_script`.
"""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass, field

from comity.privacy.detectors.linear import Linear

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\ufe58\ufe63\uff0d"
_SINGLE = {
    **dict.fromkeys(_DASHES.replace("\u30fc", ""), "-"),
    "\u2024": ".",
    "\uff0e": ".",
    "\u2044": "/",
    "\u2215": "/",
}
_STOPS = "\u3002\uff61"  # ideographic full stops: a dot between ASCII letters or digits, else the end of a sentence
_RLO, _PDF = "\u202e", "\u202c"
_ODD = frozenset(_SINGLE) | {_RLO}

# Spellings that stand for one character. Each alternative is short and unambiguous, so the scan is linear.
_REWRITE = Linear(
    r"(?i)"
    r"(?P<pct>(?:%[0-9a-f]{2})+)"
    r"|(?P<html>&(?:#[0-9]{1,6}|#x[0-9a-f]{1,5}|commat|period|amp|lt|gt|quot|apos|nbsp|colon);)"
    r"|(?P<esc>\\u[0-9a-f]{4}|\\x[0-9a-f]{2})"
    r"|(?P<dot>\s?[\[({]\s?(?:\.|dot|punkt|punto|ponto|point)\s?[\])}]\s?|\[\.|\.\])"
    r"|(?P<at>\s?[\[({]\s?(?:@|at|arroba)\s?[\])}]\s?)"
    r"|(?P<hxxp>\bh(?:xx|\*\*|tx|xt)ps?(?:\[://\]|\[:\]//|://))"
    r"|(?P<colon>\[:\]|\[://\])"
)
# At least one of these stands in every spelling above; plain substring search is what keeps the common case cheap.
_BRACKETED = tuple(opening + said for opening in "[({" for said in (".", ":", "@", "a", "A", "d", "D", "p", "P", " "))
_DEFANGED = ("hxxp", "hXXp", "HXXP", "hxXp", "hxtp", "htxp", "h**p", "h**P", "HTXP", "HXTP")


def _hinted(text: str) -> bool:
    if "%" in text or "&" in text or ".]" in text or ("\\" in text and ("\\u" in text or "\\x" in text)):
        return True
    if ("[" in text or "(" in text or "{" in text) and any(sign in text for sign in _BRACKETED):
        return True
    return any(sign in text for sign in _DEFANGED)


@dataclass(frozen=True, slots=True)
class Folded:
    """A string folded for searching. `text[i:j]` came from `original[start(i):end(j)]`."""

    original: str = field(repr=False)
    text: str = field(repr=False)
    _starts: tuple[int, ...] | None = field(default=None, repr=False)
    _ends: tuple[int, ...] | None = field(default=None, repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original that the folded span [start, end) came from."""
        if self._starts is None or self._ends is None or start >= end:
            return start, end
        return min(self._starts[start:end]), max(self._ends[start:end])

    @property
    def rewritten(self) -> bool:
        """Whether the original was written in a way that hides or defangs what it says."""
        return self._starts is not None


def fold(original: str) -> Folded:
    """The text a reader would see. Linear in its length; the common case costs one scan and no copy."""
    plain = original.isascii() or (
        unicodedata.is_normalized("NFKC", original)
        and _ODD.isdisjoint(original)
        and "\u3002" not in original
        and not any(_hidden(c) or (c.isdecimal() and not c.isascii()) for c in set(original))
    )
    if plain and not _hinted(original):
        return Folded(original, original)
    chars, starts, ends = (list(original), list(range(len(original))), list(range(1, len(original) + 1)))
    if not plain:
        chars, starts, ends = _characters(original)
    text = "".join(chars)
    for _ in range(2):  # "decodes once more": an encoding inside an encoding
        if not _hinted(text):
            break
        text, starts, ends = _rewrite(text, starts, ends)
    if text == original:
        return Folded(original, original)
    return Folded(original, text, tuple(starts), tuple(ends))


def mixed_script(text: str) -> bool:
    """Whether Latin letters stand beside Cyrillic or Greek look-alikes in one word."""
    scripts = {unicodedata.name(c, "?").split(" ", 1)[0] for c in text if c.isalpha()}
    return "LATIN" in scripts and bool(scripts & {"CYRILLIC", "GREEK"})


def _hidden(char: str) -> bool:
    """Zero-width and other format characters; the joiners that Arabic and Indic spelling needs are hidden too."""
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or char in "\u034f\u115f\u1160\u3164"


def _characters(original: str) -> tuple[list[str], list[int], list[int]]:
    """Each character (with its combining marks) in compatibility form, and where it stood."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at, size = 0, len(original)
    while at < size:
        char = original[at]
        if char == _RLO:
            stop = original.find(_PDF, at)
            stop = size if stop < 0 else stop
            line = original.find("\n", at, stop)
            stop = line if line >= 0 else stop
            shown = original[at + 1 : stop][::-1]
            chars.extend(shown)
            starts.extend([at] * len(shown))
            ends.extend([stop] * len(shown))
            at = stop + (1 if stop < size and original[stop] == _PDF else 0)
            continue
        if _hidden(char):
            at += 1
            continue
        stop = at + 1
        while stop < size and unicodedata.combining(original[stop]):
            stop += 1
        dotted = char in _STOPS and _ascii_beside(original, at)
        for out in "." if dotted else _spelling(original[at:stop]):
            chars.append(out)
            starts.append(at)
            ends.append(stop)
        at = stop
    return chars, starts, ends


def _ascii_beside(original: str, at: int) -> bool:
    beside = unicodedata.normalize("NFKC", original[max(at - 1, 0) : at] + original[at + 1 : at + 2])
    return len(beside) == 2 and all((c.isascii() and c.isalnum()) or c.isdecimal() for c in beside)


def _spelling(cluster: str) -> str:
    single = _SINGLE.get(cluster)
    if single is not None:
        return single
    if len(cluster) == 1 and cluster.isdecimal():
        return str(unicodedata.decimal(cluster))
    folded = unicodedata.normalize("NFKC", cluster)
    return "".join(_SINGLE.get(c, c) for c in folded)


def _rewrite(text: str, starts: list[int], ends: list[int]) -> tuple[str, list[int], list[int]]:
    out: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    last = 0

    def put(piece: str, begin: int, end: int) -> None:
        out.append(piece)
        new_starts.extend([starts[begin]] * len(piece))
        new_ends.extend([ends[end - 1]] * len(piece))

    for match in _REWRITE.finditer(text):
        begin, end = match.span()
        out.append(text[last:begin])
        new_starts.extend(starts[last:begin])
        new_ends.extend(ends[last:begin])
        last = end
        kind = match.lastgroup
        said = match.group()
        if kind == "pct":
            for piece, a, b in _percent(said):
                put(piece, begin + a, begin + b)
        elif kind == "html":
            put(html.unescape(said), begin, end)
        elif kind == "esc":
            decoded = chr(int(said[2:], 16))
            put(decoded if decoded.isprintable() else said[:1], begin, end)
        elif kind == "hxxp":
            put("https://" if "s" in said.lower() else "http://", begin, end)
        else:
            put({"dot": ".", "at": "@", "colon": "://" if "//" in said else ":"}[str(kind)], begin, end)
    out.append(text[last:])
    new_starts.extend(starts[last:])
    new_ends.extend(ends[last:])
    return "".join(out), new_starts, new_ends


def _percent(run: str) -> list[tuple[str, int, int]]:
    """A run of percent triples as (character, from, to); left as written where it is not UTF-8."""
    raw = bytes.fromhex(run.replace("%", ""))
    pieces: list[tuple[str, int, int]] = []
    at = 0
    while at < len(raw):
        size = 1 if raw[at] < 0x80 else 2 if raw[at] >> 5 == 6 else 3 if raw[at] >> 4 == 14 else 4
        try:
            char = raw[at : at + size].decode("utf-8")
        except UnicodeDecodeError:
            char = ""
        if len(char) == 1 and (char.isprintable() or char in "\r\n\t"):
            pieces.append((char, 3 * at, 3 * (at + size)))
            at += size
        else:
            pieces.append((run[3 * at : 3 * at + 3], 3 * at, 3 * at + 3))
            at += 1
    return pieces

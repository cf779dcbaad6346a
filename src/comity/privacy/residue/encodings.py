"""Text inside text: what a string says once an encoding is undone. Bounded in depth, linear in length."""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

import re2

DEPTH = 3  # encodings within encodings that are undone
SHORTEST_BASE64 = 16  # characters; shorter values are searched by their own base64 (see `spellings`)

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})|%u([0-9A-Fa-f]{4})")
_QUOTED = re.compile(r"=\r?\n|=([0-9A-Fa-f]{2})")
_DEFANGED = re.compile(
    r"[\[({<]\s?(\.|dot|@|at|:|://)\s?[\])}>]|\\([.@:/-])|(\bhxxp)|(?<=\w)\s(dot|at)\s(?=\w)", re.IGNORECASE
)
_BASE64 = re.compile(rf"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{{{SHORTEST_BASE64},}}(?:\r?\n[A-Za-z0-9+/]+)*={{0,2}}")
_URLSAFE = re.compile(rf"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{{{SHORTEST_BASE64},}}={{0,2}}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?<![0-9A-Za-wyz])(?:[0-9A-Fa-f]{2}[ :]?){7,}[0-9A-Fa-f]{2}")
_DIGEST_LENGTHS = frozenset({32, 40, 56, 64, 96, 128})
_PAYLOAD = 64  # characters from which a run is searched whatever its bytes look like
_SAID = {"dot": ".", "at": "@", "://": "://"}
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")

# Each in one pass and linear time: whether an encoding could be there, so that clean text costs next to nothing.
# " at " alone is English; whoever writes an address out writes its dots out too.
_MAY_BE_DEFANGED = r"[\[({<] ?(?:\.|(?i:dot)|@|(?i:at)|:|://) ?[\])}>]|\\[.@:/-]|(?i: dot )|(?i:hxxp)"
_DEFANG_TRIGGER = re2.compile(_MAY_BE_DEFANGED)
_TRIGGER = re2.compile(
    r"%[0-9A-Fa-f]{2}|%u[0-9A-Fa-f]{4}|&#?[A-Za-z0-9]{2,10};|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|=[0-9A-F]{2}|=\r?\n"
    r"|[A-Z][A-Za-z0-9]*[-_][A-Za-z0-9_-]{12,}|(?:[0-9A-Fa-f]{2}[ :]){7}|" + _MAY_BE_DEFANGED
)
_RUN_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_RUNS_ONLY = bytes(byte if byte in _RUN_LETTERS else 0x20 for byte in range(256))


class Decoded(NamedTuple):
    how: str  # "base64", or "percent > base64"
    start: int  # in the original string; the whole of it where an encoding is undone throughout
    end: int
    text: str


def said_in_code(data: bytes) -> Iterator[str]:
    """What UTF-8 text says in other encodings, as `decodings` without places, and quick where there is none."""
    if _TRIGGER.search(data) is not None:
        yield from (found.text for found in decodings(data.decode("utf-8", "replace")))
        return
    for run in [run for run in data.translate(_RUNS_ONLY, b"\r\n").split() if len(run) >= SHORTEST_BASE64]:
        letters = run.decode("ascii")
        for found in (*_hexadecimal(0, len(run), letters), *_base64(0, len(run), letters)):
            yield found.text
            if _worth_another(found.text):
                yield from (inner.text for inner in decodings(found.text, DEPTH - 1))


def decodings(text: str, depth: int = DEPTH) -> Iterator[Decoded]:
    """Everything the text says in another encoding, and what that says in turn."""
    said, above = text, ""
    yield from _within(text, "", depth)
    for _ in range(depth):
        undone, how = _undone(said)
        if undone == said:
            break
        above, said = f"{above}{how} > ", undone
        yield Decoded(above[:-3], 0, len(text), said)
        for found in _within(said, above, depth):
            yield Decoded(found.how, 0, len(text), found.text)


def _undone(text: str) -> tuple[str, str]:
    """The text with what is encoded throughout undone once, and which encodings those were."""
    hows = []
    for how, mark, undo in _THROUGHOUT:
        if mark in text:
            said = undo(text)
            if said != text:
                text = said
                hows.append(how)
    return text, " and ".join(hows)


def _within(text: str, above: str, depth: int) -> Iterator[Decoded]:
    """Runs of the text that are another text: quoted-printable, hexadecimal, base64."""
    if "=" in text:
        said = unquote(_QUOTED.sub(_triple, text.replace("%", "%25")))
        if said != text:
            yield Decoded(above + "quoted-printable", 0, len(text), said)
    for found in _runs(text):
        yield Decoded(above + found.how, found.start, found.end, found.text)
        if depth > 1 and _worth_another(found.text):
            for inner in decodings(found.text, depth - 1):
                yield Decoded(f"{above}{found.how} > {inner.how}", found.start, found.end, inner.text)


def _worth_another(text: str) -> bool:
    """Whether decoded text is text enough to hold another encoding."""
    return text.count("\ufffd") * 8 <= len(text)


def _runs(text: str) -> Iterator[Decoded]:
    for match in _HEX.finditer(text):
        yield from _hexadecimal(match.start(), match.end(), match.group().replace(" ", "").replace(":", ""))
    for match in _BASE64.finditer(text):
        yield from _base64(match.start(), match.end(), match.group())
    for match in _URLSAFE.finditer(text):
        run = match.group()
        if ("-" in run or "_" in run) and _UUID.search(run) is None:
            yield from _base64(match.start(), match.end(), run.replace("-", "+").replace("_", "/"))


def _triple(match: re.Match[str]) -> str:
    return "" if match.group(1) is None else f"%{match.group(1)}"


def _character(match: re.Match[str]) -> str:
    char = chr(int(match.group(1) or match.group(2) or match.group(3), 16))
    return "\ufffd" if "\ud800" <= char <= "\udfff" else char


def _refanged(match: re.Match[str]) -> str:
    if match.group(3):
        return "http"
    said = (match.group(1) or match.group(2) or match.group(4)).lower()
    return _SAID.get(said, said)


def _hexadecimal(start: int, end: int, digits: str) -> Iterator[Decoded]:
    if not _is_hex(digits):
        return
    raw = bytes.fromhex(digits[: len(digits) & ~1])
    # Digests are everywhere in threat intelligence: sixteen random bytes are not text.
    if len(digits) not in _DIGEST_LENGTHS or _is_text(raw):
        yield from _texts("hexadecimal", start, end, raw)


def _base64(start: int, end: int, run: str) -> Iterator[Decoded]:
    letters = "".join(run.split()).rstrip("=")
    if letters.islower() or letters.isdigit() or (len(letters) in _DIGEST_LENGTHS and _is_hex(letters)):
        return
    for shift in range(4):  # where the encoding started cannot be seen in the run
        part = letters[shift:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        raw = binascii.a2b_base64(part + "=" * (-len(part) % 4))
        if len(letters) >= _PAYLOAD or _could_be_text(raw):
            yield from _texts("base64", start, end, raw)


def _texts(how: str, start: int, end: int, raw: bytes) -> Iterator[Decoded]:
    """The bytes as text: UTF-8, and UTF-16 where every other byte is zero (PowerShell's encoded commands)."""
    yield Decoded(how, start, end, raw.decode("utf-8", "replace"))
    if raw.count(0) * 4 >= len(raw):
        for skip in range(2):
            yield Decoded(f"{how}, UTF-16", start, end, raw[skip:].decode("utf-16-le", "replace"))


def _could_be_text(raw: bytes) -> bool:
    """Whether few of the bytes are none that a text has; UTF-16 has zeros."""
    return len(_CONTROL.findall(raw.decode("utf-8", "replace"))) * 4 <= len(raw) or raw.count(0) * 4 >= len(raw)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _is_text(raw: bytes) -> bool:
    try:
        return raw.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _is_hex(letters: str) -> bool:
    return not letters.strip("0123456789abcdefABCDEF")


_THROUGHOUT: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("percent-encoded", "%", unquote),
    ("HTML entities", "&", html.unescape),
    ("escaped", "", lambda text: _ESCAPE.sub(_character, text) if "\\" in text or "%u" in text else text),
    ("defanged", "", lambda text: _DEFANGED.sub(_refanged, text) if _DEFANG_TRIGGER.search(_utf8(text)) else text),
)

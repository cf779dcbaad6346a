"""Text as residue compares it: one letter for its look-alikes and accents, no case, and cut into tokens.

`Jan Novák` and `JAN NOVAK`, full width or with Cyrillic look-alikes, become the tokens `jan`, `novak`.
Scripts that write no blanks between words are cut into single characters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# Letters that no decomposition takes apart, and the look-alikes of Latin letters in Greek and Cyrillic.
_ALIKE = str.maketrans(
    "ıłøđðþæœßŁØĐаеорсухіјѕԁӏвкмнтαορυνικτχ",
    "iloddpaosLODaeopcyxijsdlbkmhtaopuviktx",
)
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_])+")
_ASCII_TOKEN = re.compile(r"[a-z0-9]+")
_SPLIT = bytes(byte if chr(byte).isalnum() or byte >= 0x80 else 0x20 for byte in range(256))


class Token(NamedTuple):
    text: str
    start: int  # of the folded text
    end: int


class _Fold(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if _IS_UNSPACED.match(char):
            self[code] = " " + char + " "
            return self[code]
        plain = unicodedata.normalize("NFKD", char).casefold().translate(_ALIKE)
        kept = "".join(c for c in plain if unicodedata.category(c) not in {"Mn", "Cf", "Me"})
        self[code] = " " if kept.isspace() else kept
        return self[code]


_FOLD = _Fold()


_FOREIGN = re.compile(r"[^\x00-\x7f]+")


def fold(text: str) -> str:
    """Each character for itself, so that a place in the result is a place in the original (see `places`)."""
    if text.isascii():
        return text.lower()
    return _FOREIGN.sub(lambda run: run.group().translate(_FOLD), text).lower()


def fold_bytes(data: bytes) -> bytes:
    """The same for UTF-8."""
    return data.lower() if data.isascii() else fold(data.decode("utf-8", "replace")).encode("utf-8", "replace")


def words(folded: bytes) -> list[bytes]:
    """The tokens of folded UTF-8, without their places: quick, to see whether a closer look is due."""
    return folded.translate(_SPLIT).split()


def tokens(folded: str) -> list[Token]:
    pattern = _ASCII_TOKEN if folded.isascii() else _TOKEN
    return [Token(match.group(), match.start(), match.end()) for match in pattern.finditer(folded)]


def token_texts(text: str) -> tuple[str, ...]:
    """The tokens of a text that is not folded yet."""
    return tuple(token.text for token in tokens(fold(text)))


def places(text: str) -> list[int]:
    """For each character of the folded text, and its end, the place in the original that it came from."""
    result: list[int] = []
    for at, char in enumerate(text):
        result += [at] * len(fold(char))
    return [*result, len(text)]

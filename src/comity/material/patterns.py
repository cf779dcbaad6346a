"""STIX patterns (STIX 2.1 chapter 9): what they compare, where each constant stands, and how to change one.

The OASIS parser (stix2-patterns) is the authority. It takes most of a millisecond, so patterns of one plain shape are
read by `plain_patterns` instead, which gives the same answer or none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from comity.material.limits import MAX_PATTERN
from comity.material.pattern_parser import parse
from comity.material.pattern_parts import ANY, Comparison, Constant, InvalidPattern, Span, quoted
from comity.material.plain_patterns import plain

__all__ = ["ANY", "Comparison", "Constant", "InvalidPattern", "Pattern", "Span", "quoted", "read"]

MAX_NESTING = 32  # parentheses and brackets; the OASIS parser overflows the stack from about 400 (A20)
MAX_TERMS = 150  # comparisons that the OASIS parser is given; its tree grows a level with each (A20)

# A string literal, with its end if it has one; nothing here can be matched in two ways, so it is linear.
_STRING = re.compile(r"'(?:[^'\\]|\\['\\])*('?)")
_JOINT = re.compile(r"\b(?:AND|OR|FOLLOWEDBY)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern that was read, with all its comparisons in the order in which they stand."""

    text: str
    comparisons: tuple[Comparison, ...]

    def rewrite(self, changes: Mapping[Span, str]) -> str:
        """The pattern's text with constants replaced, each written as a string literal and escaped.

        Args:    changes: the span of a constant of this pattern -> its new value.
        Raises:  InvalidPattern: a span is no constant's, or the result is no longer a pattern.
        """
        known = {constant.span for comparison in self.comparisons for constant in comparison.constants}
        if not known.issuperset(changes):
            raise InvalidPattern(reason="a change names a place where no constant stands")
        text = self.text
        for start, end in sorted(changes, reverse=True):
            text = text[:start] + quoted(changes[start, end]) + text[end:]
        return read(text).text


def read(text: str, *, at: str | None = None) -> Pattern:
    """Read a pattern. Length, nesting and number of terms are bounded before the parser runs (attack A20).

    Raises: InvalidPattern.
    """
    if not isinstance(text, str):
        raise InvalidPattern(at=at, reason="it is not a text")
    if len(text) > MAX_PATTERN:
        raise InvalidPattern(at=at, reason=f"it has {len(text)} characters, more than {MAX_PATTERN}")
    comparisons = plain(text)
    if comparisons is None:
        _bound(text, at)
        comparisons = parse(text, at=at)
    return Pattern(text=text, comparisons=comparisons)


def _bound(text: str, at: str | None) -> None:
    """Refuse what would make the parser overflow or crawl, and text that the parser would not show us."""
    # The parser's lexer starts again at every character of a literal that does not end: 5 s for 3 800 characters.
    if any(not literal[1] for literal in _STRING.finditer(text)):
        raise InvalidPattern(at=at, reason="a string literal does not end, or escapes something else than \\ and '")
    bare = _STRING.sub("", text)
    depth = 0
    for char in bare:
        depth += (char in "([") - (char in ")]")
        if depth > MAX_NESTING:
            raise InvalidPattern(at=at, reason=f"it is nested deeper than {MAX_NESTING} levels")
    if len(_JOINT.findall(bare)) >= MAX_TERMS:
        raise InvalidPattern(at=at, reason=f"it joins more than {MAX_TERMS} terms in a way that is slow to read")
    # The grammar skips comments, so what one says would stay unseen; chapter 9 knows none.
    if "//" in bare or "/*" in bare:
        raise InvalidPattern(at=at, reason="it holds a comment, which STIX patterning does not have")

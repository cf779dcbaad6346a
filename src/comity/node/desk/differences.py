"""Two texts beside each other: which words of one stand in the other too. Pure.

What is compared comes from whoever sent it, so there is a limit to the work: beyond it a text counts as replaced as a
whole, which shows more as changed and never less (attack A28).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

MOST_WORK = 4_000_000  # pairs of words that one page compares
MOST_PAIRS = 1_000_000  # and one text
_WORD = re.compile(r"\s+|\S+")


def words(text: str) -> list[str]:
    """Its words and what is between them: joined they are the text again."""
    return _WORD.findall(text)


class Comparing:
    """The comparisons of one page."""

    def __init__(self, work: int = MOST_WORK) -> None:
        self._left = work

    def kept(self, old: Sequence[str], new: Sequence[str]) -> tuple[bytearray, bytearray]:
        """For each part of `old` and of `new`: 1 where it stands in the other too, in the same order."""
        first = _same(old, new)
        last = _same(old[first:][::-1], new[first:][::-1])
        middle_old, middle_new = old[first : len(old) - last], new[first : len(new) - last]
        of_old, of_new = self._middle(middle_old, middle_new)
        ends = b"\1" * first, b"\1" * last
        return bytearray(ends[0] + of_old + ends[1]), bytearray(ends[0] + of_new + ends[1])

    def _middle(self, old: Sequence[str], new: Sequence[str]) -> tuple[bytearray, bytearray]:
        of_old, of_new = bytearray(len(old)), bytearray(len(new))
        pairs = len(old) * len(new)
        if pairs == 0 or pairs > min(MOST_PAIRS, self._left):
            return of_old, of_new
        self._left -= pairs
        for block in SequenceMatcher(None, old, new).get_matching_blocks():
            of_old[block.a : block.a + block.size] = b"\1" * block.size
            of_new[block.b : block.b + block.size] = b"\1" * block.size
        return of_old, of_new


def _same(old: Sequence[str], new: Sequence[str]) -> int:
    """How many parts are the same from the beginning on."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count

"""Patterns in time linear in the text (RE2), compiled on first use. No pattern of this room is compiled elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

import re2

_MEMORY = (
    96 << 20
)  # bytes a pattern's automaton may take; a smaller one falls back to a slower machine, never a wrong one


class Match(Protocol):
    """What a match tells (as `re.Match`, but groups of a span are numbered)."""

    def group(self, group: int | str = 0, /) -> str: ...
    def start(self, group: int = 0, /) -> int: ...
    def end(self, group: int = 0, /) -> int: ...
    def span(self, group: int = 0, /) -> tuple[int, int]: ...
    @property
    def lastgroup(self) -> str | None: ...


class Linear:
    """A pattern. Methods as in `re`."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    @cached_property
    def _compiled(self) -> re2._Regexp:
        return re2.compile(self.pattern, options())

    def search(self, text: str, at: int = 0) -> Match | None:
        return self._compiled.search(text, at)  # type: ignore[no-any-return, unused-ignore]

    def match(self, text: str) -> Match | None:
        return self._compiled.match(text)  # type: ignore[no-any-return, unused-ignore]

    def fullmatch(self, text: str) -> Match | None:
        return self._compiled.fullmatch(text)  # type: ignore[no-any-return, unused-ignore]

    def finditer(self, text: str) -> Iterator[Match]:
        return self._compiled.finditer(text)  # type: ignore[no-any-return, unused-ignore]

    def findall(self, text: str) -> list[str]:
        return self._compiled.findall(text)  # type: ignore[no-any-return, unused-ignore]

    def split(self, text: str) -> list[str]:
        return self._compiled.split(text)  # type: ignore[no-any-return, unused-ignore]

    def sub(self, by: str, text: str) -> str:
        return self._compiled.sub(by, text)  # type: ignore[no-any-return, unused-ignore]


class LinearSet:
    """Many patterns in a few passes: which of them occur in a text.

    The automaton of a set is made as texts are read, and its states multiply with its patterns: three of ten patterns
    are made in a third of the time of one of thirty, and read as fast.
    """

    def __init__(self, patterns: list[str]) -> None:
        self._sets: list[tuple[int, re2.Set]] = []
        for first in range(0, len(patterns), _TOGETHER):
            made = re2.Set.SearchSet(options())
            for pattern in patterns[first : first + _TOGETHER]:
                made.Add(pattern)
            made.Compile()
            self._sets.append((first, made))

    def matching(self, text: str) -> list[int]:
        """Indexes of the patterns that occur, in order."""
        return sorted(first + index for first, made in self._sets for index in made.Match(text) or ())


_TOGETHER = 10  # patterns in one automaton


def options() -> re2.Options:
    made = re2.Options()
    made.max_mem = _MEMORY
    made.log_errors = False
    return made


def escape(literal: str) -> str:
    return str(re2.escape(literal))

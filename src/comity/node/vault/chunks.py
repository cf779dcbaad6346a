"""Pieces small enough for one question to either database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

SIZE = 900  # SQLite answers a question with at most 999 parameters where nobody has raised that
T = TypeVar("T")


def chunks(items: Sequence[T], size: int = SIZE) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))

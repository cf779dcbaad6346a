"""Layering (promise 2): a baseline, and the annex over it. Grants intersect, limits join, adaptable floors hold.

Each text contributes to each question a default and a floor. Where the upper text is silent the lower one's default
stands; where it speaks, the lower one contributes only its floor, which is its default unless it marked the term
`adaptable`. So

    lay(lower, upper) = (join(lower.floor, upper.default), join(lower.floor, upper.floor))

INVARIANT: associative, with silence as its identity, whenever `join` is associative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Layer(Generic[T]):
    """What one text says to one question. `floor` is never stricter than `default`."""

    default: T
    floor: T


def lay(lower: Layer[T] | None, upper: Layer[T] | None, join: Callable[[T, T], T]) -> Layer[T] | None:
    """One text over another; None is silence."""
    if lower is None or upper is None:
        return upper if lower is None else lower
    return Layer(join(lower.floor, upper.default), join(lower.floor, upper.floor))


def lay_all(layers: Iterable[Layer[T] | None], join: Callable[[T, T], T]) -> Layer[T] | None:
    """All texts, the root first."""
    nothing: Layer[T] | None = None
    return reduce(lambda lower, upper: lay(lower, upper, join), layers, nothing)

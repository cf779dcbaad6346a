"""Limits that are one value each: what a text says, what silence means, and which of two is stricter.

Silence is never permission: each `silent` is the strict end of what an agreement could reasonably say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from comity.agreement.agreement import Agreement
from comity.agreement.layering import Layer
from comity.agreement.setting import Setting
from comity.agreement.strict_yaml import Path
from comity.canon import Duration, Tlp

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Generic[T]):
    """One limit. `read` gives default and floor of a text, or None where it is silent."""

    name: str
    path: Path
    read: Callable[[Agreement], tuple[T, T] | None]
    join: Callable[[T, T], T]
    silent: T
    show: Callable[[T], str] = str

    def say(self, text: Agreement) -> Layer[T] | None:
        stated = self.read(text)
        return Layer(*stated) if stated else None

    def of(self, setting: Setting) -> tuple[T, tuple[str, ...]]:
        """The limit over all texts, and the clauses that set it; none where all are silent."""

        def say(text: Agreement) -> tuple[Layer[T], tuple[str | int, ...]] | None:
            layer = self.say(text)
            return (layer, self.path) if layer else None

        return setting.limit(say, self.join) or (self.silent, ())


def _doubt(text: Agreement) -> tuple[float, float] | None:
    doubt = text.text.doubt
    if doubt is None:
        return None
    return doubt.refer_below, doubt.adaptable.refer_below if doubt.adaptable else doubt.refer_below


def _epoch(text: Agreement) -> tuple[Duration, Duration] | None:
    stated = text.text.pseudonyms
    if stated is None:
        return None
    return Duration(stated.epoch), Duration(stated.adaptable.epoch if stated.adaptable else stated.epoch)


def _witnessed(text: Agreement) -> tuple[Duration, Duration] | None:
    proof = text.text.proof
    if proof is None:
        return None
    floor = proof.adaptable.witnessed_within if proof.adaptable else proof.witnessed_within
    return Duration(proof.witnessed_within), Duration(floor)


def _confidence(text: Agreement) -> tuple[int, int] | None:
    quality = text.text.quality
    if quality is None or quality.confidence_at_least is None:
        return None
    floor = quality.adaptable.confidence_at_least if quality.adaptable else quality.confidence_at_least
    return quality.confidence_at_least, floor


def _unmarked(text: Agreement) -> tuple[Tlp, Tlp] | None:
    markings = text.text.markings
    return (Tlp.of(markings.unmarked), Tlp.of(markings.unmarked)) if markings else None


def _same(value: str | None) -> tuple[str, str] | None:
    return (value, value) if value is not None else None


def _stricter_of(strict: str) -> Callable[[str, str], str]:
    return lambda one, other: strict if strict in (one, other) else one


DOUBT = Limit(name="doubt", path=("doubt",), read=_doubt, join=max, silent=1.0)
EPOCH = Limit(name="pseudonyms", path=("pseudonyms",), read=_epoch, join=min, silent=Duration("P1M"))
WITNESSED = Limit(name="proof", path=("proof",), read=_witnessed, join=min, silent=Duration("PT24H"))
CONFIDENCE = Limit(name="quality", path=("quality",), read=_confidence, join=max, silent=0)
UNMARKED = Limit(
    name="markings", path=("markings",), read=_unmarked, join=max, silent=Tlp.RED, show=lambda level: level.label
)
FREE_TEXT = Limit(
    name="free_text",
    path=("free_text",),
    read=lambda text: _same(text.text.free_text.treatment if text.text.free_text else None),
    join=_stricter_of("withhold"),
    silent="withhold",
)
ON_DOUBT = Limit(
    name="free_text.on-doubt",
    path=("free_text",),
    read=lambda text: _same(text.text.free_text.on_doubt if text.text.free_text else None),
    join=_stricter_of("withhold"),
    silent="withhold",
)
LEGAL_PERSONS = Limit(
    name="subjects.legal-persons",
    path=("subjects",),
    read=lambda text: _same(text.text.subjects.legal_persons if text.text.subjects else None),
    join=_stricter_of("as-persons"),
    silent="as-persons",
)

LIMITS: tuple[Limit[Any], ...] = (
    DOUBT,
    EPOCH,
    WITNESSED,
    CONFIDENCE,
    UNMARKED,
    FREE_TEXT,
    ON_DOUBT,
    LEGAL_PERSONS,
)

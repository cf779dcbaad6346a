"""Detections of one string, joined where they overlap: the union of their spans under the join of their treatments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from comity.canon import REDACT, Category, Kind, Treatment, join_all
from comity.privacy.detection import Detection

_RANK = {category: place for place, category in enumerate(Category)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A detection and what has to be done to it. Doubtful: until a person has decided, as if it were to be redacted."""

    detection: Detection
    treatment: Treatment
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A span that gets one treatment. `category` and `value` are those of the widest detection in it."""

    start: int
    end: int
    category: Category
    value: str = field(repr=False)
    treatment: Treatment
    doubtful: bool
    countries: frozenset[str]
    parts: tuple[Marked, ...]


def join_spans(marked: Sequence[Marked]) -> tuple[Joined, ...]:
    """Join what overlaps, in order of place; the order in which detections come does not matter.

    A detection that is kept widens nothing: keeping is the lattice's neutral element, so a kept URL around a redacted
    e-mail address loses the address alone. A union wider than each of its parts is nobody's value: where it would be
    generalised or pseudonymised under one part's name, it is redacted instead.
    """
    live = sorted((one for one in marked if one.treatment.kind is not Kind.KEEP), key=_order)
    groups: list[list[Marked]] = []
    reach = -1
    for one in live:
        if groups and one.detection.start < reach:
            groups[-1].append(one)
        else:
            groups.append([one])
        reach = max(reach, one.detection.end) if len(groups[-1]) > 1 else one.detection.end
    return tuple(_union(group) for group in groups)


def _union(group: list[Marked]) -> Joined:
    start = min(one.detection.start for one in group)
    end = max(one.detection.end for one in group)
    widest = min(group, key=lambda one: (one.detection.start - one.detection.end, _order(one))).detection
    treatment = join_all(one.treatment for one in group)
    if (widest.start, widest.end) != (start, end):
        treatment = treatment.join(REDACT)
    return Joined(
        start=start,
        end=end,
        category=widest.category,
        value=widest.value,
        treatment=treatment,
        doubtful=any(one.doubtful for one in group),
        # Two detections of one value that place its subject differently leave no country to tell.
        countries=widest.countries
        if all(one.detection.countries == widest.countries for one in group)
        else frozenset(),
        parts=tuple(group),
    )


def _order(one: Marked) -> tuple[int, int, int, str, str, str]:
    found = one.detection
    return found.start, -found.end, _RANK[found.category], found.value, found.role, str(one.treatment)

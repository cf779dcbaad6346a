"""A text with its detections marked: in colour on a terminal, and readable without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from comity.agreement import Plan
from comity.canon import Kind
from comity.crossing import DetectionDecision
from comity.demo.particular import particular
from comity.privacy import Detection

_STYLES = {
    Kind.KEEP: "green",
    Kind.GENERALISE: "bold yellow",
    Kind.PSEUDONYMISE: "bold cyan",
    Kind.REDACT: "bold red",
    Kind.WITHHOLD: "bold magenta",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One place of a text, and the number of its line in the legend."""

    start: int
    end: int
    number: int
    style: str
    treated: bool


def marks(found: Iterable[tuple[Detection, DetectionDecision]], legend: Legend) -> list[Mark]:
    """Marks in the order of the text, none overlapping: where detections overlap, the first found stands for all."""
    placed: list[Mark] = []
    for detection, decision in sorted(found, key=lambda one: (one[0].start, -one[0].end)):
        if placed and detection.start < placed[-1].end:
            continue
        kind = Kind(decision.treatment.partition("(")[0])
        placed.append(
            Mark(
                start=detection.start,
                end=detection.end,
                number=legend.number(detection, decision),
                style=_STYLES[kind],
                treated=kind is not Kind.KEEP,
            )
        )
    return placed


class Legend:
    """What the numbers of the marks stand for. Detections that read alike share one."""

    def __init__(self, plan: Plan, purpose: str) -> None:
        self._plan, self._purpose = plan, purpose
        self._rows: list[tuple[str, ...]] = []

    def number(self, detection: Detection, decision: DetectionDecision) -> int:
        grounds = particular(self._plan, self._purpose, detection, decision)
        asked = ", an officer is asked" if decision.outcome == "refer" else ""
        row = (
            decision.category,
            decision.role,
            f"{decision.confidence:.2f}",
            _said(decision) + asked,
            "\n".join((*grounds.clauses, *grounds.law)),
        )
        if row not in self._rows:
            self._rows.append(row)
        return self._rows.index(row) + 1

    def table(self) -> Table:
        table = Table("", "personal data", "whose", "sure", "becomes", "clauses and law", box=SIMPLE_HEAD)
        table.columns[-1].overflow = "fold"
        table.columns[-1].min_width = 19
        for number, row in enumerate(self._rows, start=1):
            table.add_row(str(number), *map(Text, row))
        return table


def _said(decision: DetectionDecision) -> str:
    """The treatment in short: of a generalisation only what is left of a value of this category."""
    left = re.search(rf"{decision.category.partition('-')[0]}=([0-9]+)", decision.treatment)
    return f"{decision.treatment.partition('(')[0]}{f' to /{left[1]}' if left else ''}"


def before(text: str, placed: Sequence[Mark]) -> Text:
    """The text as it stands at home, every detection between « and » with its number."""
    shown, position = Text(), 0
    for mark in placed:
        shown.append(text[position : mark.start])
        _append(shown, text[mark.start : mark.end], mark)
        position = mark.end
    shown.append(text[position:])
    return shown


def after(source: str, result: str, placed: Sequence[Mark]) -> Text:
    """The text as it left. What stands between the untouched stretches is what came of the treated spans."""
    treated = [mark for mark in placed if mark.treated]
    shown, here, there = Text(), 0, 0
    for index, mark in enumerate(treated):
        kept = source[here : mark.start]
        if result[there : there + len(kept)] != kept:
            return Text(result)
        shown.append(kept)
        there += len(kept)
        following = treated[index + 1].start if index + 1 < len(treated) else len(source)
        onward = source[mark.end : following]
        ends = result.find(onward, there) if onward else len(result)
        if ends < 0:
            return Text(result)
        _append(shown, result[there:ends], mark)
        here, there = mark.end, ends
    shown.append(result[there:])
    return shown


def _append(shown: Text, text: str, mark: Mark) -> None:
    shown.append("«")
    shown.append(text, style=mark.style)
    shown.append(f"»{mark.number}")

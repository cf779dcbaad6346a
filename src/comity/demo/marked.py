"""A text with its detections marked: in colour on a terminal, and readable without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from comity.canon import Kind
from comity.crossing import DetectionDecision
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


def marks(found: Iterable[tuple[Detection, DetectionDecision]], numbers: Sequence[object]) -> list[Mark]:
    """Marks in the order of the text, none overlapping: where detections overlap, the first found stands for all.

    `numbers`: the rows of the legend; see `legend_row`.
    """
    placed: list[Mark] = []
    for detection, decision in sorted(found, key=lambda one: (one[0].start, -one[0].end)):
        if placed and detection.start < placed[-1].end:
            continue
        kind = Kind(decision.treatment.partition("(")[0])
        placed.append(
            Mark(
                start=detection.start,
                end=detection.end,
                number=numbers.index(legend_row(decision)) + 1,
                style=_STYLES[kind],
                treated=kind is not Kind.KEEP,
            )
        )
    return placed


def legend_row(decision: DetectionDecision) -> tuple[str, ...]:
    """What detections of one line of the legend have in common."""
    becomes = f"{decision.treatment}, asks" if decision.outcome == "refer" else decision.treatment
    return (
        decision.category,
        decision.role,
        becomes,
        " ".join(decision.clauses),
        " ".join(decision.law),
    )


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

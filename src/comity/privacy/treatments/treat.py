"""Treat one object: every detection gets what was decided, and the object stays STIX or stays home."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from comity.canon import REDACT, Category, Kind, Treatment
from comity.material import InvalidPattern, StixObject
from comity.privacy.detection import Detection
from comity.privacy.pseudonyms import Pseudonyms
from comity.privacy.treatments.draft import Draft, NoSuchPlace, RequiredGone, at_steps, resolve
from comity.privacy.treatments.keys import treated_key
from comity.privacy.treatments.markers import NAME_REMOVED
from comity.privacy.treatments.outcome import Because, Change, Gone, Treated, Withheld
from comity.privacy.treatments.patterns import MatchesElse, treated_pattern
from comity.privacy.treatments.rules import treated_rule
from comity.privacy.treatments.spans import Joined, Marked, join_spans
from comity.privacy.treatments.standard import (
    Sort,
    Steps,
    backwards,
    goes_with,
    hollow,
    owner,
    removable_text,
    required,
    sort_of,
)
from comity.privacy.treatments.text import treated_text
from comity.privacy.treatments.typed import treated_time, treated_value


def treat(
    obj: StixObject,
    marked: Sequence[tuple[Detection, Treatment]],
    pseudonyms: Pseudonyms,
    *,
    doubtful: Collection[Detection] = frozenset(),
) -> Treated:
    """Carry out on an object what was decided for each of its detections.

    Args:    marked: every detection with its treatment, in any order. doubtful: those that a person has yet to
             decide: they are removed, and the marker says so.
    Returns: the object after treatment, the input's own content where nothing changed; or why it is withheld. A place
             that cannot be treated withholds the object. The id is the source's: giving out ids is the crossing's.
    """
    todo = [_marked(found, treatment, found in doubtful) for found, treatment in marked]
    todo = [one for one in todo if one.treatment.kind is not Kind.KEEP]
    if not todo:
        return Treated(content=obj.content if isinstance(obj.content, dict) else dict(obj.content), changed=False)
    todo.sort(key=lambda one: (one.detection.path, one.detection.start, -one.detection.end, one.detection.category))
    gone = tuple(_gone(one.detection) for one in todo)
    ruled = next((one for one in todo if one.treatment.kind is Kind.WITHHOLD), None)
    if ruled is not None:
        return _withheld(Because.RULE, ruled.detection, gone)
    work = _Work(obj=obj, pseudonyms=pseudonyms, draft=Draft(obj.content))
    for _, group in groupby(todo, key=lambda one: one.detection.path):
        here = list(group)
        because = work.place(here)
        if because is not None:
            return _withheld(because, here[0].detection, gone)
    return work.finish(todo[0].detection, gone)


def _marked(found: Detection, treatment: Treatment, doubtful: bool) -> Marked:
    return Marked(detection=found, treatment=treatment.join(REDACT) if doubtful else treatment, doubtful=doubtful)


def _gone(found: Detection) -> Gone:
    return Gone(category=found.category, value=found.value, text=found.text)


def _withheld(because: Because, found: Detection, gone: tuple[Gone, ...]) -> Treated:
    reason = Withheld(because=because, path=found.path, category=found.category)
    return Treated(content=None, changed=True, withheld_because=reason, gone=gone)


@dataclass(slots=True, kw_only=True)
class _Work:
    """The draft of one object, and what was done to it so far."""

    obj: StixObject
    pseudonyms: Pseudonyms
    draft: Draft
    changes: list[Change] = field(default_factory=list)

    def place(self, marked: Sequence[Marked]) -> Because | None:
        """Treat all detections of one path; returns why that cannot be done, if it cannot."""
        content = self.obj.content
        try:
            steps = resolve(content, marked[0].detection.path)
        except NoSuchPlace:
            return Because.UNREADABLE
        value = at_steps(content, steps)
        of_key = [one for one in marked if is_of_key(one.detection, steps)]
        of_value = [one for one in marked if one not in of_key or _says(value, one.detection)]
        because = self.value(steps, value, of_value) if of_value else None
        return because or (self.key(steps, of_key) if of_key else None)

    def key(self, steps: Steps, marked: Sequence[Marked]) -> Because | None:
        new = treated_key(steps, join_spans(marked), self.pseudonyms)
        if new is None:
            self.draft.drop(steps)
        else:
            self.draft.rename(steps, new)
        self.note(marked, None if new is not None else REDACT, removed=new is None)
        return None

    def value(self, steps: Steps, value: Any, marked: Sequence[Marked]) -> Because | None:
        sort = sort_of(self.obj.content, steps, value)
        if sort is Sort.STRUCTURE or isinstance(value, (dict, list)) or value is None:
            return Because.STRUCTURE
        text = value if isinstance(value, str) else str(value)
        spans = join_spans(_spanning(marked, len(text)) if sort in {Sort.OPAQUE, Sort.TIME} else marked)
        if any(not 0 <= span.start < span.end <= len(text) for span in spans):
            return Because.UNREADABLE
        if sort in {Sort.PATTERN, Sort.RULE}:
            return self.matching(steps, text, spans, sort)
        if sort in {Sort.TEXT, Sort.MACHINE}:
            return self.text(steps, text, spans, sort)
        new: str | None = None
        applied = [REDACT] * len(spans)
        if sort is Sort.TIME:
            new, applied[0] = treated_time(spans[0])
        elif sort is not Sort.OPAQUE:
            new, applied = treated_value(sort, text, spans, self.pseudonyms)
        return self.put(steps, text, new, spans, applied)

    def text(self, steps: Steps, text: str, spans: Sequence[Joined], sort: Sort) -> Because | None:
        new, applied = treated_text(text, spans, self.pseudonyms, prose=sort is Sort.TEXT)
        whole = len(spans) == 1 and not text[: spans[0].start].strip() and not text[spans[0].end :].strip()
        if whole and applied[0].kind is Kind.REDACT and not spans[0].doubtful:
            if removable_text(self.obj.content, steps):
                return self.put(steps, text, None, spans, applied)
            if owner(self.obj.content, steps)[1] == ("name",) and spans[0].category is Category.PERSON_NAME:
                new = NAME_REMOVED
        return self.put(steps, text, new, spans, applied)

    def matching(self, steps: Steps, text: str, spans: Sequence[Joined], sort: Sort) -> Because | None:
        try:
            done = treated_rule(text, spans, self.pseudonyms) if sort is Sort.RULE else None
            if sort is Sort.PATTERN:
                done = treated_pattern(text, spans, self.pseudonyms)
        except InvalidPattern:
            return Because.UNREADABLE
        except MatchesElse:
            done = None
        return Because.MATCHING if done is None else self.put(steps, text, done[0], spans, done[1])

    def put(
        self, steps: Steps, old: str, new: str | None, spans: Sequence[Joined], applied: Sequence[Treatment]
    ) -> Because | None:
        """Put the new value, or remove the place where there is none."""
        if new is None:
            if required(self.obj.content, steps):
                return Because.REQUIRED
            for place in goes_with(self.obj.content, steps):
                self.draft.drop(place)
        elif new != old:
            self.draft.set(steps, new)
        for span, treatment in zip(spans, applied, strict=True):
            self.note(span.parts, treatment, removed=new is None)
        return None

    def note(self, marked: Sequence[Marked], treatment: Treatment | None, *, removed: bool) -> None:
        self.changes += [
            Change(
                path=one.detection.path,
                start=one.detection.start,
                category=one.detection.category,
                treatment=treatment or one.treatment,
                removed=removed,
            )
            for one in marked
        ]

    def finish(self, first: Detection, gone: tuple[Gone, ...]) -> Treated:
        try:
            content = self.draft.finish()
        except RequiredGone:
            return _withheld(Because.REQUIRED, first, gone)
        if hollow(content):
            return _withheld(Because.HOLLOW, first, gone)
        pair = backwards(content)
        if pair is not None:
            # The later time was coarsened to before the earlier one: what is left of the pair is the later one's year.
            content = {name: value for name, value in content.items() if name != pair[1]}
            if required(content, (pair[1],)):
                return _withheld(Because.REQUIRED, first, gone)
        return Treated(
            content=content,
            changed=content != self.obj.content,
            spans=tuple(sorted(self.changes, key=lambda one: (one.path, one.start, one.category))),
            gone=gone,
        )


def is_of_key(found: Detection, steps: Steps) -> bool:
    """Whether a detection under `#n` is in the key rather than in the value beneath it (or may be in both)."""
    key = steps[-1]
    return found.path.rpartition("/")[2][:1] == "#" and isinstance(key, str) and _says(key, found)


def _says(value: Any, found: Detection) -> bool:
    return str(value)[found.start : found.end] == found.text


def _spanning(marked: Sequence[Marked], length: int) -> list[Marked]:
    """The same detections over the whole of a value that cannot be treated in part."""
    return [replace(one, detection=replace(one.detection, start=0, end=length)) for one in marked]

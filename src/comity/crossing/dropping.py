"""Leaving properties out: what no agreement names and what the purpose does not need."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

# What every object needs to be read, related and marked at all; necessity never drops these (STIX 2.1 section 3.2).
ALWAYS = frozenset({
    "type", "spec_version", "id", "created", "modified", "created_by_ref", "revoked", "object_marking_refs",
    "granular_markings", "lang", "defanged", "extensions", "extension_type",
})  # fmt: skip


_INDEX = re.compile(r"\[\d{1,6}\]")
Way = tuple[str | int, ...]  # names and list indexes from the object down


def without(content: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, Any]:
    """A copy without what the JSON Pointers name; lists and objects that end up empty go too, as STIX asks.

    INVARIANT: granular markings go on marking what they marked, wherever in a list it stands now (attack A14).
    """
    result = dict(content)
    removed: set[Way] = set()
    # From the back, so that taking out a later member of a list never moves an earlier one.
    for pointer in sorted(pointers, key=lambda text: [_part(p) for p in text.split("/")], reverse=True):
        steps = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        _remove(result, steps, (), removed)
    if isinstance(result.get("granular_markings"), list):
        result["granular_markings"] = list(_follow(result["granular_markings"], removed))
        if not result["granular_markings"]:
            del result["granular_markings"]
    return result


def _part(text: str) -> tuple[int, str]:
    """List indexes sort as numbers."""
    return (int(text), "") if text.isdigit() else (-1, text)


def _remove(holder: Any, steps: list[str], above: Way, removed: set[Way]) -> None:
    """Copies each container on the way down, so the source stays as it was. Notes what it took out in `removed`."""
    step: Any = int(steps[0]) if isinstance(holder, list) else steps[0]
    if len(steps) == 1:
        del holder[step]
        removed.add((*above, step))
        return
    inner = holder[step]
    inner = dict(inner) if isinstance(inner, dict) else list(inner)
    _remove(inner, steps[1:], (*above, step), removed)
    if inner:
        holder[step] = inner
    else:
        del holder[step]
        removed.add((*above, step))


def _follow(markings: Iterable[Any], removed: Collection[Way]) -> Iterator[Any]:
    """Markings whose selectors still select something; one that cannot be read stays, and validation refuses it."""
    for marking in markings:
        if not isinstance(marking, Mapping) or not isinstance(marking.get("selectors"), list):
            yield marking
            continue
        selectors = [new for old in marking["selectors"] if (new := _followed(str(old), removed)) is not None]
        if selectors:
            yield {**marking, "selectors": selectors}


def _followed(selector: str, removed: Collection[Way]) -> str | None:
    way = tuple(int(step[1:-1]) if _INDEX.fullmatch(step) else step for step in selector.split("."))
    if any(way[:length] in removed for length in range(1, len(way) + 1)):
        return None
    return ".".join(
        f"[{step - _earlier(way[:at], step, removed)}]" if isinstance(step, int) else step
        for at, step in enumerate(way)
    )


def _earlier(above: Way, index: int, removed: Collection[Way]) -> int:
    """How many members before this one were taken out of its list."""
    return sum(way[:-1] == above and isinstance(last := way[-1], int) and last < index for way in removed)


def not_needed(content: Mapping[str, Any], needed: frozenset[str] | None, required: frozenset[str]) -> frozenset[str]:
    """JSON Pointers of top-level properties outside `needed`. None: the clause asks for no such reduction."""
    if needed is None:
        return frozenset()
    return frozenset(
        "/" + name.replace("~", "~0").replace("/", "~1")
        for name in content
        if name not in needed and name not in ALWAYS and name not in required and not name.endswith(("_ref", "_refs"))
    )

"""Leaving properties out: what no agreement names and what the purpose does not need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# What every object needs to be read, related and marked at all; necessity never drops these (STIX 2.1 section 3.2).
ALWAYS = frozenset({
    "type", "spec_version", "id", "created", "modified", "created_by_ref", "revoked", "object_marking_refs",
    "granular_markings", "lang", "defanged", "extensions", "extension_type",
})  # fmt: skip


def without(content: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, Any]:
    """A copy without what the JSON Pointers name; lists and objects that end up empty go too, as STIX asks."""
    result = dict(content)
    for pointer in sorted(pointers, key=lambda text: [_part(p) for p in text.split("/")], reverse=True):
        _remove(result, [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]])
    return result


def _part(text: str) -> tuple[int, str]:
    """List indexes sort as numbers, so that taking out a later member never moves an earlier one."""
    return (int(text), "") if text.isdigit() else (-1, text)


def _remove(holder: Any, steps: list[str]) -> None:
    """Copies each container on the way down, so the source stays as it was."""
    step: Any = int(steps[0]) if isinstance(holder, list) else steps[0]
    if len(steps) == 1:
        del holder[step]
        return
    inner = holder[step]
    inner = dict(inner) if isinstance(inner, dict) else list(inner)
    _remove(inner, steps[1:])
    if inner:
        holder[step] = inner
    else:
        del holder[step]


def not_needed(content: Mapping[str, Any], needed: frozenset[str] | None, required: frozenset[str]) -> frozenset[str]:
    """JSON Pointers of top-level properties outside `needed`. None: the clause asks for no such reduction."""
    if needed is None:
        return frozenset()
    return frozenset(
        "/" + name.replace("~", "~0").replace("/", "~1")
        for name in content
        if name not in needed and name not in ALWAYS and name not in required and not name.endswith(("_ref", "_refs"))
    )

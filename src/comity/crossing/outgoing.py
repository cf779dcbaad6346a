"""An object as it leaves: references resolved or left out, and a changed copy under its own id, creator and time."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from comity.canon import format_instant
from comity.crossing.graph import Graph, Node
from comity.material import kind

# In any case, and with anything around it: an id inside `_identity--..._x` names its object just as well.
_ID = re.compile(
    r"(?<![A-Za-z0-9-])[a-z][a-z0-9-]*--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])",
    re.IGNORECASE,
)
_NAMING = ("_ref", "_refs")
REMOVED = "[reference removed]"
MENTION = "/*"  # stands for the pointer of a reference that is only mentioned in a text


def leave(
    content: Mapping[str, Any], node: Node, graph: Graph, *, creator: str, now: dt.datetime
) -> tuple[dict[str, Any], int]:
    """The object as the partner gets it, and how many references were left out.

    A changed SDO or SRO leaves under its outgoing id, with `created` from the source, `modified` of `now` and our
    `created_by_ref` (DESIGN section 7); a changed observable only where its identifying value changed.
    """
    removed = _Counter()
    result: dict[str, Any] = _resolved(content, graph, removed, top=True)
    if not node.changed:
        return result, removed.count
    result["id"] = graph.name(node.id)
    if kind(node.type) != "sco" and node.renamed:
        if "modified" in result:
            result["modified"] = format_instant(now)
        if "created" in result:
            result["created_by_ref"] = creator
        if "object_modified" in result and result["object_ref"] != content["object_ref"]:
            # A translation names a version of its target (STIX 2.1 section 7.1); a changed target has a new one.
            result["object_modified"] = format_instant(now)
    _keep_selectors_true(result, content)
    return result, removed.count


def mentions(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Ids that texts of the object name, beside its references: they betray an object that stays home just as well."""
    return tuple((MENTION, identifier) for identifier in _mentioned(content, top=True))


def _mentioned(value: Any, *, top: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _mentioned(name)
            if not (top and name in ("id", "type")) and not name.endswith(_NAMING):
                yield from _mentioned(item)
            elif name.endswith("_refs") and isinstance(item, list):
                yield from (found for member in item if isinstance(member, dict) for found in _mentioned(member))
    elif isinstance(value, list):
        for item in value:
            yield from _mentioned(item)
    elif isinstance(value, str) and "--" in value:
        named = (found.lower() for found in _ID.findall(value))
        yield from (found for found in named if not found.startswith("extension-definition--"))


class _Counter:
    def __init__(self) -> None:
        self.count = 0


def _resolved(value: Any, graph: Graph, removed: _Counter, *, top: bool = False) -> Any:
    """A copy in which every reference resolves at the partner. Texts that name an object that stays home lose it."""
    result = {}
    for key, item in value.items():
        name = _other(key, graph, removed)
        if top and name in ("id", "type"):
            result[name] = item
        elif name.endswith(_NAMING) and isinstance(item, (str, list)):
            kept = _references(item, graph, removed)
            if kept:
                result[name] = kept
        else:
            result[name] = _other(item, graph, removed)
    return result


def _references(item: Any, graph: Graph, removed: _Counter) -> Any:
    if isinstance(item, str):
        if not _ID.fullmatch(item):
            return item
        if graph.resolves(item):
            return graph.name(item)
        removed.count += 1
        return None
    kept = []
    for target in item:
        if isinstance(target, str) and _ID.fullmatch(target):
            if graph.resolves(target):
                kept.append(graph.name(target))
            else:
                removed.count += 1
        else:
            kept.append(_other(target, graph, removed))
    return kept


def _other(item: Any, graph: Graph, removed: _Counter) -> Any:
    if isinstance(item, dict):
        return _resolved(item, graph, removed)
    if isinstance(item, list):
        return [_other(member, graph, removed) for member in item]
    if isinstance(item, str) and "--" in item:
        return _ID.sub(lambda found: _mention(found.group(), graph, removed), item)
    return copy.copy(item)


def _mention(identifier: str, graph: Graph, removed: _Counter) -> str:
    """An id inside a text or a key. Extension definitions are public names and stay."""
    identifier = identifier.lower()
    if identifier.startswith("extension-definition--"):
        return identifier
    if graph.resolves(identifier):
        return graph.name(identifier)
    removed.count += 1
    return REMOVED


def _keep_selectors_true(result: dict[str, Any], source: Mapping[str, Any]) -> None:
    """Granular markings must select what is there; in a list that lost members the whole list is selected instead."""
    markings = result.get("granular_markings")
    if not isinstance(markings, list):
        return
    kept = []
    for marking in markings:
        selectors = list(dict.fromkeys(filter(None, (_selector(s, result, source) for s in marking["selectors"]))))
        if selectors:
            kept.append({**marking, "selectors": selectors})
    if kept:
        result["granular_markings"] = kept
    else:
        del result["granular_markings"]


def _selector(selector: str, result: Mapping[str, Any], source: Mapping[str, Any]) -> str | None:
    """INVARIANT: a marking never covers less than it did (attack A14): when in doubt it covers more."""
    here: Any = result
    there: Any = source
    done = ""
    for step in selector.split("."):
        if step.startswith("["):
            index = int(step[1:-1])
            if len(here) != len(there) or index >= len(here):
                return done
            here, there = here[index], there[index]
        else:
            if not isinstance(here, dict) or step not in here:
                return None
            here, there = here[step], there[step]
        done = f"{done}.{step}" if done else step
    return done

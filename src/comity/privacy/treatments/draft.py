"""A changed copy of an object: only the containers on the way to a change are copied; the original stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from comity.privacy.treatments.standard import Step, Steps, hollow_item, required


class NoSuchPlace(LookupError):
    """A detection names a place that the object does not have."""


class RequiredGone(Exception):
    """Removing this would leave the object without a property that the standard requires."""


class _Gone:
    """Stands where something was removed until the draft is finished."""


_GONE: Final = _Gone()


class Draft:
    """Changes first, then `finish`: so that no removal moves the place of another change."""

    __slots__ = ("_original", "_owned", "_renamed", "_root")

    def __init__(self, original: Mapping[str, Any]) -> None:
        self._original = original
        self._root: dict[str, Any] = dict(original)
        self._owned: set[int] = {id(self._root)}
        self._renamed: dict[Steps, str] = {}

    def set(self, steps: Steps, value: Any) -> None:
        holder: Any = self._root
        for step in steps[:-1]:
            inner = holder[step]
            if id(inner) not in self._owned:
                inner = dict(inner) if isinstance(inner, Mapping) else list(inner)
                self._owned.add(id(inner))
                holder[step] = inner
            holder = inner
        holder[steps[-1]] = value

    def drop(self, steps: Steps) -> None:
        self.set(steps, _GONE)

    def rename(self, steps: Steps, key: str) -> None:
        """Give a dictionary's key another name; the value stays, or goes with it where the name is taken."""
        if key in at_steps(self._original, steps[:-1]):
            self.drop(steps)
        else:
            self.set(steps, at_steps(self._root, steps))
            self._renamed[steps] = key

    def finish(self) -> dict[str, Any]:
        """The copy without what was dropped, its granular markings still naming what they named.

        Raises: RequiredGone.
        """
        moved: dict[Steps, Steps | None] = {}
        result = self._compact(self._root, (), (), moved)
        if not isinstance(result, dict):
            raise RequiredGone
        if moved and "granular_markings" in result:
            markings = _follow(result["granular_markings"], moved)
            result.pop("granular_markings")
            if markings:
                result["granular_markings"] = markings
        return result

    def _compact(self, value: Any, old: Steps, new: Steps, moved: dict[Steps, Steps | None]) -> Any:
        if id(value) not in self._owned:
            return value
        members = value.items() if isinstance(value, dict) else enumerate(value)
        kept: list[tuple[Step, Any]] = []
        for step, member in members:
            place = (*old, step)
            name: Step = self._renamed.get(place, step) if isinstance(step, str) else len(kept)
            item = member if member is _GONE else self._compact(member, place, (*new, name), moved)
            if item is _GONE:
                if required(self._original, place):
                    raise RequiredGone
                moved[place] = None
                continue
            if name != step:
                moved[place] = (*new, name)
            kept.append((name, item))
        if not kept:
            return _GONE
        if isinstance(value, list):
            return [item for _, item in kept]
        item = dict(kept)
        return _GONE if len(kept) < len(value) and hollow_item(old, item) else item


def resolve(content: Mapping[str, Any], pointer: str) -> Steps:
    """The steps of a detection's path. `#2` is the third key of its dictionary: keys are not written into paths.

    Raises: NoSuchPlace.
    """
    steps: list[Step] = []
    here: Any = content
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(here, Mapping):
            step: Step = name if name in here else _nth(here, name)
        elif isinstance(here, list) and name.isdecimal() and int(name) < len(here):
            step = int(name)
        else:
            raise NoSuchPlace
        steps.append(step)
        here = here[step]
    if not steps:
        raise NoSuchPlace
    return tuple(steps)


def _nth(holder: Mapping[str, Any], name: str) -> str:
    if name[:1] == "#" and name[1:].isdecimal() and int(name[1:]) < len(holder):
        return list(holder)[int(name[1:])]
    raise NoSuchPlace


def at_steps(content: Any, steps: Steps) -> Any:
    for step in steps:
        content = content[step]
    return content


def _follow(markings: list[Any], moved: Mapping[Steps, Steps | None]) -> list[Any]:
    """Granular markings (section 7.2.3) that select what they selected, where it stands now."""
    result = []
    for marking in markings:
        followed = [_followed(selector, moved) for selector in marking.get("selectors", ())]
        selectors = [selector for selector in followed if selector is not None]
        if selectors:
            result.append({**marking, "selectors": selectors})
    return result


def _followed(selector: str, moved: Mapping[Steps, Steps | None]) -> str | None:
    steps: Steps = tuple(int(part[1:-1]) if part[:1] == "[" else part for part in selector.split("."))
    above = [length for length in range(1, len(steps) + 1) if steps[:length] in moved]
    if any(moved[steps[:length]] is None for length in above):
        return None
    if above:
        steps = (*(moved[steps[: above[-1]]] or ()), *steps[above[-1] :])
    return ".".join(f"[{step}]" if isinstance(step, int) else step for step in steps)

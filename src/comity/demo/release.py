"""A release as its receiver sees it: is it valid, does it hold together, what can be read in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from comity.crossing import Crossing, Decision
from comity.material import InvalidObject, StixObject, references, validate


def decision_on(crossing: Crossing, object_id: str) -> Decision:
    """The decision on one object of the material. Raises: StopIteration when it was not in it."""
    return next(d for d in crossing.decisions() if d.id == object_id)


def as_it_left(crossing: Crossing, object_id: str) -> dict[str, Any] | None:
    """An object as the partner gets it, by the id it had at home; None when it stays home."""
    leaving = decision_on(crossing, object_id).outgoing_id
    return next((content for content in crossing.objects() if content["id"] == leaving), None)


def faults(crossing: Crossing) -> list[str]:
    """What is wrong with the bundle: objects that are not valid STIX 2.1, and references that lead nowhere."""
    objects = list(crossing.objects())
    known = {content["id"] for content in objects}
    found = []
    for content in objects:
        try:
            validate(StixObject(id=content["id"], type=content["type"], content=content, place=""))
        except InvalidObject as error:
            found.append(error.sentence)
        found.extend(f"{content['id']}{at} dangles" for at, target in references(content) if target not in known)
    return found


def readable(objects: Iterable[Mapping[str, Any]], values: Iterable[str]) -> list[str]:
    """Which of the values can be read anywhere in the objects, whatever their case."""
    everything = "\n".join(text for content in objects for text in _texts(content)).casefold()
    return [value for value in values if value.casefold() in everything]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield name
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)

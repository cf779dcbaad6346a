"""MISP events to STIX 2.1 by misp-stix, the MISP project's converter: the one file that imports it.

Around it: gaps are filled first, so that the same event always gives the same bytes; what binds the event is put on
every object again; and what went in is held against what came out.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

from comity.canon import InputError, digest, dumps, format_instant, loads
from comity.material.converted import Converted
from comity.material.hives import full_key
from comity.material.limits import LIMITS, Limits
from comity.material.losses import Loss
from comity.material.minting import mint
from comity.material.misp.bindings import Bindings, bind
from comity.material.misp.comparison import compare, reported
from comity.material.misp.events import Event, MispUnreadable, complete, read_events
from comity.material.writing import write_bundle

Content = dict[str, Any]
_ROUTING = ("distribution", "sharing_group_id", "SharingGroup")


class MispUnavailable(InputError):
    what = "MISP events cannot be read here"
    why = "the MISP project's converter is not installed"
    do = "install it with: pip install 'comity[misp]'"


def from_misp(data: bytes, *, now: dt.datetime, limits: Limits = LIMITS, at: str | None = None) -> Converted:
    """Convert MISP events to a STIX 2.1 bundle and a report of what did not survive.

    Properties and types that the converter invents (`x_misp_*`) stay: they are unknown properties, judged at the
    crossing like any other.
    Args:    now: stands in for the time of an event that has neither timestamp nor date.
    Raises:  StrictJsonError, MispUnreadable, MispUnavailable, MarkingLost.
    """
    objects: dict[tuple[str, str], Content] = {}
    losses: list[Loss] = []
    for event in read_events(data, limits=limits, at=at):
        losses += complete(event, now)
        bindings = Bindings(event)
        made, messages = _convert(event, at)
        text = json.dumps(made, ensure_ascii=False)
        indicators = frozenset(content["id"].partition("--")[2] for content in made if content["type"] == "indicator")
        bind(made, bindings)
        bound = (*bindings.definitions.values(), *made)
        losses += compare(event, text + json.dumps(list(bindings.definitions.values())), indicators)
        losses += reported(event["uuid"], messages)
        for content in bound:
            _keep(objects, content, losses)
    bundle_id = f"bundle--{mint(digest(data))}"
    return Converted(bundle=b"".join(write_bundle(objects.values(), bundle_id)), losses=tuple(dict.fromkeys(losses)))


def _convert(event: Event, at: str | None) -> tuple[list[Content], list[str]]:
    """The converter's objects and what it complained about. It gets a copy, for it changes what it is given."""
    try:
        from misp_stix_converter import MISPtoSTIX21Parser  # noqa: PLC0415 - an extra of 60 MB
    except ImportError as error:
        raise MispUnavailable(at=at) from error
    for name in ("pymisp", "misp_stix_converter"):
        # Their log lines quote values of the event.
        logging.getLogger(name).propagate = False
        logging.getLogger(name).addHandler(logging.NullHandler())
    parser = MISPtoSTIX21Parser()
    try:
        parser.parse_misp_event(_for_converter(event))
        made = [loads(made.serialize().encode()) for made in parser.stix_objects]
    except Exception as error:
        # Third-party code on hostile input: whatever it raises means that this event was not understood.
        raise MispUnreadable(
            at=at, reason=f"the converter gave up on event {event['uuid']} ({type(error).__name__})"
        ) from error
    messages = [text for found in (parser.errors, parser.warnings) for texts in found.values() for text in texts]
    return [_in_order(content) for content in _settled(made, event)], messages


def _for_converter(value: Any) -> Any:
    """A copy without empty lists, which pymisp takes for malformed records, and without routing.

    Routing is in the markings by now; pymisp drops an attribute whose sharing group it does not find.
    """
    if isinstance(value, dict):
        return {name: _for_converter(item) for name, item in value.items() if item != [] and name not in _ROUTING}
    return [_for_converter(item) for item in value] if isinstance(value, list) else value


def _settled(made: list[Content], event: Event) -> Iterator[Content]:
    """The objects with identifiers and times that come from the event, never from chance or the clock."""
    known = json.dumps(event)
    text = json.dumps(made)
    for number, content in enumerate(made):
        uuid = content["id"].partition("--")[2]
        if uuid[14] == "4" and uuid not in known and content["type"] != "marking-definition":
            text = text.replace(uuid, mint(event["uuid"], "made", str(number)))
    times = _times(known)
    own = format_instant(dt.datetime.fromtimestamp(int(event["timestamp"]), dt.UTC))
    for content in json.loads(text):
        if content["type"] != "marking-definition":
            content.update(
                {name: own for name in ("created", "modified") if name in content and content[name][:19] not in times}
            )
        if content["type"] == "windows-registry-key" and isinstance(content.get("key"), str):
            content["key"] = full_key(content["key"])
        yield content


def _times(known: str) -> frozenset[str]:
    """Every moment that stands in an event, to the second: as a number of seconds or as a date and time."""
    seconds = (int(found) for found in re.findall(r'"(?:\w*timestamp|date_sighting)": "?([0-9]{1,11})"?', known))
    written = re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}", known)
    told = {format_instant(dt.datetime.fromtimestamp(one, dt.UTC))[:19] for one in seconds}
    return frozenset(told | {text.replace(" ", "T") for text in written})


def _in_order(content: Content) -> Content:
    """A list of references in the order of the first mention, each once."""
    refs = content.get("object_refs")
    return content if refs is None else {**content, "object_refs": list(dict.fromkeys(refs))}


def _keep(objects: dict[tuple[str, str], Content], content: Content, losses: list[Loss]) -> None:
    """Add an object; the same one from two events of a document is bound by the markings of both."""
    key = (content["id"], content.get("modified") or content.get("created") or "")
    before = objects.setdefault(key, content)
    if before is content:
        return
    refs = {*before.get("object_marking_refs", ()), *content.get("object_marking_refs", ())}
    if refs:
        before["object_marking_refs"] = content["object_marking_refs"] = sorted(refs)
    if dumps(before) != dumps(content):
        losses.append(
            Loss(
                id=content["id"].partition("--")[2],
                what="object",
                why="two events tell it differently; the first stands",
            )
        )

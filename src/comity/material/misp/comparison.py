"""What went in and did not come out: a MISP event held against the STIX objects made of it, by uuid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from comity.material.losses import Loss
from comity.material.misp.events import Event, galaxy_clusters

_DISTRIBUTIONS = {"1": "this community", "2": "connected communities", "3": "all communities"}
_NOT_MAPPED = re.compile(r"MISP (Attribute|Object) (?:type|name) [\w|-]+ not mapped")
_FAILED = re.compile(r"Error with the (.{1,80}?) (?:object|attribute).{0,40}?\(uuid: ([0-9a-f-]{36})\)", re.DOTALL)


def compare(event: Event, text: str, indicators: frozenset[str]) -> Iterator[Loss]:
    """Each loss of one event.

    Args:    text: the STIX objects made of it, as JSON text in which non-ASCII characters stand as they are.
             indicators: the uuids of the indicators among them.
    """
    yield from _fields(event, ("threat_level_id", "analysis", "extends_uuid"), text)
    yield from _routing(event)
    yield from _tags(event, text)
    for report in event["EventReport"]:
        if report["uuid"] not in text:
            yield Loss(id=report["uuid"], what="event report", why="the converter left it out")
    for proposal in event["ShadowAttribute"]:
        yield Loss(id=proposal["uuid"], what="proposal", why="proposals are not part of an event until accepted")
    for attribute in event["Attribute"]:
        yield from _attribute(attribute, text, {attribute["uuid"]}, indicators)
    for record in event["Object"]:
        yield from _object(record, text, indicators)


def reported(event_uuid: str, messages: Iterable[str]) -> Iterator[Loss]:
    """The converter's own errors and warnings. Their text may quote values, so only known forms are told."""
    for message in messages:
        failed = _FAILED.search(message)
        if failed:
            yield Loss(id=failed[2], what="conversion", why="the converter failed on it and kept it as a custom object")
        elif _NOT_MAPPED.search(message):
            yield Loss(id=event_uuid, what="conversion", why=f"{message[:100].strip().rstrip('.')}: kept as custom")
        else:
            yield Loss(id=event_uuid, what="conversion", why="the converter reported a problem of another kind")


def _attribute(attribute: Event, text: str, homes: set[str], indicators: frozenset[str]) -> Iterator[Loss]:
    uuid = attribute["uuid"]
    if not any(home in text for home in homes) and not _is_in(attribute.get("value"), text):
        yield Loss(id=uuid, what="attribute", why="the converter left it out")
        return
    if not _is_in(attribute.get("value"), text) and "|" not in str(attribute.get("value")):
        yield Loss(id=uuid, what="value", why="its value does not stand in the objects as it was written")
    if attribute.get("to_ids") and not homes & indicators:
        yield Loss(id=uuid, what="to_ids", why="it was meant for detection and is no indicator")
    if attribute.get("comment") and not _is_in(attribute["comment"], text):
        yield Loss(id=uuid, what="comment", why="the converter keeps comments of some types only")
    yield from _seen(attribute, text)
    yield from _routing(attribute)
    yield from _tags(attribute, text)
    for sighting in attribute["Sighting"]:
        if sighting["uuid"] not in text:
            yield Loss(id=sighting["uuid"], what="sighting", why="the converter left it out")
    for proposal in attribute["ShadowAttribute"]:
        yield Loss(id=proposal["uuid"], what="proposal", why="proposals are not part of an event until accepted")


def _object(record: Event, text: str, indicators: frozenset[str]) -> Iterator[Loss]:
    if record["uuid"] not in text:
        yield Loss(id=record["uuid"], what="object", why="the converter left it out as such")
    if record.get("comment") and not _is_in(record["comment"], text):
        yield Loss(id=record["uuid"], what="comment", why="the converter keeps comments of some types only")
    yield from _seen(record, text)
    yield from _routing(record)
    for reference in record["ObjectReference"]:
        if str(reference.get("referenced_uuid")) not in text:
            yield Loss(id=reference["uuid"], what="reference", why="what it points at is not among the objects")
    for attribute in record["Attribute"]:
        homes = {attribute["uuid"], record["uuid"]} if record["uuid"] in text else {attribute["uuid"]}
        yield from _attribute(attribute, text, homes, indicators)


def _tags(record: Event, text: str) -> Iterator[Loss]:
    for tag in record["Tag"]:
        name = str(tag.get("name", ""))
        if name and not name.lower().startswith(("tlp:", "misp-galaxy:")) and not _is_in(name, text):
            yield Loss(id=record["uuid"], what="tag", why="the converter left out one of its tags")
    for cluster in galaxy_clusters(record):
        if cluster["uuid"] not in text and not _is_in(cluster.get("value"), text):
            yield Loss(id=cluster["uuid"], what="galaxy cluster", why="the converter left it out")


def _routing(record: Event) -> Iterator[Loss]:
    level = str(record.get("distribution"))
    if level in _DISTRIBUTIONS:
        yield Loss(
            id=record["uuid"],
            what="distribution",
            why=f"STIX has no word for MISP's {_DISTRIBUTIONS[level]}; TLP rules",
        )
    elif level in {"0", "4"}:
        yield Loss(id=record["uuid"], what="distribution", why="kept as TLP:AMBER+STRICT unless the event bears a TLP")
    if str(record.get("sharing_group_id") or "0") != "0":
        yield Loss(id=record["uuid"], what="sharing group", why="its members are not part of the objects")


def _seen(record: Event, text: str) -> Iterator[Loss]:
    for name in ("first_seen", "last_seen"):
        value = record.get(name)
        if value and str(value)[:19].replace(" ", "T") not in text:
            yield Loss(id=record["uuid"], what=name, why="the converter left the time out")


def _fields(record: Event, names: tuple[str, ...], text: str) -> Iterator[Loss]:
    for name in names:
        value = record.get(name)
        if value and not (name == "extends_uuid" and str(value) in text):
            yield Loss(id=record["uuid"], what=name, why="STIX has no counterpart and the converter keeps none")


def _is_in(value: object, text: str) -> bool:
    """Whether a value stands in the JSON text, as it is or as JSON or a pattern escapes it."""
    plain = str(value).strip()
    in_json = json.dumps(plain, ensure_ascii=False)[1:-1]
    return plain in text or in_json in text or in_json.replace("\\\\", "\\" * 4) in text

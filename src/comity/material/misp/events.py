"""MISP JSON made ready for conversion: strict, alike in form, nothing left for chance or the clock to fill in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from comity.canon import InputError, dumps, loads
from comity.canon import digest as digest_of_bytes
from comity.material.limits import LIMITS, Limits
from comity.material.losses import Loss
from comity.material.minting import mint
from comity.material.tables.values import pattern_of

Event = dict[str, Any]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_LISTS = ("Attribute", "Object", "Galaxy", "Tag", "EventReport", "ShadowAttribute", "Sighting", "ObjectReference")
# Other events' titles, and the account that made this one: neither is this event's content.
_NOT_CONTENT = ("RelatedEvent", "event_creator_email", "CryptographicKey", "User")


class MispUnreadable(InputError):
    what = "this is not a MISP event that can be read"
    why = "{reason}"
    do = "export it from MISP as JSON: one event, a list of events, or a restSearch response"


def read_events(data: bytes, *, limits: Limits = LIMITS, at: str | None = None) -> list[Event]:
    """Each event of a document, as {"Event": {}}, {"response": [...]}, a list of these, or an event by itself.

    Raises: StrictJsonError, MispUnreadable.
    """
    events = list(_events(loads(data, limits=limits.document, at=at), at))
    if not events:
        raise MispUnreadable(at=at, reason="it holds no event")
    size = sum(len(event[name]) for event in events for name in ("Attribute", "Object"))
    if size > limits.max_objects:
        raise MispUnreadable(at=at, reason=f"it holds {size} attributes and objects, more than {limits.max_objects}")
    return events


def _events(value: Any, at: str | None) -> Iterator[Event]:
    if isinstance(value, list):
        for item in value:
            yield from _events(item, at)
    elif isinstance(value, dict) and "response" in value:
        yield from _events(value["response"], at)
    elif isinstance(value, dict) and "Event" in value:
        yield from _events(value["Event"], at)
    elif isinstance(value, dict) and isinstance(value.get("info"), str):
        yield _alike(value, at)
    else:
        raise MispUnreadable(at=at, reason="a part of it is no event: it has no title (info)")


def _alike(event: Event, at: str | None) -> Event:
    """Every list is a list of objects, so that what follows need not ask."""
    for name in _NOT_CONTENT:
        event.pop(name, None)
    _check_lists(event, at)
    for record in (*event["Attribute"], *event["Object"]):
        _check_lists(record, at)
        for attribute in record["Attribute"]:
            _check_lists(attribute, at)
    return event


def _check_lists(record: Event, at: str | None) -> None:
    for name in _LISTS:
        items = record.get(name)
        if items is None:
            record[name] = []
        elif not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise MispUnreadable(at=at, reason=f"a {name} is not a list of objects")


def complete(event: Event, now: dt.datetime) -> list[Loss]:
    """Fill in missing uuids and times, and take out what is deleted or must not be decoded; returns what went.

    pymisp would fill gaps with random uuids and the current time, and would unzip malware samples (attack A27).
    """
    if not _is_uuid(event.get("uuid")):
        event["uuid"] = mint(digest_of_bytes(dumps(event)))
    event["uuid"] = event["uuid"].lower()
    if not _is_time(event.get("timestamp")):
        event["timestamp"] = str(int(_day(event.get("date"), now).timestamp()))
    losses: list[Loss] = []
    event["Attribute"] = _living(event["Attribute"], losses)
    event["Object"] = _living(event["Object"], losses)
    for record in event["Object"]:
        record["Attribute"] = _living(record["Attribute"], losses)
    for place, record in _records(event, ""):
        if not _is_uuid(record.get("uuid")):
            record["uuid"] = mint(event["uuid"], place)
        if not place.startswith("/Galaxy") and "/Galaxy/" not in place and not _is_time(record.get("timestamp")):
            record["timestamp"] = event["timestamp"]
        if record.pop("data", None):
            losses.append(Loss(id=record["uuid"], what="attachment", why="attached files are not decoded or passed on"))
    for attribute in event["Attribute"]:
        losses.extend(_retyped(attribute))
    return losses


def _retyped(attribute: Event) -> Iterator[Loss]:
    """A domain or address that is typed as a URL: STIX takes no URL without a scheme, and the C2 would be lost."""
    value = str(attribute.get("value", ""))
    if attribute.get("type") not in {"url", "uri"} or "/" in value:
        return
    pattern = pattern_of(value) or ""
    for prefix, found in (("[domain-name:", "domain"), ("[ipv4-addr:", "ip-dst"), ("[ipv6-addr:", "ip-dst")):
        if pattern.startswith(prefix):
            attribute["type"] = found
            yield Loss(id=str(attribute.get("uuid")), what="type", why=f"it is typed as a URL and is read as {found}")


def galaxy_clusters(record: Event) -> Iterator[Event]:
    """The clusters of an event's or attribute's galaxies."""
    for galaxy in record["Galaxy"]:
        yield from (cluster for cluster in galaxy.get("GalaxyCluster") or () if isinstance(cluster, dict))


def _living(records: list[Event], losses: list[Loss]) -> list[Event]:
    gone = [record for record in records if record.get("deleted") in (True, 1, "1")]
    losses.extend(
        Loss(id=str(record.get("uuid")), what="deleted", why="it is marked as deleted in MISP") for record in gone
    )
    return [record for record in records if record.get("deleted") not in (True, 1, "1")]


def _records(record: Event, place: str) -> Iterator[tuple[str, Event]]:
    """Everything in an event that has, or should have, a uuid of its own."""
    for name in ("Attribute", "Object", "EventReport", "Sighting", "ObjectReference", "ShadowAttribute"):
        for index, item in enumerate(record.get(name) or ()):
            if isinstance(item, dict):
                yield f"{place}/{name}/{index}", item
                yield from _records(item, f"{place}/{name}/{index}")
    for index, galaxy in enumerate(record.get("Galaxy") or ()):
        for number, cluster in enumerate(galaxy.get("GalaxyCluster") or ()):
            if isinstance(cluster, dict):
                yield f"{place}/Galaxy/{index}/{number}", cluster


def _is_uuid(value: object) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _is_time(value: object) -> bool:
    return isinstance(value, int) or (
        isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12
    )


def _day(value: object, now: dt.datetime) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(str(value)).replace(tzinfo=dt.UTC)
    except ValueError:
        return now

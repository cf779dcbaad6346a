"""What binds a MISP event: TLP, PAP, IEP, retention. In MISP a tag of the event holds for all in it; so it does here.

The converter puts an event's tags on the report alone, and unknown spellings among the labels, where an observable
has none. So the tags are read again here, and every object gets the marking definitions it is bound by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from comity.canon import InputError, Tlp, printable
from comity.material.identifiers import type_of
from comity.material.kinds import kind
from comity.material.markings import TLP2_IDS, TLP_DEFINITIONS, level_of
from comity.material.minting import mint
from comity.material.misp.events import Event
from comity.material.references import references

# Tags that say what may be done with content, or until when: kept as statement markings, word for word.
_STATED = ("pap:", "iep:", "iep2-policy:", "iep2-reference:", "retention:", "gdpr:")
# Classifications by states and alliances: nothing here can keep their promises.
_CLASSIFIED = ("nato:", "fr-classif:", "de-vs:", "dni-ism:", "us-classification:")
_BY_LEVEL = {level: marking_id for marking_id, level in TLP2_IDS.items()}


class MarkingLost(InputError):
    """Promise 10: a conversion that would drop a marking, an expiry or a legal field is refused."""

    what = "the event {event} bears {tag}, which has no counterpart in STIX"
    why = "converting it would lose the marking"
    do = "have the event marked with TLP (and PAP), or leave it at home"


class Bindings:
    """The marking definitions each object of one event is bound by, by the MISP uuid that its id ends with."""

    def __init__(self, event: Event) -> None:
        self._event = event["uuid"]
        self.definitions: dict[str, dict[str, Any]] = {}
        everywhere = self._of(event)
        if not _has_tlp(event) and _stays_home(event):
            everywhere.add(self._define_tlp(Tlp.AMBER_STRICT))
        self._everywhere = everywhere
        self._by_uuid: dict[str, set[str]] = {}
        for attribute in event["Attribute"]:
            self._by_uuid.setdefault(attribute["uuid"], set()).update(self._of_record(attribute))
        for record in event["Object"]:
            bound = self._of_record(record)
            for attribute in record["Attribute"]:
                own = self._of_record(attribute)
                self._by_uuid.setdefault(attribute["uuid"], set()).update(own)
                bound |= own
            self._by_uuid.setdefault(record["uuid"], set()).update(bound)

    def on(self, object_id: str) -> set[str]:
        """Ids of the marking definitions that bind the object of this STIX id."""
        return self._everywhere | self._by_uuid.get(object_id.partition("--")[2], set())

    def _of_record(self, record: Event) -> set[str]:
        found = self._of(record)
        if _stays_home(record):
            found.add(self._define_tlp(Tlp.AMBER_STRICT))
        return found

    def _of(self, record: Event) -> set[str]:
        return {marking for name in _tags(record) for marking in self._of_tag(name)}

    def _of_tag(self, name: str) -> Iterator[str]:
        low = name.lower()
        if low.startswith(("tlp:", "tlp=")):
            level = level_of(low[4:])
            if level is Tlp.UNKNOWN:
                raise MarkingLost(event=self._event, tag=printable(name))
            yield self._define_tlp(level)
        elif low.startswith(_CLASSIFIED):
            raise MarkingLost(event=self._event, tag=printable(name))
        elif low.startswith(_STATED):
            yield self._define_statement(name)

    def _define_tlp(self, level: Tlp) -> str:
        marking_id = _BY_LEVEL[level]
        self.definitions[marking_id] = dict(TLP_DEFINITIONS[marking_id])
        return marking_id

    def _define_statement(self, name: str) -> str:
        marking_id = f"marking-definition--{mint('statement', name)}"
        self.definitions[marking_id] = {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": marking_id,
            "created": "2026-01-01T00:00:00.000Z",
            "definition_type": "statement",
            "definition": {"statement": name},
        }
        return marking_id


def bind(made: list[dict[str, Any]], bindings: Bindings) -> None:
    """Put on every object the definitions it is bound by, where the converter gave it a uuid of its own too.

    What was observed is bound like the observation, an observable like the one that names it, and whatever ties
    others (a relationship, a sighting, a note) like the strictest of what it ties (attack A18).
    """
    bound = {
        content["id"]: bindings.on(content["id"]) | set(content.get("object_marking_refs", ()))
        for content in made
        if content["type"] != "marking-definition"
    }
    named = {content["id"]: {target for _, target in references(content)} & bound.keys() for content in made}
    for content in (*made, *made):  # twice, for an observation that names traffic that names an address
        if content["type"] == "observed-data" or kind(content["type"]) == "sco":
            for target in named[content["id"]]:
                if kind(type_of(target)) == "sco":
                    bound[target] |= bound[content["id"]]
    for content in made:
        if content["type"] in {"relationship", "sighting", "note", "opinion"}:
            bound[content["id"]].update(*(bound[target] for target in named[content["id"]]))
        if bound.get(content["id"]):
            content["object_marking_refs"] = sorted(bound[content["id"]])


def _tags(record: Event) -> Iterator[str]:
    for tag in record["Tag"]:
        if isinstance(tag.get("name"), str):
            yield tag["name"].strip()


def _has_tlp(event: Event) -> bool:
    return any(name.lower().startswith("tlp:") for name in _tags(event))


def _stays_home(record: Event) -> bool:
    """MISP's distribution 0 (this organisation only) and 4 (a sharing group): what TLP:AMBER+STRICT says to others."""
    return str(record.get("distribution")) in {"0", "4"}

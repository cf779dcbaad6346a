"""Is this object valid STIX 2.1? Structure by the OASIS schemas, the rest by the rules of `rules`.

Raises on what the standard says MUST be; what it says SHOULD be never refuses, because real publishers' data would
stay home for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from comity.canon import InputError, printable
from comity.material.known_properties import known_properties
from comity.material.objects import StixObject
from comity.material.published_schemas import file_of, validator
from comity.material.rules import Breach, object_rules, value_rules
from comity.material.rules.identity import kind_of
from comity.material.rules.names import key_name, something

MOST_BREACHES = 20  # reported of one object; a hostile one could have thousands


class InvalidObject(InputError):
    """One object that is refused; the others of its bundle are not. `breaches` names every rule it breaks."""

    what = "{object_id} is not valid STIX 2.1"
    why = "{reasons}"
    do = "ask the sender to correct the object; the rest of the bundle is not affected"

    @property
    def breaches(self) -> tuple[Breach, ...]:
        return cast("tuple[Breach, ...]", self.fields["breaches"])


def validate(obj: StixObject) -> None:
    """Refuse an object that breaks a MUST of STIX 2.1 or one of our limits.

    Not covered: whether what it refers to exists, who may version it, open vocabularies, and the schema of an
    extension, which is never fetched.
    Raises: InvalidObject.
    """
    found = breaches(obj.content)
    if found:
        reasons = "; ".join(f"{one.place or 'the object'} {one.says} ({_source(one)})" for one in found[:3])
        more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
        raise InvalidObject(at=obj.place, object_id=printable(obj.id), reasons=reasons + more, breaches=found)


def breaches(content: Mapping[str, Any]) -> tuple[Breach, ...]:
    """Every rule an object breaks, each once, at most MOST_BREACHES of them."""
    found: dict[Breach, None] = {}
    stix_type = str(content.get("type"))
    for rule in object_rules(stix_type):
        found.update(dict.fromkeys(rule(content)))
    known = known_properties(stix_type)
    for name, value in content.items():
        standard = name in known
        if name == "objects" and stix_type == "observed-data":
            continue  # embedded observables (deprecated) refer to each other by local keys; the schema judges them
        _judge(name, value, f"/{name}" if standard else "/...", standard, found)
    found.update(dict.fromkeys(_structure(content)))
    return tuple(found)[:MOST_BREACHES]


def _source(one: Breach) -> str:
    return {"ours": "a limit of this node", "schema": "OASIS schema"}.get(
        one.section, f"STIX 2.1 section {one.section}"
    )


def _structure(content: Mapping[str, Any]) -> Iterator[Breach]:
    stix_type = content.get("type")
    if not isinstance(stix_type, str):
        yield Breach(section="3.2", place="/type", says="is no text")
        return
    judge = validator(file_of(stix_type, observable=kind_of(content) == "sco"))
    if judge.is_valid(content):
        return
    known = known_properties(stix_type)
    for error in judge.iter_errors(content):
        # The validator's own message quotes the value, which may be personal data; its keyword does not.
        keyword = next((part for part in reversed(error.schema_path) if isinstance(part, str)), "")
        yield Breach(section="schema", place=_place(error.instance_path, known), says=f"does not meet `{keyword}`")


def _place(path: list[str | int], known: frozenset[str]) -> str:
    """The JSON Pointer as far as its names are the standard's: a partner's own key could be somebody's name."""
    place = ""
    for step in path:
        if isinstance(step, str) and not place and step not in known:
            return "/..."
        if isinstance(step, str) and place and not step.isidentifier():
            return place + "/..."
        place += f"/{step}"
    return place


def _judge(name: str, value: Any, place: str, standard: bool, found: dict[Breach, None]) -> None:
    """Ask the rules for one value, and for all that is in it, and add what they say to `found`."""
    for rule in value_rules(name, standard):
        says = rule(value)
        if says:
            found[Breach(section="2", place=place, says=says)] = None
    if isinstance(value, str):
        return
    says = something(value)
    if says:
        found[Breach(section="2", place=place, says=says)] = None
    elif isinstance(value, Mapping):
        _judge_within(value, place, standard, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                _judge_within(item, f"{place}/{index}", standard, found)
            elif item is None or isinstance(item, list):
                _judge("", item, f"{place}/{index}", standard, found)


def _judge_within(value: Mapping[str, Any], place: str, standard: bool, found: dict[Breach, None]) -> None:
    for name, item in value.items():
        says = key_name(name)
        if says:
            found[Breach(section="2.5", place=place, says=says)] = None
            return
        _judge(name, item, f"{place}/{name}" if standard else place, standard, found)

"""Every place of a MISP event where personal data could stand: attributes, objects, comments, reports, tags.

Types and relations are read as catalogue_misp.toml says; a property of the event that nobody listed is text. Whose an
attribute is, in this order: Targeting data and its type, the `to_ids` flag, the words of its comment, the type's usual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from comity.canon import Category, Role
from comity.privacy.catalogue import Field
from comity.privacy.detectors.packaged import packaged
from comity.privacy.detectors.words import category_of_label
from comity.privacy.roles_text import roles_around

# Machine fields of MISP's own formats (MISP core format, draft-dulaunoy-misp-core-format): ids, times, levels, flags.
_MACHINE = frozenset({
    "uuid", "id", "event_id", "object_id", "org_id", "orgc_id", "timestamp", "publish_timestamp", "date",
    "threat_level_id", "analysis", "distribution", "published", "sharing_group_id", "to_ids", "disable_correlation",
    "deleted", "first_seen",
    "last_seen", "category", "type", "object_relation", "meta-category", "template_uuid", "template_version", "version",
    "locked", "proposal_email_lock", "attribute_count", "extends_uuid", "protected", "colour", "exportable", "local",
    "referenced_uuid", "relationship_type", "event_uuid", "object_uuid", "sighting_timestamp", "date_sighting",
})  # fmt: skip
_NEVER_ATTACKERS = frozenset({Category.PERSON_NAME, Category.DATE_OF_BIRTH, Category.NATIONAL_ID, Category.PASSPORT})


class Placed(NamedTuple):
    """A field and whose it is by its place in the event."""

    field: Field
    role: Role | None


def event_fields(event: Mapping[str, Any]) -> Iterator[Placed]:
    """Every field of a MISP event (or `{"Event": ...}`) that has to be searched."""
    if isinstance(event.get("Event"), Mapping):
        yield from _members(event["Event"], "/Event", "")
    else:
        yield from _members(event, "", "")


def _members(content: Mapping[str, Any], pointer: str, obj: str) -> Iterator[Placed]:
    for name, value in content.items():
        here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name == "Attribute" and isinstance(value, list):
            for place, attribute in _mappings(value, here):
                yield from attribute_fields(attribute, place, content if obj else {}, obj)
        elif name == "Object" and isinstance(value, list):
            for place, item in _mappings(value, here):
                yield from _members(item, place, str(item.get("name", "object")))
        elif name in _MACHINE or (obj and name in {"name", "description"}):
            continue
        elif isinstance(value, str) and value:
            reader = "title" if name in {"name", "Tag"} or "/Tag/" in here or "/Galaxy" in here else "text"
            analyst = name in {"event_creator_email", "email", "authors"}
            yield Placed(Field(here, value, reader, None, ""), Role.ANALYST if analyst else None)
        elif isinstance(value, Mapping):
            yield from _members(value, here, "")
        elif isinstance(value, list):
            for place, item in _mappings(value, here):
                yield from _members(item, place, "")
            strings = ((index, item) for index, item in enumerate(value) if isinstance(item, str) and item)
            reader = "title" if "/Galaxy" in here else "text"  # a galaxy is published: its authors are credited
            yield from (Placed(Field(f"{here}/{index}", item, reader, None, name), None) for index, item in strings)


def _mappings(items: list[Any], here: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((f"{here}/{index}", item) for index, item in enumerate(items) if isinstance(item, Mapping))


def attribute_fields(attribute: Mapping[str, Any], here: str, parent: Mapping[str, Any], obj: str) -> Iterator[Placed]:
    value = attribute.get("value")
    comment = attribute.get("comment")
    if isinstance(value, str) and value:
        kind = str(attribute.get("type", ""))
        relation = str(attribute.get("object_relation") or "")
        reader, category, usual = _how(kind, relation, obj)
        if reader != "none":
            label = relation or ""
            yield Placed(
                Field(f"{here}/value", value, reader, category, label), _whose(attribute, category, usual, parent)
            )
    if isinstance(comment, str) and comment:
        yield Placed(Field(f"{here}/comment", comment, "text", None, ""), None)
    for name, item in attribute.items():
        if name not in {"value", "comment", "data"} and name not in _MACHINE and isinstance(item, (Mapping, list)):
            yield from _members({name: item}, here, "")
    if attribute.get("data"):
        yield Placed(Field(f"{here}/data", str(attribute["data"]), "unreadable", None, ""), None)


def _how(kind: str, relation: str, obj: str) -> tuple[str, Category | None, Role | None]:
    tables = packaged("catalogue_misp.toml")
    word = tables["relation"].get(f"{obj}.{relation}") or tables["type"].get(kind)
    if word is None and relation and kind == "text":
        # The relation is a label: what stands under it must also look like what the label says.
        return ("value" if category_of_label(relation) is not None else "text"), None, None
    if word is None:
        word = "text"
        if "|" in kind:
            _, _, usual = _how(kind.split("|", 1)[0], "", "")
            return "text", None, usual
    how, _, role = word.partition(" ")
    reader, _, category = how.partition(":")
    return reader, Category(category) if category else None, Role(role) if role else None


def _whose(
    attribute: Mapping[str, Any], category: Category | None, usual: Role | None, parent: Mapping[str, Any]
) -> Role | None:
    if attribute.get("category") == "Targeting data":
        return Role.VICTIM
    if usual is not None and attribute.get("object_relation"):
        return usual  # the template of the object says it: the sender's side, the destination
    said = " ".join(str(part) for part in (attribute.get("comment"), parent.get("comment"), *_beside(parent)) if part)
    around = _said(said, category)
    if attribute.get("to_ids") in (True, "1") and category not in _NEVER_ATTACKERS:
        return Role.ATTACKER if around != Role.VICTIM else None
    return around or usual


def _beside(parent: Mapping[str, Any]) -> Iterator[str]:
    """The free texts of the same object: `text`, `description`, `origin` say whose the rest is."""
    for attribute in parent.get("Attribute") or ():
        if isinstance(attribute, Mapping) and attribute.get("object_relation") in {
            "text",
            "description",
            "comment",
            "purpose",
            "report-code",
        }:
            yield str(attribute.get("value", ""))


def _said(said: str, category: Category | None) -> Role | None:
    if not said:
        return None
    return next(iter(roles_around(said, len(said), len(said), category or Category.IPV4_ADDRESS)), None)

"""Which properties the standard knows, at every level, so that everything else can be judged by name.

A partner's own property is where personal data hides: `x_analyst`, an extension, a stray key of an external
reference. Nothing here refuses them; the crossing drops what no agreement lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from comity.material.kinds import kind
from comity.material.published_schemas import Schema, file_of, published
from comity.material.references import pointer_step

# What sections 3.2 and 7 take away from, or add to, the properties that a schema file names.
_NOT_CARRIED = {
    "extension-definition": frozenset({"confidence", "lang", "extensions"}),
    "language-content": frozenset({"lang"}),
}
_ONE_OF = {
    "artifact": frozenset({"payload_bin", "url", "hashes"}),
    "email-message": frozenset({"is_multipart"}),
    "extension-definition": frozenset({"created_by_ref"}),  # section 7.3; the schema leaves it to the common ones
    "file": frozenset({"hashes", "name"}),
    "location": frozenset({"region", "country", "latitude", "longitude"}),
    "malware": frozenset({"name"}),
    "malware-analysis": frozenset({"result", "analysis_sco_refs"}),
    "marking-definition": frozenset({"definition", "definition_type", "created", "spec_version", "id", "type"}),
    "network-traffic": frozenset({"src_ref", "dst_ref"}),
    "observed-data": frozenset({"objects", "object_refs"}),
    "user-account": frozenset({"user_id", "account_login"}),
    "windows-registry-key": frozenset({"key", "values"}),
    "x509-certificate": frozenset({"hashes", "serial_number", "subject"}),
}
_NAMED_HASHES = frozenset({"MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512", "SSDEEP", "TLSH"})
_EVERY_NAME = ("^.*$", "^[a-zA-Z0-9_-]{0,250}$")


@dataclass(slots=True)
class Shape:
    """The names one JSON object may hold, and the shape of each value; `free` when its keys are data (a dictionary)."""

    names: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None  # of the members of a list
    free: bool = False

    def take(self, other: Shape) -> None:
        """Add what another alternative of the same schema allows."""
        for name, shape in other.names.items():
            self.names.setdefault(name, Shape()).take(shape)
        if other.items is not None:
            self.items = self.items or Shape()
            self.items.take(other.items)
        self.free = self.free or other.free


def known_properties(stix_type: str) -> frozenset[str]:
    """The top-level properties the standard defines for a type; for one it does not know, those common to SDOs."""
    return frozenset(_shape_of(stix_type).names)


def required_properties(stix_type: str) -> frozenset[str]:
    """The properties without which an object of this type is not valid.

    Where the standard asks for one of several (a place by region, country or coordinates), all of them count.
    """
    return _required(published()[file_of(stix_type)]) | _ONE_OF.get(stix_type, frozenset())


def _required(schema: Schema) -> frozenset[str]:
    found = frozenset(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        if "$ref" in part and not part["$ref"].endswith("properties.json"):
            found |= _required(published()["/".join(part["$ref"].split("/")[-2:])])
        else:
            found |= _required(part)
    return found


def unknown_properties(content: Mapping[str, Any]) -> tuple[str, ...]:
    """JSON Pointers of everything in an object that STIX 2.1 does not define, outermost only, in document order.

    Custom properties at any depth (external references, kill chain phases, the standard's own extensions), every
    extension that is known by an extension definition's id, hashes of an unnamed kind, and definitions of markings
    other than statement and TLP. Keys of the standard's dictionaries (environment variables, header fields) are data,
    not names, and are not given here. Of a type the standard does not know, all but the common properties is unknown.
    """
    return tuple(_unknown(content, _shape_of(str(content.get("type"))), ""))


def _unknown(value: Any, shape: Shape, place: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            known = shape.names.get(name)
            if known is not None:
                if isinstance(item, (Mapping, list)):
                    yield from _unknown(item, known, f"{place}/{name}")
            elif not shape.free:
                yield f"{place}/{pointer_step(name)}"
            elif place == "/objects" and isinstance(item, Mapping):
                # The embedded observables of observed-data's deprecated `objects`, each of its own type.
                yield from _unknown(item, _shape_of(str(item.get("type"))), f"{place}/{pointer_step(name)}")
    elif isinstance(value, list) and shape.items is not None:
        for index, item in enumerate(value):
            if isinstance(item, (Mapping, list)):
                yield from _unknown(item, shape.items, f"{place}/{index}")
    elif isinstance(value, list) and any(isinstance(item, (Mapping, list)) for item in value):
        yield place or "/"


@cache
def _shape_of(stix_type: str) -> Shape:
    name = file_of(stix_type)
    shape = _shape(published()[name], published()[name], frozenset())
    for gone in _NOT_CARRIED.get(stix_type, ()):
        shape.names.pop(gone, None)
    if "extensions" in shape.names:
        shape.names["extensions"].free = False  # its keys are names: of the standard's own extensions, or of others
        if kind(stix_type) == "custom":
            shape.names["extensions"].names.clear()
    if stix_type == "marking-definition":
        shape.names["definition"] = Shape(names={"statement": Shape(), "tlp": Shape()})
    if stix_type == "language-content":
        shape.names["contents"] = Shape(free=True)
    return shape


def _shape(schema: Schema, document: Schema, seen: frozenset[int]) -> Shape:
    shape = Shape()
    if id(schema) in seen:
        return shape
    seen = seen | {id(schema)}
    for target, home in _parts(schema, document):
        shape.take(_shape(target, home, seen))
    for name, part in schema.get("properties", {}).items():
        shape.names.setdefault(name, Shape()).take(_shape(part, document, seen))
    for expression, part in schema.get("patternProperties", {}).items():
        if expression.endswith("-ext$") and "[" not in expression:
            shape.names.setdefault(expression.strip("^$"), Shape()).take(_shape(part, document, seen))
        elif expression in _EVERY_NAME and schema.get("title") != "hashes":
            shape.free = True
    if schema.get("title") == "hashes":
        return Shape(names={name: Shape() for name in _NAMED_HASHES})
    if isinstance(schema.get("items"), dict):
        shape.items = _shape(schema["items"], document, seen)
    return shape


def _parts(schema: Schema, document: Schema) -> Iterator[tuple[Schema, Schema]]:
    """The schemas that apply to the same value: references and alternatives, each with the document it stands in."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference.startswith("#/definitions/"):
            yield document["definitions"][reference.rpartition("/")[2]], document
        else:
            name = "/".join(reference.split("/")[-2:])
            target = published()[name if "/" in name and not name.startswith(".") else f"common/{name}"]
            # Rules for custom names allow every name; what they allow is just what is unknown here.
            if target.get("title") != "properties":
                yield target, target
    for key in ("allOf", "anyOf", "oneOf"):
        yield from ((part, document) for part in schema.get(key, ()))
    for key in ("if", "then", "else"):
        if key in schema:
            yield schema[key], document

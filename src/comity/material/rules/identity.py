"""Who an object says it is: its identifier, and which common properties its kind carries (sections 2.9 and 3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.canon import NotCanonical
from comity.material.identifiers import deterministic_id, is_identifier, type_of
from comity.material.kinds import Kind, kind
from comity.material.rules.breach import Breach, Content, breach

_ALL = ("spec_version", "created", "modified")
# Section 3.2, the table of common properties. A custom type declares itself SDO, SRO or SCO (see `kind_of`).
_REQUIRED: dict[str, tuple[str, ...]] = {
    "sdo": _ALL,
    "sro": _ALL,
    "language-content": _ALL,
    "extension-definition": (*_ALL, "created_by_ref"),
    "marking-definition": ("spec_version", "created"),
    "sco": (),
}
_VERSIONING = (
    "created",
    "modified",
    "created_by_ref",
    "revoked",
    "labels",
    "confidence",
    "lang",
    "external_references",
)
_FORBIDDEN: dict[str, tuple[str, ...]] = {
    "sdo": ("defanged",),
    "sro": ("defanged",),
    "language-content": ("lang", "defanged"),
    "extension-definition": ("confidence", "lang", "defanged", "extensions"),
    "marking-definition": ("modified", "revoked", "labels", "confidence", "lang", "defanged"),
    "sco": _VERSIONING,
}

_DECLARED: dict[str, Kind] = {"new-sco": "sco", "new-sro": "sro", "new-sdo": "sdo"}


def kind_of(content: Content) -> Kind:
    """`sdo`, `sro`, `sco` or `meta`; of a custom type, what its extension declares, else `sdo`."""
    known = kind(str(content.get("type")))
    if known != "custom":
        return known
    extensions = content.get("extensions")
    parts = extensions.values() if isinstance(extensions, Mapping) else ()
    declared = [part.get("extension_type") for part in parts if isinstance(part, Mapping)]
    return next((found for word, found in _DECLARED.items() if word in declared), "sdo")


def identifier(content: Content) -> Iterator[Breach]:
    """Section 2.9: `type--UUID` with the object's own type, RFC 4122's variant; lower case and not nil are ours."""
    object_id, stix_type = content.get("id"), content.get("type")
    if not is_identifier(object_id):
        yield breach("2.9", "/id", "is no identifier (type, two dashes, a lower-case UUID that is not nil)")
    elif type_of(str(object_id)) != stix_type:
        yield breach("2.9", "/id", "does not start with the object's type")


def deterministic(content: Content) -> Iterator[Breach]:
    """Section 2.9, attack A12: a cyber-observable's UUIDv5 is the one its content gives.

    Only UUIDv5 is checked: a producer that does not follow the rule uses UUIDv4 and says nothing by it.
    """
    object_id, stix_type = str(content.get("id")), str(content.get("type"))
    if kind(stix_type) != "sco" or _version(object_id) != "5":
        return
    if stix_type == "process":
        yield breach("6.13", "/id", "is a UUIDv5, and a process has a UUIDv4")
        return
    try:
        expected = deterministic_id(content)
    except NotCanonical:
        expected = None
    if expected is None:
        yield breach("2.9", "/id", "is a UUIDv5, and no property that could give one is present")
    elif object_id != expected:
        yield breach("2.9", "/id", "is a UUIDv5 that the content does not give")


def common_properties(content: Content) -> Iterator[Breach]:
    """Section 3.2: which common properties each kind of object must and must not carry."""
    sort = kind_of(content)
    row = str(content.get("type")) if sort == "meta" else sort
    for name in _REQUIRED[row]:
        if name not in content:
            yield breach("3.2", "", f"has no {name}")
    for name in _FORBIDDEN[row]:
        if name in content:
            yield breach("3.2", f"/{name}", "is not a property of this kind of object")
    if "spec_version" in content and content["spec_version"] != "2.1":
        yield breach("3.2", "/spec_version", "is not 2.1")


def _version(object_id: str) -> str:
    """The version digit of the UUID."""
    return object_id[-22:-21]

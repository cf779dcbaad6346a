"""What single types of objects demand beyond their schema (STIX 2.1 chapters 4, 5 and 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from comity.material.identifiers import type_of
from comity.material.kinds import kind
from comity.material.patterns import InvalidPattern, read
from comity.material.rules.breach import Breach, Content, breach
from comity.material.rules.names import language

_NO_END = frozenset({"relationship", "sighting", "bundle", "marking-definition", "language-content"})
_REFERENCES_TO: dict[tuple[str, str], frozenset[str]] = {
    ("*", "created_by_ref"): frozenset({"identity"}),
    ("malware", "operating_system_refs"): frozenset({"software"}),
    ("malware", "sample_refs"): frozenset({"artifact", "file"}),
    ("malware-analysis", "host_vm_ref"): frozenset({"software"}),
    ("malware-analysis", "operating_system_ref"): frozenset({"software"}),
    ("malware-analysis", "installed_software_refs"): frozenset({"software"}),
    ("malware-analysis", "sample_ref"): frozenset({"file", "artifact", "network-traffic"}),
    ("sighting", "observed_data_refs"): frozenset({"observed-data"}),
    ("sighting", "where_sighted_refs"): frozenset({"identity", "location"}),
    ("directory", "contains_refs"): frozenset({"file", "directory"}),
    ("domain-name", "resolves_to_refs"): frozenset({"ipv4-addr", "ipv6-addr", "domain-name"}),
    ("email-addr", "belongs_to_ref"): frozenset({"user-account"}),
    ("email-message", "from_ref"): frozenset({"email-addr"}),
    ("email-message", "sender_ref"): frozenset({"email-addr"}),
    ("email-message", "to_refs"): frozenset({"email-addr"}),
    ("email-message", "cc_refs"): frozenset({"email-addr"}),
    ("email-message", "bcc_refs"): frozenset({"email-addr"}),
    ("email-message", "raw_email_ref"): frozenset({"artifact"}),
    ("file", "parent_directory_ref"): frozenset({"directory"}),
    ("file", "content_ref"): frozenset({"artifact"}),
    ("ipv4-addr", "resolves_to_refs"): frozenset({"mac-addr"}),
    ("ipv4-addr", "belongs_to_refs"): frozenset({"autonomous-system"}),
    ("ipv6-addr", "resolves_to_refs"): frozenset({"mac-addr"}),
    ("ipv6-addr", "belongs_to_refs"): frozenset({"autonomous-system"}),
    ("network-traffic", "src_ref"): frozenset({"ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"}),
    ("network-traffic", "dst_ref"): frozenset({"ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"}),
    ("network-traffic", "src_payload_ref"): frozenset({"artifact"}),
    ("network-traffic", "dst_payload_ref"): frozenset({"artifact"}),
    ("network-traffic", "encapsulates_refs"): frozenset({"network-traffic"}),
    ("network-traffic", "encapsulated_by_ref"): frozenset({"network-traffic"}),
    ("process", "opened_connection_refs"): frozenset({"network-traffic"}),
    ("process", "creator_user_ref"): frozenset({"user-account"}),
    ("process", "image_ref"): frozenset({"file"}),
    ("process", "parent_ref"): frozenset({"process"}),
    ("process", "child_refs"): frozenset({"process"}),
    ("windows-registry-key", "creator_user_ref"): frozenset({"user-account"}),
}


def reference_targets(content: Content) -> Iterator[Breach]:
    """Each type's table of properties: an embedded reference names an object of the types it may name."""
    for name, allowed in _references_of(str(content.get("type"))):
        value = content.get(name)
        targets = value if isinstance(value, list) else [value]
        if any(isinstance(target, str) and "--" in target and not _may_name(target, allowed) for target in targets):
            yield breach("3.7", f"/{name}", f"names an object that is not {' or '.join(sorted(allowed))}")


@lru_cache(maxsize=512)
def _references_of(stix_type: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, allowed) for (owner, name), allowed in _REFERENCES_TO.items() if owner in {"*", stix_type})


def _may_name(target: str, allowed: frozenset[str]) -> bool:
    return type_of(target) in allowed


def relationship_ends(content: Content) -> Iterator[Breach]:
    """Sections 5.1 and 5.2: what a relationship ties, and what is sighted, is no relationship, bundle or marking."""
    for name in ("source_ref", "target_ref", "sighting_of_ref"):
        if name in content and type_of(str(content[name])) in _NO_END:
            yield breach("5", f"/{name}", "names an object that cannot be an end")


def sighted(content: Content) -> Iterator[Breach]:
    """Section 5.2: only domain objects are sighted; a sighted cyber-observable is observed data."""
    if kind(type_of(str(content.get("sighting_of_ref")))) in {"sco", "sro"}:
        yield breach("5.2", "/sighting_of_ref", "names an object that is no domain object")


def stix_pattern(content: Content) -> Iterator[Breach]:
    """Section 4.7 and chapter 9: a STIX pattern can be read, and names types and properties of 3 characters or more."""
    if content.get("pattern_type") != "stix":
        return
    try:
        pattern = read(content.get("pattern", ""))
    except InvalidPattern as error:
        yield breach("9", "/pattern", f"cannot be read: {error.fields['reason']}")
        return
    for comparison in pattern.comparisons:
        first = comparison.path[0]
        if len(comparison.object_type) < 3 or (isinstance(first, str) and len(first) < 3 and first != "id"):
            yield breach("3.1", "/pattern", "names a type or property of fewer than 3 characters")
            return


def observed_objects(content: Content) -> Iterator[Breach]:
    """Section 4.14: object_refs names cyber-observables or relationships, at least one a cyber-observable."""
    refs = content.get("object_refs")
    if not isinstance(refs, list):
        return
    kinds = {kind(type_of(ref)) for ref in refs if isinstance(ref, str)}
    if "sdo" in kinds or "meta" in kinds:
        yield breach("4.14", "/object_refs", "names an object that is no cyber-observable and no relationship")


def sample_of_one_binary(content: Content) -> Iterator[Breach]:
    """Section 4.11: a malware family has a name."""
    if content.get("is_family") is True and not content.get("name"):
        yield breach("4.11", "", "is a family without a name")


def place_on_earth(content: Content) -> Iterator[Breach]:
    """Section 4.10: latitude and longitude within their ranges (both or neither is the schema's)."""
    for name, most in (("latitude", 90), ("longitude", 180)):
        value = content.get(name)
        if isinstance(value, (int, float)) and not -most <= value <= most:
            yield breach("4.10", f"/{name}", f"is beyond {most} degrees")


def translations(content: Content) -> Iterator[Breach]:
    """Section 7.1: contents has a language tag for each translation, and each mirrors properties by their names."""
    contents = content.get("contents")
    if not isinstance(contents, Mapping):
        return
    for tag, mirror in contents.items():
        if language(tag):
            yield breach("7.1", "/contents", "has a key that is no RFC 5646 language tag")
        if not isinstance(mirror, Mapping) or any(len(name) < 3 and name != "id" for name in mirror):
            yield breach("7.1", "/contents", "holds something that does not mirror properties by their names")


def extension_properties(content: Content) -> Iterator[Breach]:
    """Section 7.3: property names that an extension definition announces follow the rule of names."""
    listed = content.get("extension_properties")
    if isinstance(listed, list):
        for name, after in pairwise([*sorted(str(item) for item in listed), ""]):
            if name == after:
                yield breach("7.3", "/extension_properties", "lists a name twice")

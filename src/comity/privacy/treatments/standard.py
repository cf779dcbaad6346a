"""What STIX 2.1 requires of an object, as far as removing a property can break it, and how each place is treated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

Step = str | int
Steps = tuple[Step, ...]


class Sort(Enum):
    """The sort of a place: what may stand in it after treatment."""

    TEXT = auto()  # any text: a marker in brackets
    MACHINE = auto()  # a path, a command line, a key: a marker without blanks
    STRUCTURE = auto()  # ids, references, versions: not treated
    OPAQUE = auto()  # numbers, hashes, binary, enumerations: removed or nothing
    PATTERN = auto()  # STIX patterning
    RULE = auto()  # YARA, Sigma, Snort ...
    TIME = auto()
    IPV4 = auto()
    IPV6 = auto()
    MAC = auto()
    DOMAIN = auto()
    EMAIL = auto()
    URL = auto()


_PLACES: dict[tuple[str, str], Sort] = {
    ("ipv4-addr", "value"): Sort.IPV4,
    ("ipv6-addr", "value"): Sort.IPV6,
    ("mac-addr", "value"): Sort.MAC,
    ("domain-name", "value"): Sort.DOMAIN,
    ("email-addr", "value"): Sort.EMAIL,
    ("url", "value"): Sort.URL,
    ("artifact", "url"): Sort.URL,
    ("malware-analysis", "result"): Sort.OPAQUE,
    ("opinion", "opinion"): Sort.OPAQUE,
    ("language-content", "object_modified"): Sort.STRUCTURE,
}
_MACHINE_TYPES = frozenset(
    {"file", "directory", "process", "windows-registry-key", "mutex", "software", "user-account"}
)
_STRUCTURE = frozenset({
    "type", "id", "spec_version", "created", "modified", "extension_type", "pattern_type", "pattern_version",
    "relationship_type", "definition_type", "granular_markings", "revoked", "is_family", "is_multipart",
})  # fmt: skip
_OPAQUE = frozenset({
    "lang", "mime_type", "content_encoding", "content_type", "content_disposition", "encryption_algorithm", "protocols",
    "hashes", "data_type", "account_type", "identity_class",
})  # fmt: skip
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")

# Top-level properties without which the object is not STIX, beside those of structure (each type's table).
_REQUIRED: dict[str, frozenset[str]] = {
    "attack-pattern": frozenset({"name"}),
    "campaign": frozenset({"name"}),
    "course-of-action": frozenset({"name"}),
    "grouping": frozenset({"context"}),
    "identity": frozenset({"name"}),
    "incident": frozenset({"name"}),
    "indicator": frozenset({"pattern", "valid_from"}),
    "infrastructure": frozenset({"name"}),
    "intrusion-set": frozenset({"name"}),
    "malware": frozenset({"name"}),  # only of a family; a sample without a name says little either
    "malware-analysis": frozenset({"product"}),
    "note": frozenset({"content"}),
    "observed-data": frozenset({"first_observed", "last_observed", "number_observed"}),
    "opinion": frozenset({"opinion"}),
    "report": frozenset({"name", "published"}),
    "threat-actor": frozenset({"name"}),
    "tool": frozenset({"name"}),
    "vulnerability": frozenset({"name"}),
    "marking-definition": frozenset({"definition"}),
    "extension-definition": frozenset({"name", "schema", "version"}),
    "language-content": frozenset({"contents"}),
    "autonomous-system": frozenset({"number"}),
    "directory": frozenset({"path"}),
    "mutex": frozenset({"name"}),
    "network-traffic": frozenset({"protocols"}),
    "software": frozenset({"name"}),
    **{
        kind: frozenset({"value"})
        for kind in ("domain-name", "email-addr", "ipv4-addr", "ipv6-addr", "mac-addr", "url")
    },
}
# Types of which at least one of these has to be there. "*": any property that is not common to all observables.
_ONE_OF: dict[str, tuple[str, ...]] = {
    "artifact": ("payload_bin", "url"),
    "file": ("hashes", "name"),
    "location": ("region", "country", "latitude"),
    "malware-analysis": ("result", "analysis_sco_refs"),
    "process": ("*",),
    "user-account": ("*",),
    "windows-registry-key": ("*",),
    "x509-certificate": ("*",),
}
_COMMON = frozenset(
    {"type", "id", "spec_version", "object_marking_refs", "granular_markings", "defanged", "extensions"}
)
_OPTIONAL_NESTED = frozenset({"description", "url", "external_id"})  # of an external reference (section 2.5)
_POSITION = frozenset({"latitude", "longitude", "precision"})
# Properties that must not run backwards, and whether they may be equal.
_PAIRS = (
    ("first_seen", "last_seen", True),
    ("first_observed", "last_observed", True),
    ("start", "end", True),
    ("valid_from", "valid_until", False),
    ("start_time", "stop_time", False),
)


def owner(content: Mapping[str, Any], steps: Steps) -> tuple[str, Steps]:
    """The type of the object that a place belongs to, and the place within it.

    They differ for the observables embedded in an old observed-data (section 4.14, `objects`, deprecated).
    """
    if len(steps) > 2 and steps[0] == "objects" and content.get("type") == "observed-data":
        embedded = content["objects"].get(steps[1])
        if isinstance(embedded, Mapping):
            return str(embedded.get("type", "")), steps[2:]
    return str(content.get("type", "")), steps


def sort_of(content: Mapping[str, Any], steps: Steps, value: Any) -> Sort:
    """How the value at this place is treated. What is not known here is text."""
    kind, within = owner(content, steps)
    names = [step for step in within if isinstance(step, str)]
    last = names[-1]
    if names[0] in _STRUCTURE or last in _STRUCTURE or last.endswith(("_ref", "_refs")):
        return Sort.STRUCTURE
    known = _PLACES.get((kind, ".".join(names)))
    if known is not None:
        return known
    if kind == "indicator" and names == ["pattern"]:
        return Sort.PATTERN if content.get("pattern_type") == "stix" else Sort.RULE
    if not isinstance(value, str) or not _OPAQUE.isdisjoint(names) or last.endswith(("_bin", "_hex", "_enc")):
        return Sort.OPAQUE
    if _TIME.fullmatch(value):
        return Sort.TIME
    if names[0] == "external_references" and last == "url":
        return Sort.URL
    if kind in _MACHINE_TYPES or "request_value" in names or "request_header" in names:
        return Sort.MACHINE
    return Sort.TEXT


def required(content: Mapping[str, Any], steps: Steps) -> bool:
    """Whether the object is not STIX without this property."""
    kind, within = owner(content, steps)
    return len(within) == 1 and within[0] in _REQUIRED.get(kind, frozenset())


def removable_text(content: Mapping[str, Any], steps: Steps) -> bool:
    """Whether a text can go and leave no gap: an optional property, a member of a list, part of a reference."""
    kind, within = owner(content, steps)
    if kind == "language-content":
        return False  # its lists stand beside those of the object it translates
    if len(within) == 1:
        return within[0] not in _REQUIRED.get(kind, frozenset())
    if within[0] == "external_references":
        return len(within) == 3 and within[2] in _OPTIONAL_NESTED
    return len(within) == 2 and isinstance(within[1], int)


def hollow_item(steps: Steps, item: Mapping[str, Any]) -> bool:
    """Whether a member of a list says nothing once a property of it went."""
    return len(steps) == 2 and steps[0] == "external_references" and _OPTIONAL_NESTED.isdisjoint(item)


def goes_with(content: Mapping[str, Any], steps: Steps) -> tuple[Steps, ...]:
    """The places that mean nothing without this one: a position is told in whole or not at all (section 4.10)."""
    if content.get("type") == "location" and len(steps) == 1 and steps[0] in _POSITION:
        return tuple((name,) for name in sorted(_POSITION) if name in content)
    return (steps,)


def hollow(content: Mapping[str, Any]) -> bool:
    """Whether an object has nothing left of what its type requires at least one of."""
    least = _ONE_OF.get(str(content.get("type", "")))
    if least is None:
        return False
    if least == ("*",):
        return _COMMON.issuperset(content)
    return not any(name in content for name in least)


def backwards(content: Mapping[str, Any]) -> tuple[str, str] | None:
    """The pair of times of this object that runs backwards, if one does."""
    for first, last, may_equal in _PAIRS:
        begin, end = content.get(first), content.get(last)
        # Compared without fraction: what was coarsened has none worth comparing, and other pairs were valid before.
        if (
            isinstance(begin, str)
            and isinstance(end, str)
            and (end[:19] < begin[:19] or (end == begin and not may_equal))
        ):
            return first, last
    return None

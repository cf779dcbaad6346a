"""What sort of thing a STIX type is, and which of an agreement's words cover an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from comity.material.objects import StixObject
from comity.material.patterns import InvalidPattern, read

Kind = Literal["sdo", "sro", "sco", "meta", "custom"]

SDO = frozenset({
    "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator", "infrastructure",
    "intrusion-set", "location", "malware", "malware-analysis", "note", "observed-data", "opinion", "report",
    "threat-actor", "tool", "vulnerability",
})  # fmt: skip
SRO = frozenset({"relationship", "sighting"})
SCO = frozenset({
    "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message", "file", "ipv4-addr",
    "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process", "software", "url", "user-account",
    "windows-registry-key", "x509-certificate",
})  # fmt: skip
META = frozenset({"marking-definition", "extension-definition", "language-content"})
STRUCTURAL = META | {"relationship"}

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(SDO, "sdo"),
    **dict.fromkeys(SRO, "sro"),
    **dict.fromkeys(SCO, "sco"),
    **dict.fromkeys(META, "meta"),
}

# The words of an agreement's `what`, by STIX type. A type that is not here has no word, so no clause covers it.
_CLASSES: dict[str, str] = {
    "attack-pattern": "techniques",
    "course-of-action": "techniques",
    "campaign": "campaigns",
    "grouping": "reports",
    "report": "reports",
    "identity": "identities",
    "incident": "incidents",
    "indicator": "indicators",
    "infrastructure": "infrastructure",
    "intrusion-set": "threat-actors",
    "threat-actor": "threat-actors",
    "location": "locations",
    "malware": "malware",
    "malware-analysis": "malware",
    "note": "notes",
    "opinion": "notes",
    "observed-data": "observed-data",
    "sighting": "sightings",
    "tool": "tools",
    "vulnerability": "vulnerabilities",
    **dict.fromkeys(SCO, "observables"),
}
# What a file or artifact may hold beside its hashes and still be nothing but hashes of a sample.
_HASH_ONLY = frozenset({
    "type", "id", "spec_version", "hashes", "size", "object_marking_refs", "granular_markings", "defanged",
})  # fmt: skip


def kind(stix_type: str) -> Kind:
    """`sdo`, `sro`, `sco` or `meta` (STIX 2.1 chapters 4 to 7); `custom` for every type the standard does not know."""
    return _KINDS.get(stix_type, "custom")


def structural(stix_type: str) -> bool:
    """Whether objects of this type have no word of their own and go where what they tie goes."""
    return stix_type in STRUCTURAL


def classes(obj: StixObject) -> frozenset[str]:
    """The agreement's words that cover this object; none for a structural or an unknown type.

    An indicator whose every comparison is of a file's hash is `file-hashes` too, as is a file of which only hashes
    are told; an indicator in another language than STIX patterning (YARA, Sigma, Snort ...) is `detection-rules` too.
    """
    word = _CLASSES.get(obj.type)
    if word is None:
        return frozenset()
    if obj.type == "indicator":
        if obj.content.get("pattern_type") != "stix":
            return frozenset({word, "detection-rules"})
        return frozenset({word, "file-hashes"}) if _only_hashes(obj.content) else frozenset({word})
    if obj.type in {"file", "artifact"} and "hashes" in obj.content and _HASH_ONLY.issuperset(obj.content):
        return frozenset({word, "file-hashes"})
    return frozenset({word})


def _only_hashes(indicator: Mapping[str, Any]) -> bool:
    """Whether a STIX pattern compares nothing but file hashes."""
    try:
        pattern = read(indicator.get("pattern", ""))
    except InvalidPattern:
        return False
    return bool(pattern.comparisons) and all(
        comparison.object_type in {"file", "artifact"} and comparison.path[0] == "hashes" and comparison.constants
        for comparison in pattern.comparisons
    )

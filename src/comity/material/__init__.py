"""material: what is shared. STIX 2.1, MISP, CSV and plain lists in; canonical STIX 2.1 out."""

from comity.material import patterns
from comity.material.bundles import Bundle, ConflictingObjects, NotABundle, OlderStix, read_bundle
from comity.material.identifiers import SCO_NAMESPACE, deterministic_id, is_identifier, type_of
from comity.material.kinds import Kind, classes, kind, structural
from comity.material.limits import LIMITS, Limits
from comity.material.objects import StixObject
from comity.material.pattern_parts import InvalidPattern
from comity.material.references import references
from comity.material.writing import write_bundle

__all__ = [
    "LIMITS",
    "SCO_NAMESPACE",
    "Bundle",
    "ConflictingObjects",
    "InvalidPattern",
    "Kind",
    "Limits",
    "NotABundle",
    "OlderStix",
    "StixObject",
    "classes",
    "deterministic_id",
    "is_identifier",
    "kind",
    "patterns",
    "read_bundle",
    "references",
    "structural",
    "type_of",
    "write_bundle",
]

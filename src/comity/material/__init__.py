"""material: what is shared. STIX 2.1, MISP, CSV and plain lists in; canonical STIX 2.1 out."""

from comity.material import patterns
from comity.material.bundles import Bundle, ConflictingObjects, NotABundle, OlderStix, read_bundle
from comity.material.compressed import CompressedTooFar, decompressed
from comity.material.converted import Converted
from comity.material.identifiers import SCO_NAMESPACE, deterministic_id, is_identifier, type_of
from comity.material.kinds import Kind, classes, kind, structural
from comity.material.known_properties import known_properties, required_properties, unknown_properties
from comity.material.limits import LIMITS, Limits
from comity.material.losses import Loss
from comity.material.markings import (
    TLP1_IDS,
    TLP2_IDS,
    TLP_DEFINITIONS,
    ForgedMarking,
    check_definition,
    effective_marking,
    marking_at,
    object_marking,
    tlp_definition,
    value_markings,
)
from comity.material.misp import MarkingLost, MispUnavailable, MispUnreadable, from_misp
from comity.material.objects import StixObject
from comity.material.pattern_parts import InvalidPattern
from comity.material.reading import Format, Material, UnknownFormat, read_material, sniff
from comity.material.references import references
from comity.material.rules import Breach
from comity.material.tables import NothingReadable, UnreadableTable, csv_cell, from_csv, from_list
from comity.material.validation import InvalidObject, breaches, validate
from comity.material.writing import write_bundle

__all__ = [
    "LIMITS",
    "SCO_NAMESPACE",
    "TLP1_IDS",
    "TLP2_IDS",
    "TLP_DEFINITIONS",
    "Breach",
    "Bundle",
    "CompressedTooFar",
    "ConflictingObjects",
    "Converted",
    "ForgedMarking",
    "Format",
    "InvalidObject",
    "InvalidPattern",
    "Kind",
    "Limits",
    "Loss",
    "MarkingLost",
    "Material",
    "MispUnavailable",
    "MispUnreadable",
    "NotABundle",
    "NothingReadable",
    "OlderStix",
    "StixObject",
    "UnknownFormat",
    "UnreadableTable",
    "breaches",
    "check_definition",
    "classes",
    "csv_cell",
    "decompressed",
    "deterministic_id",
    "effective_marking",
    "from_csv",
    "from_list",
    "from_misp",
    "is_identifier",
    "kind",
    "known_properties",
    "marking_at",
    "object_marking",
    "patterns",
    "read_bundle",
    "read_material",
    "references",
    "required_properties",
    "sniff",
    "structural",
    "tlp_definition",
    "type_of",
    "unknown_properties",
    "validate",
    "value_markings",
    "write_bundle",
]

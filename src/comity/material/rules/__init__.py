"""The rules of STIX 2.1 that JSON schemas cannot say: each a small function, and tables that say where it runs."""

from __future__ import annotations

from functools import lru_cache

from comity.material.rules import domain, identity, marked, names, observables, times
from comity.material.rules.breach import Breach, ObjectRule, ValueRule

__all__ = ["Breach", "object_rules", "value_rules"]

# Asked of each object.
_EVERY: tuple[ObjectRule, ...] = (
    identity.identifier,
    identity.deterministic,
    identity.common_properties,
    names.property_names,
    times.versions_to_the_millisecond,
    times.not_backwards,
    marked.granular,
    marked.references_to_markings,
    domain.reference_targets,
)
# Asked of objects of one type.
_OF_TYPE: dict[str, tuple[ObjectRule, ...]] = {
    "artifact": (observables.artifact_content,),
    "email-message": (observables.message_body,),
    "extension-definition": (domain.extension_properties,),
    "indicator": (domain.stix_pattern,),
    "ipv4-addr": (observables.address,),
    "ipv6-addr": (observables.address,),
    "language-content": (domain.translations,),
    "location": (domain.place_on_earth,),
    "malware": (domain.sample_of_one_binary,),
    "marking-definition": (marked.definition,),
    "network-traffic": (observables.traffic,),
    "observed-data": (domain.observed_objects,),
    "relationship": (domain.relationship_ends,),
    "sighting": (domain.relationship_ends, domain.sighted),
}
# Asked of each value at any depth by the end of its name (section 3.1 reserves these ends for custom properties too).
_BY_ENDING: tuple[tuple[str, ValueRule], ...] = (
    ("_ref", names.reference),
    ("_refs", names.references),
    ("_hex", names.hexadecimal),
    ("_bin", names.binary),
)
# Asked only where the name is the standard's: inside a partner's own property it may mean anything.
_BY_NAME: dict[str, ValueRule] = {
    **dict.fromkeys(times.TIMESTAMPS, times.real_moment),
    "lang": names.language,
    "languages": names.languages,
    "name_enc": names.charset,
    "path_enc": names.charset,
}


def object_rules(stix_type: str) -> tuple[ObjectRule, ...]:
    """The rules for an object of this type."""
    return _EVERY + _OF_TYPE.get(stix_type, ())


@lru_cache(maxsize=4096)
def value_rules(name: str, standard: bool) -> tuple[ValueRule, ...]:
    """The rules for the value of a property; `standard` says that the place is one that STIX itself defines."""
    found = tuple(rule for ending, rule in _BY_ENDING if name.endswith(ending))
    return (*found, _BY_NAME[name]) if standard and name in _BY_NAME else found

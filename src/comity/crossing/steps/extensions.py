"""What neither STIX nor the agreement names does not cross: types are refused, properties are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.canon import Outcome, printable
from comity.crossing.candidate import Candidate
from comity.crossing.finding import CLEAR, Finding, denied
from comity.crossing.reasons import Reason
from comity.material import TLP_DEFINITIONS, StixObject, kind, known_properties, type_of, unknown_properties

# What nearly every type of the standard has: an agreement that lists a type of somebody's own lists it with these.
_OF_EVERY_TYPE = frozenset(("/name", "/description"))


def extensions(candidate: Candidate) -> Finding:
    """INVARIANT: an unknown property is judged, never passed by accident (promise 1)."""
    obj, allowed = candidate.obj, candidate.plan.extensions
    grounds = candidate.plan.section("extensions")
    if obj.id in TLP_DEFINITIONS:
        return CLEAR  # everybody's; it leaves as published, whatever the material says
    if kind(obj.type) == "custom" and not _listed(obj.type, allowed):
        return denied(Reason.UNKNOWN_TYPE, f"the agreement does not list {printable(obj.type)}", grounds=grounds)
    if obj.type == "extension-definition" and not _listed(obj.id, allowed):
        return denied(Reason.UNKNOWN_TYPE, f"the agreement does not list {obj.id}", grounds=grounds)
    unknown = (*unknown_properties(obj.content), *_translated(obj))
    left_out = frozenset(pointer for pointer in unknown if not _listed(_name(pointer), allowed))
    if kind(obj.type) == "custom":
        left_out -= _OF_EVERY_TYPE
    if not left_out:
        return CLEAR
    return Finding(
        outcome=Outcome.PERMIT,
        reasons=(Reason.PROPERTY_UNKNOWN,),
        drop=left_out,
        grounds=grounds,
    )


def _translated(obj: StixObject) -> Iterator[str]:
    """A translation crosses only of what the standard names in the type it translates (STIX 2.1 section 7.1)."""
    contents = obj.content.get("contents") if obj.type == "language-content" else None
    if not isinstance(contents, Mapping):
        return
    known = known_properties(type_of(str(obj.content.get("object_ref"))))
    for language, fields in contents.items():
        for name in fields if isinstance(fields, Mapping) else ():
            if name not in known:
                yield f"/contents/{pointer_step(language)}/{pointer_step(name)}"


def pointer_step(name: str) -> str:
    """One step of a JSON Pointer (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def _name(pointer: str) -> str:
    """The property or extension id that a JSON Pointer ends in."""
    return pointer.rsplit("/", 1)[1].replace("~1", "/").replace("~0", "~")


def _listed(name: str, allowed: frozenset[str]) -> bool:
    return name in allowed or any(entry.endswith("*") and name.startswith(entry[:-1]) for entry in allowed)

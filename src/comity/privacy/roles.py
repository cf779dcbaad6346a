"""Whose data an object or a value is, read from the graph: the first of the two passes over a bundle.

The survey keeps ids, references, keyed tags of values and roles; no value. Rules (DESIGN section 7): what stands in an
indicator's pattern or what malware talks to is the attacker's; what stands behind `targets`, a sighting or a victim
identity is a victim's; a hacked machine that attacks has a role of its own; roles spread one hop along relationships.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from comity.canon import Json, Role
from comity.privacy.normalise import fold

# Strictest first: which role decides when one value has several. A victim stays a victim whoever else uses the value.
STRICTNESS = (
    Role.VICTIM,
    Role.BYSTANDER,
    Role.REPORTER,
    Role.ANALYST,
    Role.UNKNOWN,
    Role.ABUSED_HOST,
    Role.ATTACKER,
    Role.ORGANISATION,
)
_RANK = {role: rank for rank, role in enumerate(STRICTNESS)}


def strictest(roles: Iterable[Role]) -> Role:
    """The role that decides among several: the first of STRICTNESS; UNKNOWN for none."""
    return min(roles, key=_RANK.__getitem__, default=Role.UNKNOWN)


def spelled(value: str) -> str:
    """One spelling of a value, so that the same number or address has the same tag however it was written."""
    return fold(value).text.strip().casefold().translate(_SEPARATORS)


_SEPARATORS = str.maketrans("", "", " \u00a0-()/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What the graph of a bundle says about its objects and values. Plain data in and out; holds no value.

    `tag` makes the keyed tag of a value; tags of another key say nothing here. `contested` are tags that an indicator
    calls the attacker's and another source's claim calls a victim's: both roles stand, and a person decides.
    """

    tag: Callable[[str], str] = field(repr=False, compare=False)
    object_roles: Mapping[str, frozenset[Role]] = field(default_factory=dict, hash=False)
    value_roles: Mapping[str, frozenset[Role]] = field(default_factory=dict, hash=False)
    contested: frozenset[str] = frozenset()
    countries: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)  # object id -> ISO 3166 codes
    not_people: frozenset[str] = frozenset()  # folded names of malware, groups and tools
    types: Mapping[str, str] = field(default_factory=dict, hash=False)  # language-content target id -> its type

    def tag_of(self, value: str) -> str:
        """The tag under which this value's roles are kept, however it is written."""
        return self.tag(spelled(value))

    def roles_of(self, object_id: str) -> frozenset[Role]:
        return self.object_roles.get(object_id, frozenset())

    def roles_of_value(self, tag: str) -> frozenset[Role]:
        return self.value_roles.get(tag, frozenset())

    def to_json(self) -> dict[str, Json]:
        """Plain JSON for the circumstances of a crossing; the same graph gives the same document."""
        return {
            "contested": sorted(self.contested),
            "countries": {k: sorted(v) for k, v in sorted(self.countries.items())},
            "not_people": sorted(self.not_people),
            "object_roles": {k: sorted(v) for k, v in sorted(self.object_roles.items())},
            "types": dict(sorted(self.types.items())),
            "value_roles": {k: sorted(v) for k, v in sorted(self.value_roles.items())},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any], tag: Callable[[str], str]) -> Neighbourhood:
        def roles(table: Mapping[str, list[str]]) -> dict[str, frozenset[Role]]:
            return {key: frozenset(map(Role, words)) for key, words in table.items()}

        return cls(
            tag=tag,
            object_roles=roles(document["object_roles"]),
            value_roles=roles(document["value_roles"]),
            contested=frozenset(document["contested"]),
            countries={key: frozenset(codes) for key, codes in document["countries"].items()},
            not_people=frozenset(document["not_people"]),
            types=dict(document["types"]),
        )

"""The survey: one pass over the objects, then roles spread one hop over what it kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from comity.canon import Role
from comity.material import StixObject, patterns
from comity.privacy.normalise import fold
from comity.privacy.roles import Neighbourhood, spelled

_THREATS = frozenset({"malware", "threat-actor", "intrusion-set", "campaign", "tool"})
# relationship_type -> (role of the source, role of the target). From STIX 2.1 chapters 4 and 5, each type's table.
_SAYS: dict[str, tuple[Role | None, Role | None]] = {
    "targets": (None, Role.VICTIM),
    "compromises": (None, Role.ABUSED_HOST),
    "communicates-with": (None, Role.ATTACKER),
    "beacons-to": (None, Role.ATTACKER),
    "exfiltrate-to": (None, Role.ATTACKER),
    "exfiltrates-to": (None, Role.ATTACKER),
    "downloads": (None, Role.ATTACKER),
    "drops": (None, Role.ATTACKER),
    "controls": (Role.ATTACKER, Role.ATTACKER),
    "hosts": (Role.ATTACKER, Role.ATTACKER),
    "owns": (None, Role.ATTACKER),
    "uses": (None, Role.ATTACKER),
    "delivers": (Role.ATTACKER, Role.ATTACKER),
    "indicates": (Role.ATTACKER, None),
    "based-on": (Role.ATTACKER, None),
    "impersonates": (None, Role.BYSTANDER),
    "attributed-to": (None, Role.ATTACKER),
}
_SPREADS = {
    "consists-of": "target",
    "hosts": "target",
    "related-to": "",
    "resolves-to": "target",
    "belongs-to": "source",
}
_VICTIM_WORDS = ("victim", "target", "affected", "patient", "x-victim")
_VALUE_TYPES = frozenset({
    "ipv4-addr", "ipv6-addr", "mac-addr", "domain-name", "email-addr", "url", "phone-number", "cryptocurrency-wallet",
    "bank-account", "payment-card", "hostname",
})  # fmt: skip
_VALUE_NAMES = ("value", "address", "iban", "iban_number", "user_id", "account_login", "display_name")
_PATTERN_VALUES = frozenset({"value", "user_id", "account_login", "display_name", "address"})


def survey(objects: Iterable[StixObject], tag: Callable[[str], str]) -> Neighbourhood:
    """Read the graph once.

    Args:    objects: every object of the bundle, in any order.
             tag: makes the keyed tag of a folded value; only tags are kept.
    """
    seen = _Seen(tag)
    for obj in objects:
        seen.read(obj)
    return seen.conclude()


class _Seen:
    """What the pass keeps: ids, references, tags and roles."""

    def __init__(self, tag: Callable[[str], str]) -> None:
        self.tag = tag
        self.roles: dict[str, set[Role]] = defaultdict(set)
        self.values: dict[str, set[str]] = defaultdict(set)  # object id -> tags of its values
        self.by_value: dict[str, set[Role]] = defaultdict(set)
        self.links: list[tuple[str, str, str]] = []  # source, relationship type, target
        self.sightings: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
        self.observed: dict[str, tuple[str, ...]] = {}
        self.inside: list[tuple[str, str]] = []  # an object and another that its roles pass to
        self.creator: dict[str, str] = {}
        self.accused: dict[str, set[str]] = defaultdict(set)  # tag -> creators of indicators that name it
        self.claims: list[tuple[str, str]] = []  # id of an object said to be a victim, who says so
        self.said_by: dict[tuple[str, str, str], set[str]] = defaultdict(set)  # a tie of two objects, who states it
        self.country: dict[str, set[str]] = defaultdict(set)
        self.located: list[tuple[str, str]] = []
        self.not_people: set[str] = set()
        self.types: dict[str, str] = {}
        self.wanted: set[str] = set()
        self.classes: dict[str, str] = {}

    def read(self, obj: StixObject) -> None:
        content = obj.content
        creator = str(content.get("created_by_ref", ""))
        self.creator[obj.id] = creator
        if creator:
            self.roles[creator].add(Role.REPORTER)
        for name in _VALUE_NAMES:
            value = content.get(name)
            if isinstance(value, str) and (obj.type in _VALUE_TYPES or obj.type == "user-account"):
                self.values[obj.id].add(self.tag(spelled(value)))
        reader = getattr(self, "_" + obj.type.replace("-", "_"), None)
        if reader is not None:
            reader(obj, content)
        if obj.type in _THREATS:
            self.roles[obj.id].add(Role.ATTACKER)
            for name in (content.get("name"), *_list(content, "aliases"), *_list(content, "x_mitre_aliases")):
                if isinstance(name, str):
                    self.not_people.add(fold(name).text.casefold())

    # One method a type; a type without one has nothing to say about roles by itself.

    def _indicator(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        words = {str(word) for word in (*_list(content, "indicator_types"), *_list(content, "labels"))}
        role = Role.ABUSED_HOST if "compromised" in words else Role.ATTACKER
        if words and words <= {"benign"}:
            role = Role.UNKNOWN
        self.roles[obj.id].add(role)
        if content.get("pattern_type", "stix") != "stix":
            return
        for value in pattern_values(content.get("pattern")):
            tag = self.tag(spelled(value))
            self.by_value[tag].add(role)
            self.accused[tag].add(str(content.get("created_by_ref", "")))
            self.values[obj.id].add(tag)

    def _infrastructure(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        words = set(map(str, _list(content, "infrastructure_types")))
        if words & {"victim", "phishing-victim", "workstation"}:
            self.roles[obj.id].add(Role.VICTIM)
        elif words & {"compromised", "anonymization-compromised"}:
            self.roles[obj.id].add(Role.ABUSED_HOST)
        else:
            self.roles[obj.id].add(Role.ATTACKER)

    def _identity(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        self.classes[obj.id] = str(content.get("identity_class", "unknown"))
        words = " ".join(map(str, (*_list(content, "roles"), *_list(content, "labels")))).lower()
        if any(word in words for word in _VICTIM_WORDS):
            self.roles[obj.id].add(Role.VICTIM)
            self.claims.append((obj.id, str(content.get("created_by_ref", ""))))
        if any(word in words for word in ("analyst", "author")):
            self.roles[obj.id].add(Role.ANALYST)
        elif any(word in words for word in ("reporter", "reporting", "contact")):
            self.roles[obj.id].add(Role.REPORTER)
        if content.get("identity_class") in {"organization", "group", "class", "system"}:
            self.roles[obj.id].add(Role.ORGANISATION)

    def _location(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        if isinstance(content.get("country"), str):
            self.country[obj.id].add(content["country"].upper())

    def _relationship(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        source, kind, target = (str(content.get(k, "")) for k in ("source_ref", "relationship_type", "target_ref"))
        if kind in {"located-at", "originates-from"}:
            self.located.append((source, target))
        if kind == "targets":
            self.claims.append((target, str(content.get("created_by_ref", ""))))
        self.links.append((source, kind, target))
        self.said_by[source, kind, target].add(str(content.get("created_by_ref", "")))

    def _sighting(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        behind = tuple(map(str, _list(content, "observed_data_refs")))
        self.sightings.append((obj.id, tuple(map(str, _list(content, "where_sighted_refs"))), behind))

    def _observed_data(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        self.observed[obj.id] = tuple(map(str, _list(content, "object_refs")))

    def _incident(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        self.roles[obj.id].add(Role.VICTIM)

    def _network_traffic(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        self.links.append((str(content.get("src_ref", "")), "traffic", str(content.get("dst_ref", ""))))

    def _email_message(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        for name in ("from_ref", "sender_ref"):
            if name in content:
                self.links.append((obj.id, "mail-from", str(content[name])))
        for name in ("to_refs", "cc_refs", "bcc_refs"):
            for ref in _list(content, name):
                self.links.append((obj.id, "mail-to", str(ref)))

    def _domain_name(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        self._named(obj, content, "resolves_to_refs")

    def _ipv4_addr(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        self._named(obj, content, "resolves_to_refs")

    _ipv6_addr = _ipv4_addr

    def _email_addr(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        if isinstance(content.get("belongs_to_ref"), str):
            self.inside.append((obj.id, content["belongs_to_ref"]))

    def _process(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        if isinstance(content.get("creator_user_ref"), str):
            self.roles[content["creator_user_ref"]].add(Role.VICTIM)

    def _cryptocurrency_wallet(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        holder = content.get("holder_ref")
        if isinstance(holder, str):
            self.roles[obj.id].add(Role.VICTIM)

    _bank_account = _payment_card = _bank_card = _cryptocurrency_wallet

    def _language_content(self, obj: StixObject, content: Mapping[str, Any]) -> None:
        target = str(content.get("object_ref", ""))
        self.types[target] = target.partition("--")[0]

    def _named(self, obj: StixObject, content: Mapping[str, Any], name: str) -> None:
        for ref in _list(content, name):
            self.links.append((obj.id, "resolves-to", str(ref)))

    def conclude(self) -> Neighbourhood:
        """Spread roles: what relationships and sightings say first, then one hop to what hangs together."""
        for source, kind, target in self.links:
            self._say(source, kind, target)
        for _, places, behind in self.sightings:
            for place in places:
                self.roles[place].add(Role.VICTIM)
            for observed in behind:
                for ref in self.observed.get(observed, ()):
                    if not self._attacks(ref):
                        self.roles[ref].add(Role.VICTIM)
        for source, kind, target in self.links:
            self._spread(source, kind, target)
            self._claimed(source, kind, target)
        for source, target in self.inside:
            self._join(source, target)
        for source, place in self.located:
            self.country[source] |= self.country.get(place, set())
        return self._found()

    def _attacks(self, ref: str) -> bool:
        return Role.ATTACKER in self.roles[ref] or any(
            Role.ATTACKER in self.by_value.get(tag, ()) for tag in self.values.get(ref, ())
        )

    def _say(self, source: str, kind: str, target: str) -> None:
        if kind == "mail-from":
            self.roles[target].add(Role.ATTACKER)
        elif kind == "mail-to":
            self.roles[target].add(Role.VICTIM)
        elif kind == "traffic":
            # The sensor stands on the side it protects: what it reaches out from is its own, unless known otherwise.
            if not self._attacks(source):
                self.roles[source].add(Role.VICTIM)
                self.roles[target].add(Role.ATTACKER)
            else:
                self.roles[target].add(Role.VICTIM)
        else:
            ours, theirs = _SAYS.get(kind, (None, None))
            if ours is not None:
                self.roles[source].add(ours)
            if theirs is not None and not (theirs is Role.ATTACKER and target.startswith("identity--")):
                self.roles[target].add(theirs)

    def _spread(self, source: str, kind: str, target: str) -> None:
        way = _SPREADS.get(kind)
        if way == "target":
            self.roles[target] |= self.roles.get(source, set()) - {Role.REPORTER, Role.ORGANISATION}
        elif way == "source":
            self.roles[source] |= self.roles.get(target, set()) - {Role.REPORTER, Role.ORGANISATION}
        elif way == "":
            self._join(source, target)

    def _claimed(self, source: str, kind: str, target: str) -> None:
        """A tie that makes its ends a victim's is a claim of whoever states it, as much as `targets` is."""
        if kind in _SPREADS:
            for claimant in self.said_by.get((source, kind, target), ()):
                self.claims += [(end, claimant) for end in (source, target) if Role.VICTIM in self.roles.get(end, ())]

    def _join(self, one: str, other: str) -> None:
        """`related-to` tells no direction: a person's address and the person are the same victim."""
        for a, b in ((one, other), (other, one)):
            if Role.VICTIM in self.roles.get(b, ()) and a.partition("--")[0] not in _THREATS:
                self.roles[a].add(Role.VICTIM)

    def _found(self) -> Neighbourhood:
        for ref, tags in self.values.items():
            if ref.startswith("indicator--"):
                continue
            for tag in tags:
                self.by_value[tag] |= self.roles.get(ref, set()) - {Role.REPORTER, Role.ORGANISATION}
        contested = {
            tag
            for ref, claimant in self.claims
            for tag in self.values.get(ref, ())
            if self.accused.get(tag) and claimant not in self.accused[tag]
        }
        return Neighbourhood(
            tag=self.tag,
            object_roles={ref: frozenset(roles) for ref, roles in self.roles.items() if roles},
            value_roles={tag: frozenset(roles) for tag, roles in self.by_value.items() if roles},
            contested=frozenset(contested),
            countries={ref: frozenset(codes) for ref, codes in self.country.items() if codes},
            not_people=frozenset(self.not_people),
            types=self.types,
        )


def pattern_values(pattern: Any) -> Iterator[str]:
    """The constants of a STIX pattern that name a value; nothing for a pattern that cannot be read."""
    if not isinstance(pattern, str):
        return
    try:
        comparisons = patterns.read(pattern).comparisons
    except patterns.InvalidPattern:
        return
    for comparison in comparisons:
        if comparison.path and comparison.path[-1] in _PATTERN_VALUES and not comparison.negated:
            yield from (constant.value for constant in comparison.constants if constant.kind == "string")


def _list(content: Mapping[str, Any], name: str) -> list[Any]:
    value = content.get(name)
    return value if isinstance(value, list) else []

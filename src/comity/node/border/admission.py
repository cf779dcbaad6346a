"""What the agreement lets a partner send: each object that came is held against the plan of its flow. Pure.

Not covered: personal data that the sender should have treated. Whose a value is depends on the whole submission, of
which only a part came; a complaint about it is a correction, which people exchange.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comity.agreement import Plan, Share
from comity.canon import Duration, Tlp, midnight, parse_instant
from comity.material import (
    TLP_DEFINITIONS,
    InvalidObject,
    StixObject,
    classes,
    kind,
    object_marking,
    structural,
    unknown_properties,
    validate,
    value_markings,
)

TOLERANCE = dt.timedelta(minutes=5)  # clocks of two organisations differ
_IDENTITY = frozenset(("type", "spec_version", "id", "created", "modified", "name", "identity_class"))
_OF_EVERY_TYPE = frozenset(("/name", "/description"))  # as the sender's crossing lets a listed type of its own have


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a release says of itself, and the plan it is held against."""

    plan: Plan
    purpose: str
    made_at: dt.datetime
    definitions: Mapping[str, Mapping[str, Any]]  # markings that came with it, or are held from its sender
    now: dt.datetime


def breach(obj: StixObject, listed: Mapping[str, Any], terms: Terms) -> str | None:
    """The first thing in which the object breaks the agreement: a code of `codes.QUARANTINE`; None for none."""
    try:
        validate(obj)  # a marking that pretends to be a published one is not valid (attack A15)
    except InvalidObject:
        return "invalid-object"
    return (
        _ahead(obj, terms)
        or _unknown(obj, terms.plan)
        or _marking(obj, terms)
        or _sharing(obj, terms)
        or _clauses(listed, terms.plan)
        or _retention(obj, listed, terms)
    )


def level_of(content: Mapping[str, Any], definitions: Mapping[str, Mapping[str, Any]], plan: Plan) -> Tlp:
    """The strictest level that it bears as a whole or in a part; of one that bears none, what the agreement says."""
    whole = object_marking(content, definitions)
    levels = [*value_markings(content, definitions).values(), *([] if whole is None else [whole])]
    return max(levels, default=max(plan.unmarked, Tlp.GREEN))


def _ahead(obj: StixObject, terms: Terms) -> str | None:
    ahead = obj.version is not None and parse_instant(obj.version) > terms.now + TOLERANCE
    return "from-the-future" if ahead else None


def _unknown(obj: StixObject, plan: Plan) -> str | None:
    """INVARIANT: what neither STIX nor the agreement names is set apart by name (promise 1)."""
    if obj.id in TLP_DEFINITIONS:
        return None
    custom = kind(obj.type) == "custom"
    if (custom and not _listed(obj.type, plan)) or (obj.type == "extension-definition" and not _listed(obj.id, plan)):
        return "unknown-type"
    unknown = frozenset(unknown_properties(obj.content)) - (_OF_EVERY_TYPE if custom else frozenset())
    names = (pointer.rsplit("/", 1)[1].replace("~1", "/").replace("~0", "~") for pointer in unknown)
    return None if all(_listed(name, plan) for name in names) else "unknown-type"


def _listed(name: str, plan: Plan) -> bool:
    return name in plan.extensions or any(e.endswith("*") and name.startswith(e[:-1]) for e in plan.extensions)


def _marking(obj: StixObject, terms: Terms) -> str | None:
    level = level_of(obj.content, terms.definitions, terms.plan)
    if level is Tlp.UNKNOWN:
        return "unknown-marking"
    never = min((one for one, _ in terms.plan.marked_never), default=Tlp.UNKNOWN)
    return "above-ceiling" if level >= never else None


def _sharing(obj: StixObject, terms: Terms) -> str | None:
    if terms.purpose not in terms.plan.purposes or not terms.plan.grants:
        return "not-shared"
    if obj.id in TLP_DEFINITIONS or is_party(obj, terms.plan):
        return None
    level = level_of(obj.content, terms.definitions, terms.plan)
    for layer in terms.plan.grants:
        shares = _matching(layer, obj, terms)
        if not shares:
            return "not-shared"
        if all(level > share.ceiling for share in shares):
            return "above-ceiling"
    return None


def _matching(layer: tuple[Share, ...], obj: StixObject, terms: Terms) -> list[Share]:
    words = frozenset() if structural(obj.type) else classes(obj) | {obj.type}
    return [s for s in layer if terms.purpose in s.purposes and (not words or s.classes & words)]


def is_party(obj: StixObject, plan: Plan) -> bool:
    """Whether it is the sender's own identity, which changed copies name as their creator, and nothing more."""
    said = obj.content
    return (
        obj.type == "identity"
        and _IDENTITY.issuperset(said)
        and (said.get("name"), said.get("identity_class")) == (plan.origin.name, "organization")
    )


def _clauses(listed: Mapping[str, Any], plan: Plan) -> str | None:
    texts = {plan.agreement.id, *([plan.baseline.id] if plan.baseline else [])}
    cited = {clause.partition(":")[0] for clause in listed["clauses"]}
    return None if cited & texts else "clause-unknown"


def _retention(obj: StixObject, listed: Mapping[str, Any], terms: Terms) -> str | None:
    """INVARIANT: nothing is kept without an end, nor beyond what the agreement lets it be kept (promise 6)."""
    if "expires" not in listed:
        return "no-expiry"
    ends = [] if terms.plan.sunset is None else [midnight(terms.plan.sunset + dt.timedelta(days=1))]
    if obj.id not in TLP_DEFINITIONS and not is_party(obj, terms.plan):
        ends += [_longest(layer, obj, terms).after(terms.made_at) for layer in terms.plan.grants]
    return "kept-too-long" if any(parse_instant(listed["expires"]) > end + TOLERANCE for end in ends) else None


def _longest(layer: tuple[Share, ...], obj: StixObject, terms: Terms) -> Duration:
    return max(share.retention for share in _matching(layer, obj, terms))

"""What roles mean: which verbs they give together, and which cannot be had together. Pure; the rows are in `models`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

VERBS = frozenset((
    "import", "submit", "tell", "queue", "read-material", "approve", "reject", "strip", "release", "withdraw", "pull",
    "consent", "suspend", "agree", "ledger-read", "ledger-verify", "resolve", "people", "tools", "status",
))  # fmt: skip
OVERSIGHT = frozenset(("ledger-read", "resolve"))
"""What an auditor does: read the ledger, and say whose a pseudonym in it is."""
OPERATIONAL = VERBS - OVERSIGHT - {"ledger-verify", "status"}
"""What an auditor looks at afterwards, and so never does."""
MATERIAL = OPERATIONAL - {"people", "tools"}
"""What touches material, a partner or an agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """One role, as its row or `roles.toml` says."""

    code: str
    title: str
    verbs: frozenset[str]
    excludes: frozenset[str]


def packaged() -> tuple[RoleFacts, ...]:
    """The roles a new node begins with."""
    said = tomllib.loads((files("comity.node.people") / "roles.toml").read_text(encoding="utf-8"))
    return tuple(
        RoleFacts(
            code=code,
            title=role["title"],
            verbs=frozenset(role["verbs"]),
            excludes=frozenset(role.get("excludes", ())),
        )
        for code, role in said.items()
    )


def clash(one: RoleFacts, other: RoleFacts) -> bool:
    """Whether nobody may have both at the same time, whichever of the two says so."""
    if one.code == other.code:
        return False
    return other.code in one.excludes or one.code in other.excludes or _watches(one, other) or _watches(other, one)


def verbs_of(held: Iterable[RoleFacts]) -> frozenset[str]:
    """What somebody may do who has these roles now.

    INVARIANT: roles that exclude each other give nothing at all, however they came into one hand: an auditor never has
    an operational verb, even if somebody wrote the rows by hand.
    """
    roles = list(held)
    if any(clash(one, other) for one in roles for other in roles):
        return frozenset()
    verbs = frozenset[str]().union(*(role.verbs for role in roles)) & VERBS
    return frozenset() if verbs & OVERSIGHT and verbs & OPERATIONAL else verbs


def _watches(one: RoleFacts, other: RoleFacts) -> bool:
    # An organisation's own auditing role need not name every operational role of its own to be kept apart from it.
    return bool(one.verbs & OVERSIGHT and other.verbs & OPERATIONAL)

"""What a crossing changes on the shelf: what goes now, what stands as it is, and what has to come off. Pure.

A release carries whole states. What stands in the same substance is not sent again and keeps its version and its
retention; what left more of itself before than it may now is taken back, with every version of it that still stands:
an older one would else be the newest that the partner reads (DESIGN section 7). A new version alone takes none back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comity.canon import Json, dumps, loads
from comity.crossing import Crossing, Decision, Keys, Reason
from comity.messages import Withdrawal
from comity.node.border.facts import Facts
from comity.node.border.shelf import Standing, source_tag, substance

# Why something does not cross of itself; what stands of it elsewhere is not the worse for it.
_OF_THE_REST = frozenset((Reason.SUPERSEDED, Reason.NOTHING_BEARS_IT, Reason.STALE_PROOF, Reason.NOT_OBSERVED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """An object that goes now."""

    id: str
    type: str
    version: str | None
    body: bytes  # canonical JSON
    decision: Decision
    source: str  # keyed
    substance: str  # keyed

    @property
    def added(self) -> bool:
        """Not of the material: what crosses refers to it."""
        return self.decision.place == "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """A row that has to come off the shelf; `told`: the partner is told to delete what came with it."""

    row: int
    why: Withdrawal
    told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    going: tuple[Going, ...]  # additions first, then in the order of the material
    unchanged: int
    off: tuple[Off, ...]

    @property
    def shown(self) -> list[Json]:
        """What would leave, without the moment it would leave at, in the order of ids: what an officer approves."""
        return [[one.id, one.substance] for one in sorted(self.going, key=lambda one: one.id)]


def delta_of(crossing: Crossing, facts: Facts, keys: Keys, spent: frozenset[str]) -> Delta:
    """`spent`: ids whose retention is over, so that they are not in the crossing at all."""
    decisions = list(crossing.decisions())
    leaving = {(d.outgoing_id, d.outgoing_version): d for d in decisions if d.crossed}
    everything = [_going(content, leaving, keys) for content in crossing.objects()]
    going = [one for one in everything if not _stands(one, facts)]
    going = [*_with_their_targets(going, everything)]
    off = [*_retracted(crossing, facts), *_reduced(going, facts), *_denied(decisions, facts, spent)]
    return Delta(
        going=tuple(going),
        unchanged=len(everything) - len(going),
        off=tuple({one.row: one for one in reversed(off)}.values()),
    )


def _going(content: Mapping[str, Any], leaving: Mapping[tuple[str | None, str | None], Decision], keys: Keys) -> Going:
    version = content.get("modified") or content.get("created")
    decision = leaving[content["id"], version]
    return Going(
        id=content["id"],
        type=content["type"],
        version=version,
        body=dumps(dict(content)),
        decision=decision,
        source=keys.tag(source_tag(decision.id, decision.version)),
        substance=substance(content),
    )


def _stands(one: Going, facts: Facts) -> bool:
    return one.id in facts.shelf and facts.shelf[one.id].substance == one.substance


def _with_their_targets(going: list[Going], everything: Iterable[Going]) -> Iterator[Going]:
    """A translation names a version of its target (STIX 2.1 section 7.1): a copied target goes along."""
    refs = {_target(one) for one in going if one.type == "language-content"}
    there = {one.id for one in going}
    for one in everything:
        copied = one.decision.outgoing_id != one.decision.id
        if one.id in there or (copied and one.id in refs):
            yield one


def _target(translation: Going) -> str:
    return str(loads(translation.body)["object_ref"])


def _retracted(crossing: Crossing, facts: Facts) -> Iterator[Off]:
    """Version 1 crossed unchanged, and what leaves now is reduced, under another id."""
    for source_id in crossing.retracts:
        if source_id in facts.shelf:
            yield from _all_of(facts.shelf[source_id])


def _reduced(going: Iterable[Going], facts: Facts) -> Iterator[Off]:
    """The same source version leaves in another substance: unless an answer added to it, it says less than before.

    An observable has no versions: its whole state is replaced, here and at the partner, by the new one itself.
    """
    stripped = {object_id for object_id, _ in facts.strips}
    for one in going:
        before = facts.shelf.get(one.id)
        if before is None or before.substance == one.substance:
            continue
        if one.version is None:
            yield from _all_of(before, told=False)
        elif before.source == one.source and (one.decision.id in stripped or not _grew(before, facts)):
            yield from _all_of(before)


def _all_of(before: Standing, *, told: bool = True) -> Iterator[Off]:
    for row in before.rows:
        yield Off(row=row.pk, why=Withdrawal.SUPERSEDED_BY_REDUCED, told=told)


def _grew(before: Standing, facts: Facts) -> bool:
    return facts.answered_at is not None and before.made_at is not None and facts.answered_at >= before.made_at


def _denied(decisions: Iterable[Decision], facts: Facts, spent: frozenset[str]) -> Iterator[Off]:
    """What this very submission put there and no clause lets go any more, in whatever version."""
    by_id: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        by_id[decision.id].append(decision)
    for source_id, known_as in facts.held.items():
        mine = [row.pk for row in facts.shelf[known_as].rows if row.submission == facts.submission]
        if source_id in spent:
            yield from (Off(row=row, why=Withdrawal.AGREEMENT_ENDED) for row in mine)
            continue
        versions = by_id.get(source_id, [])
        reasons = {reason for one in versions for reason in one.reasons} - _OF_THE_REST
        if versions and reasons and all(one.outcome == "deny" for one in versions):
            why = _why(reasons)
            yield from (Off(row=row, why=why) for row in mine)


def _why(reasons: set[str]) -> Withdrawal:
    if Reason.NO_AGREEMENT in reasons:
        return Withdrawal.AGREEMENT_ENDED
    if Reason.NO_CONSENT in reasons:
        return Withdrawal.CONSENT_WITHDRAWN
    return Withdrawal.ERROR

"""A submission decided under one flow: facts in, decision and delta out. Nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from comity.agreement import Plan
from comity.canon import InputError, Limits, dumps, loads, parse_instant
from comity.crossing import Circumstances, Crossing, Keys, cross, observe
from comity.material import StixObject
from comity.node.border import models
from comity.node.border.delta import Delta, delta_of
from comity.node.border.facts import Facts, Named, Supposing, named_in, read_facts, strips_of
from comity.node.border.sources import Source, read_source
from comity.node.keyring import held
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow
from comity.node.vault import actions as vault

# Circumstances have an entry for every object and value of a submission; what is read here was written by this node.
_MILLISECOND = dt.timedelta(milliseconds=1)
WIDE = Limits(max_members=2_000_000, max_items=2_000_000, max_bytes=512 * 1024 * 1024)

NOTHING_SUPPOSED = Supposing()


class CannotReplay(InputError):
    what = "the crossing cannot be done again"
    why = "{reason}"
    do = "what its material has been deleted with cannot be decided again; the proof of it remains in the ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The objects of a source without some."""

    source: Source
    without: frozenset[str]

    def __iter__(self) -> Iterator[StixObject]:
        return (obj for obj in self.source if obj.id not in self.without)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What came of it, and everything it rests on."""

    submission: models.Submission
    flow: Flow
    named: Named
    facts: Facts
    keys: Keys
    crossing: Crossing
    spent: frozenset[str]  # ids of objects whose retention is over: they do not go again
    delta: Delta
    now: dt.datetime
    supposing: Supposing
    source: Source

    def still_stands(self) -> bool:
        """Whether the tables say the same now. Asked in the transaction that writes, with flow and shelf locked."""
        facts = read_facts(
            self.submission,
            self.flow,
            self.named,
            self.keys,
            purpose=self.facts.purpose,
            collected_by=self.facts.collected_by,
            supposing=self.supposing,
            now=self.now,
        )
        return facts == self.facts


def decide(
    submission: models.Submission,
    flow: Flow,
    *,
    purpose: str,
    collected_by: str | None,
    now: dt.datetime,
    supposing: Supposing = NOTHING_SUPPOSED,
    source: Source | None = None,
) -> Decided:
    """Read, and think. `source`: where it has been read already, to spare reading it for each flow.

    Raises: SourceGone; whatever compiling the plan refuses.
    """
    keys = held().agreement(flow.agreement)
    strips = strips_of(submission, flow) | supposing.stripped
    whole = read_source(submission, strips) if source is None else source.with_strips(strips)
    named = named_in(whole)
    facts = read_facts(
        submission,
        flow,
        named,
        keys,
        purpose=purpose,
        collected_by=collected_by,
        supposing=supposing,
        now=now,
    )
    seen = observe(whole, keys, purpose=purpose, **facts.circumstances())
    crossing, spent = within_terms(whole, facts.plan, seen, keys, _after_copies(facts, now))
    return Decided(
        submission=submission,
        flow=flow,
        named=named,
        facts=facts,
        keys=keys,
        crossing=crossing,
        spent=spent,
        delta=delta_of(crossing, facts, keys, spent),
        now=now,
        supposing=supposing,
        source=whole,
    )


def _after_copies(facts: Facts, now: dt.datetime) -> dt.datetime:
    """The moment of the crossing: later than that of every copy of these objects that stands already.

    A changed copy takes its version from it, and a new version is a later one (STIX 2.1 section 3.6), also where two
    answers fall into one millisecond, or a clock was set back.
    """
    versions = [facts.shelf[known].version for source, known in facts.held.items() if known != source]
    return max([now, *(parse_instant(one) + _MILLISECOND for one in versions if one)])  # observables have none


def within_terms(
    source: Source, plan: Plan, seen: Circumstances, keys: Keys, now: dt.datetime
) -> tuple[Crossing, frozenset[str]]:
    """Cross what is still within its retention, counted from its first receipt; the ids of what is not.

    INVARIANT: what had to be deleted by now does not go again by being sent again (promise 6).
    """
    spent: frozenset[str] = frozenset()
    while True:
        crossing = cross(Part(source=source, without=spent), plan, seen, keys, now)
        over = {d.id for d in crossing.decisions() if d.crossed and d.expires and parse_instant(d.expires) <= now}
        if not over:
            return crossing, spent
        spent |= over


def again(crossing: models.Crossing) -> Crossing:
    """The same crossing, from its sealed circumstances: the same inputs give the same bytes (promise 8).

    Raises: CannotReplay; SourceGone; Unreadable.
    """
    flow, keys = crossing.flow, held().agreement(crossing.flow.agreement)
    if crossing.circumstances is None:
        raise CannotReplay(reason="its circumstances were deleted")
    plan = treaties.plan_for(flow, on=crossing.plan_on)
    if (plan.agreement.digest, plan.law_digest) != (crossing.text_digest, crossing.law_digest):
        raise CannotReplay(reason="the agreement or the law pack is another one now")
    strips = models.Strip.objects.filter(submission=crossing.submission, flow=flow, at__lte=crossing.decided_at)
    source = read_source(crossing.submission, strips.values_list("object_id", "path"))
    said = loads(vault.opened(crossing.circumstances), limits=WIDE)
    seen = Circumstances.from_json(said, keys.tag)
    return within_terms(source, plan, seen, keys, crossing.decided_at)[0]


def sealed_form(seen: Circumstances) -> bytes:
    """Circumstances as they are sealed: `again` reads them back."""
    return dumps(seen.to_json())

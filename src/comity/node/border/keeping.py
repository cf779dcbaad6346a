"""What is kept of a crossing: its record and circumstances, sealed; the questions that it asks; what it changes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction

from comity.canon import InputError, Json
from comity.crossing import Decision, Reason, record
from comity.node.border.deciding import Decided, sealed_form
from comity.node.border.models import Crossing, Question, Release
from comity.node.border.partner_collections import locked, material_of
from comity.node.border.releasing import ends_of, keep_releases, lasts
from comity.node.border.sources import boxes_of, locked_source
from comity.node.border.taking_off import clear_dead, take_off
from comity.node.journal import actions as journal
from comity.node.people.models import Person
from comity.node.treaties.models import Flow
from comity.node.vault import actions as vault
from comity.node.vault.models import Box

CROSSED = "border:submission:crossed"
STALE_PROOF, NO_AGREEMENT = Reason.STALE_PROOF.value, Reason.NO_AGREEMENT.value
TRIES = 3
ANSWER_WITHIN = dt.timedelta(hours=72)  # then an unanswered question is a no (promise 4)


class Moved(InputError):
    what = "nothing was written"
    why = "an agreement, a consent, an answer or the shelf changed while it was decided"
    do = "do it again: it is decided on what holds then"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was written of one crossing."""

    crossing: Crossing
    questions: tuple[Question, ...]  # new ones
    releases: tuple[Release, ...]


def decide_and_keep(
    think: Callable[[], Sequence[Decided]],
    *,
    by: Person | None,
    now: dt.datetime,
    also: Callable[[], None] = lambda: None,
) -> list[Kept]:
    """Think without holding anybody up, then write all of it, or nothing; and think again where things have moved.

    INVARIANT: with the flows and their shelves locked, what was decided on is read again; where anything differs,
    nothing is written (attack A75).
    Args:    think: decides.   also: writes what belongs with it, in the same transaction, before it.
    Raises:  Moved, when they keep moving; whatever `think` raises.
    """
    for left in reversed(range(TRIES)):
        decided = think()
        try:
            with transaction.atomic():
                lock(one.flow for one in decided)
                if not all(one.still_stands() for one in decided):
                    raise Moved()
                also()
                kept = [_keep(one, by, now) for one in decided]
                for one in decided:
                    _keep_source(one)
                return kept
        except Moved:
            if not left:
                raise
    raise Moved()


def lock(flows: Iterable[Flow]) -> None:
    """In one order, so that two who lock the same never wait for each other."""
    ids = sorted({flow.pk for flow in flows})
    for flow in Flow.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        locked(material_of(flow))


def _keep(decided: Decided, by: Person | None, now: dt.datetime) -> Kept:
    submission, flow, plan = decided.submission, decided.flow, decided.facts.plan
    seen = decided.crossing.circumstances
    boxes = vault.seal_many(  # `_keep_source` says until when
        [("circumstances", sealed_form(seen), None), ("record", b"".join(record(decided.crossing)), None)], now
    )
    Crossing.objects.filter(submission=submission, flow=flow, latest=True).update(latest=False)
    row = Crossing(
        submission=submission,
        flow=flow,
        plan_on=plan.on,
        text_digest=plan.agreement.digest,
        law_digest=plan.law_digest,
        decided_at=decided.crossing.now,
        circumstances=boxes[0],
        circumstances_digest=seen.digest,
        record=boxes[1],
        counts=counts(decided),
        waits=_waits(decided),
    )
    row.save(force_insert=True)
    journal.record(
        CROSSED,
        str(row.pk),
        kind="submission",
        facts=_facts(row, decided),
        now=now,
        actor=by,
        commits_to=seen.digest,
    )
    questions = _ask(decided, row, now)
    take_off(decided.delta.off, now=now, by=by)
    if decided.facts.releasing:
        clear_dead(material_of(flow), [one.id for one in decided.delta.going], now=now, by=by)
    releases = keep_releases(decided, row, now) if decided.facts.releasing else []
    return Kept(crossing=row, questions=tuple(questions), releases=tuple(releases))


def counts(decided: Decided) -> dict[str, int]:
    """Objects by outcome, and what a person wants to know beside: numbers, no names."""
    detections = Counter(d.outcome for one in decided.crossing.decisions() for d in one.detections)
    return {
        **decided.crossing.counts,
        "stripped-spans": detections["refer"],
        "retention-over": len(decided.spent),
        "released": len(decided.delta.going) if decided.facts.releasing else 0,
        "unchanged": decided.delta.unchanged,
        "taken-off": len(decided.delta.off),
    }


def _waits(decided: Decided) -> str:
    if not decided.facts.flow_open or decided.facts.plan.standing:
        return NO_AGREEMENT
    return "" if decided.facts.fresh else STALE_PROOF


def _facts(row: Crossing, decided: Decided) -> dict[str, Json]:
    plan, counted = decided.facts.plan, row.counts
    return {
        "crossing": str(row.pk),
        "submission": str(row.submission_id),
        "agreement": {"id": plan.agreement.id, "version": plan.agreement.version, "digest": plan.agreement.digest},
        "law": plan.law_digest,
        "from": plan.origin.id,
        "to": plan.destination.id,
        "purpose": decided.facts.purpose,
        "permit": counted["permit"],
        "refer": counted["refer"],
        "deny": counted["deny"],
    }


def _ask(decided: Decided, row: Crossing, now: dt.datetime) -> list[Question]:
    """New questions; those that are no longer asked are replaced, and an officer's answer stays as it was given."""
    mine = Question.objects.filter(submission=decided.submission, flow=decided.flow)
    there = {question.referral: question for question in mine}
    asked = {one.referral: one for one in questions_of(decided.crossing.decisions())}
    gone = [q.pk for q in there.values() if q.state == Question.ASKED and q.referral not in asked]
    mine.filter(pk__in=gone).update(state=Question.REPLACED)
    again = [q for q in there.values() if q.state == Question.REPLACED and q.referral in asked]
    for question in again:
        question.state, question.asked_at, question.expires = Question.ASKED, now, now + ANSWER_WITHIN
        question.crossing, question.escalated_at = row, None
    Question.objects.bulk_update(again, ("state", "asked_at", "expires", "crossing", "escalated_at"))
    new = [
        Question(
            submission=decided.submission,
            flow=decided.flow,
            crossing=row,
            referral=one.referral,
            object_id=one.object_id,
            path=one.path,
            reasons=list(one.reasons),
            asked_at=now,
            expires=now + ANSWER_WITHIN,
        )
        for one in asked.values()
        if one.referral not in there
    ]
    Question.objects.bulk_create(new)
    return [*again, *new]


class Asked(NamedTuple):
    """A question as the crossing asks it."""

    referral: str
    object_id: str
    path: str  # JSON Pointer of a doubtful place; "": the whole object
    reasons: tuple[str, ...]  # codes


def questions_of(decisions: Iterable[Decision]) -> Iterator[Asked]:
    """Everything that a person is asked. What is denied is not asked about: no answer would let it go."""
    for decision in decisions:
        if decision.outcome == "refer" and decision.referral is not None:
            yield Asked(decision.referral, decision.id, "", decision.reasons)
        for one in decision.detections if decision.outcome != "deny" else ():
            if one.outcome == "refer" and one.referral is not None:
                yield Asked(one.referral, decision.id, one.path[:500], (one.category, *one.reasons))


def _keep_source(decided: Decided) -> None:
    """The source stays as long as the last copy that went out of it, and as long what was decided about it.

    Locked after all else, as `forget_submission` does, so that the two never wait for each other.
    Raises: Moved, where it was deleted meanwhile.
    """
    submission = decided.submission
    source = locked_source(submission)
    if source is None or source.expires is None:
        raise Moved()
    going = decided.delta.going if decided.facts.releasing else ()
    ends = ends_of(decided)
    until = max([source.expires, *(ends[one.id] for one in going if not lasts(one))])
    Box.objects.filter(pk__in=boxes_of(submission)).exclude(expires=until).update(expires=until)

"""What a crossing depends on beside its material, read from the tables in one step; and read again before it is kept.

INVARIANT: a release is made under the facts it was decided on. They are compared in the transaction that writes, with
the flow and its shelf locked, so that an agreement suspended, a consent withdrawn or an answer given meanwhile is never
missed (attack A75).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from comity.agreement import Plan, parse
from comity.canon import Tlp
from comity.crossing import Consent, Keys, Received
from comity.node.border.models import Arrival, Question, Strip, Submission
from comity.node.border.models import Collection as Shelf
from comity.node.border.partner_collections import material_of
from comity.node.border.shelf import Standing, first_receipts, lasting, parts, source_tag, standing
from comity.node.border.sources import Source, ids_named
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow, Text
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a source names: read once, in its first pass."""

    own: Mapping[str, str | None]  # id of each object -> its newest version
    all: frozenset[str]  # own ids, those referred to, those mentioned
    named_by: Mapping[str, frozenset[str]]  # id of an observable -> ids of the objects that name it


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposing:
    """What is about to be written, so that what would come of it is known before."""

    approved: frozenset[str] = frozenset()  # referrals
    stripped: frozenset[tuple[str, str]] = frozenset()  # (object id, JSON Pointer)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`witnessed_at` moves on by itself and is not compared; whether it is fresh enough is."""

    submission: str
    submitter: str  # pseudonym
    plan: Plan
    flow_open: bool  # in force on the day, and not suspended
    purpose: str
    collected_by: str | None
    consents: tuple[Consent, ...]
    approved: frozenset[str]
    answered_at: dt.datetime | None  # the last yes to a question of this submission on this flow
    strips: frozenset[tuple[str, str]]
    received: Mapping[str, Received]
    first_receipt: Mapping[str, dt.datetime]
    shelf: Mapping[str, Standing]  # by the id the partner knows
    held: Mapping[str, str]  # source id -> that id
    fresh: bool
    witnessed_at: dt.datetime | None = field(compare=False)

    @property
    def releasing(self) -> bool:
        return self.fresh and self.flow_open

    def circumstances(self) -> dict[str, Any]:
        """The arguments that `crossing.observe` takes beside material, keys and purpose."""
        return {
            "submitter": self.submitter,
            "collected_by": self.collected_by,
            "consents": self.consents,
            "received": self.received,
            "first_receipt": self.first_receipt,
            "held": self.held,
            "approved": self.approved,
            "releasing": self.releasing,
            "witnessed_at": self.witnessed_at,
        }


def named_in(source: Source) -> Named:
    own: dict[str, str | None] = {}
    everything: set[str] = set()
    named_by: defaultdict[str, set[str]] = defaultdict(set)
    for obj in source.bundle:
        own[obj.id] = max((own.get(obj.id), obj.version), key=lambda version: version or "")
        ids = ids_named(obj.content)
        everything |= ids
        for name in ids - {obj.id}:
            named_by[name].add(obj.id)
    observed = {name: frozenset(named_by[name]) for name, version in own.items() if version is None}
    return Named(own=own, all=frozenset(everything | own.keys()), named_by=observed)


def strips_of(submission: Submission, flow: Flow) -> frozenset[tuple[str, str]]:
    """(object id, JSON Pointer) of each."""
    return frozenset(Strip.objects.filter(submission=submission, flow=flow).values_list("object_id", "path"))


def read_facts(
    submission: Submission,
    flow: Flow,
    named: Named,
    keys: Keys,
    *,
    purpose: str,
    collected_by: str | None,
    supposing: Supposing,
    now: dt.datetime,
) -> Facts:
    """Everything at `now`."""
    flow = Flow.objects.select_related("text").get(pk=flow.pk)  # as it is now
    plan = treaties.plan_for(flow, on=now.date())
    collection = material_of(flow)
    outgoing = {name: keys.outgoing_id(name) for name in named.all}
    shelf = standing(collection, {*outgoing.keys(), *outgoing.values(), *lasting(keys, plan.origin.id)}, now)
    received, approved = _received(named), _approved(submission, flow)
    vouched = journal.proof_time(now)
    witnessed_at = None if vouched is None else min(vouched, now)  # witnesses' clocks may be a little ahead of ours
    return Facts(
        submission=str(submission.pk),
        submitter=people.pseudonym(submission.submitter),
        plan=plan,
        flow_open=treaties.in_force(flow, on=now.date()),
        purpose=purpose,
        collected_by=collected_by,
        consents=treaties.consents_for(submission.pk, flow=flow, now=now),
        approved=frozenset(approved) | supposing.approved,
        answered_at=now if supposing.approved else max(approved.values(), default=None),
        strips=strips_of(submission, flow) | supposing.stripped,
        received={name: terms for name, (terms, _) in received.items()},
        first_receipt=_first_receipts(named, keys, collection, shelf, outgoing, received),
        shelf=shelf,
        # A changed copy that stands goes before an unchanged version: the same source keeps the same outgoing id.
        held={n: shelf[known].object_id for n in outgoing for known in (n, outgoing[n]) if known in shelf},
        fresh=_fresh(plan, witnessed_at, now),
        witnessed_at=witnessed_at,
    )


def _approved(submission: Submission, flow: Flow) -> dict[str, dt.datetime]:
    """Referrals, and when each got its yes.

    INVARIANT: a yes counts for the submission it was given for, and never from who submitted it (promise 4).
    """
    asked = Question.objects.filter(submission=submission, flow=flow, state=Question.APPROVED, answer__yes=True)
    return dict(asked.exclude(answer__by=submission.submitter).values_list("referral", "answer__at"))


def _fresh(plan: Plan, at: dt.datetime | None, now: dt.datetime) -> bool:
    """As the crossing judges it (`crossing.steps.standing`): one that asks for no witness is always fresh."""
    if plan.witnessed_within is None:
        return True
    return at is not None and at <= now < plan.witnessed_within.after(at)


def _first_receipts(
    named: Named,
    keys: Keys,
    collection: Shelf,
    shelf: Mapping[str, Standing],
    outgoing: Mapping[str, str],
    received: Mapping[str, tuple[Received, dt.datetime]],
) -> dict[str, dt.datetime]:
    """By source id. An observable has no versions: what counts is the one that stands, since its value can be seen
    anew years later; of everything else, the same version is the same statement, also when it is gone."""
    tags = {keys.tag(source_tag(name, version)): name for name, version in named.own.items() if version}
    found: dict[str, dt.datetime] = {}

    def note(name: str, at: dt.datetime | None) -> None:
        if at is not None:
            found[name] = min(at, found.get(name, at))

    for tag, at in first_receipts(collection, tags.keys()).items():
        note(tags[tag], at)
    for name, version in named.own.items():
        if version is None:
            for known in (name, outgoing[name]):
                note(name, shelf[known].first_receipt if known in shelf else None)
        if name in received:
            note(name, received[name][1])
    return found


def _received(named: Named) -> dict[str, tuple[Received, dt.datetime]]:
    """The terms of what came from partners, and when it first came; the strictest of each where it came from several.

    What was deleted on a partner's terms is still the partner's: nothing lets it go on (attack A81).
    """
    found: dict[str, tuple[Received, dt.datetime]] = {}
    terms_of = Terms()
    names = vault.names_of(named.own)
    for some in parts(sorted(names)):
        for holding in Holding.objects.filter(object_id__in=some, direction=vault.RECEIVED):
            name, terms, at = names[holding.object_id], terms_of(holding), holding.first_receipt
            if name in found:
                before, earlier = found[name]
                terms, at = _stricter(before, terms), min(at, earlier)
            found[name] = terms, at
    return {name: what for name, what in found.items() if _came(name, named, found)}


def _came(name: str, named: Named, found: Collection[str]) -> bool:
    """An observable has no owner: one that an object of our own names is our own too, whoever else has seen it."""
    return named.own[name] is not None or all(other in found for other in named.named_by.get(name, ()))


class Terms:
    """What the agreement that something came under lets be done with it. What it does not say, it does not let."""

    def __init__(self) -> None:
        self._onward: dict[tuple[str, str], frozenset[str]] = {}
        self._purposes: dict[str, frozenset[str]] = {}

    def __call__(self, holding: Holding) -> Received:
        nobody: frozenset[str] = frozenset()
        gone = holding.deleted_at is not None
        return Received(
            originator=holding.partner,
            ceiling=Tlp.GREEN,  # TLP 2.0: AMBER stays with the recipient and its clients
            purposes=nobody if gone else self._for(holding.bill),
            onward_to=nobody if gone else self._to(holding.agreement, holding.partner),
        )

    def _for(self, bill: str) -> frozenset[str]:
        if bill not in self._purposes:
            self._purposes[bill] = frozenset(Arrival.objects.filter(pk=bill).values_list("purpose", flat=True))
        return self._purposes[bill]

    def _to(self, agreement: str, partner: str) -> frozenset[str]:
        if (agreement, partner) not in self._onward:
            flow = Flow.objects.filter(agreement=agreement, partner=partner, outward=False).first()
            self._onward[agreement, partner] = frozenset() if flow is None else _onward(flow.text)
        return self._onward[agreement, partner]


def _onward(text: Text) -> frozenset[str]:
    """The parties to whom every text that speaks lets it go on; nobody, where none speaks."""
    allowed: frozenset[str] | None = None
    for one in (text, text.baseline):
        said = parse(bytes(one.source), one.agreement).text if one is not None else None
        if said is not None and said.onward is not None:
            to = frozenset(party.id for party in said.parties) if said.onward.to == "parties" else frozenset()
            allowed = to if allowed is None else allowed & to
    return allowed or frozenset()


def _stricter(one: Received, other: Received) -> Received:
    return Received(
        originator=one.originator,
        ceiling=min(one.ceiling, other.ceiling),
        purposes=one.purposes & other.purposes,
        onward_to=one.onward_to & other.onward_to,
    )

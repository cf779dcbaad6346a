"""The one way across: `cross(material, plan, circumstances, keys, now)`. The same inputs give the same bytes.

Two passes over the material: `observe` reads it once for ids, references, roles and value tags; `cross` reads it again
and treats object by object into a spool. Then references alone decide what crosses together, and the release is
searched for what was treated before anyone can have it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from comity.agreement import Plan
from comity.canon import Kind, Outcome, digest, digest_of, dumps, format_instant, midnight, utc
from comity.crossing.assess import Assessor
from comity.crossing.candidate import flow_of
from comity.crossing.circumstances import Circumstances
from comity.crossing.decision import Decision, explained
from comity.crossing.graph import Graph, Node, anchors
from comity.crossing.keys import Keys
from comity.crossing.outgoing import leave, mentions
from comity.crossing.reasons import Reason, refusing
from comity.crossing.spool import MemorySpool, Spool
from comity.material import (
    TLP_DEFINITIONS,
    InvalidObject,
    StixObject,
    deterministic_id,
    kind,
    references,
    validate,
    write_bundle,
)
from comity.privacy import Detection, Gone, Hit, Residue, survey

_ENCODER = msgspec.json.Encoder()
_DECISIONS = msgspec.json.Decoder(Decision)
_CONTENT = msgspec.json.Decoder()
_NOT_MATERIAL = frozenset(("marking-definition", "extension-definition"))  # they say something of what crosses
_DETECTIONS = msgspec.json.Decoder(list[Detection])


def observe(material: Iterable[StixObject], keys: Keys, *, purpose: str, **facts: Any) -> Circumstances:
    """First pass: what the graph says, put into circumstances with the other `facts` (see `Circumstances`)."""
    definitions: dict[str, Mapping[str, Any]] = {}
    observed: set[str] = set()

    def noting() -> Iterator[StixObject]:
        for obj in material:
            if obj.type == "marking-definition":
                definitions[obj.id] = obj.content
            observed.add(keys.tag(digest_of(obj.content)))
            yield obj

    neighbourhood = survey(noting(), keys.tag)
    return Circumstances(
        purpose=purpose,
        neighbourhood=neighbourhood,
        definitions=definitions,
        observed=frozenset(observed),
        **facts,
    )


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """What came of it. Iterating `objects` and `decisions` reads from the spool, so neither is held in memory."""

    plan: Plan
    circumstances: Circumstances
    now: dt.datetime
    counts: Mapping[str, int]  # objects by outcome; "crossed": all that leave, "material": without definitions
    retracts: tuple[str, ...]  # ids the partner holds of versions that crossed unchanged and are now reduced
    bundle_id: str
    kept_elsewhere: tuple[str, ...]  # residue that is listed, not a hit: paths of values kept by decision
    _release: _Release = field(repr=False)

    def objects(self) -> Iterator[dict[str, Any]]:
        """The objects that cross, as the partner gets them: additions first, then in the order of the material."""
        return self._release.objects()

    def decisions(self) -> Iterator[Decision]:
        """One for each object of the material in its order, then one for each addition."""
        return self._release.decisions()

    def bundle(self) -> Iterator[bytes]:
        """A STIX 2.1 bundle of `objects`, canonical (RFC 8785)."""
        return write_bundle(self.objects(), self.bundle_id)


def cross(
    material: Iterable[StixObject],
    plan: Plan,
    circumstances: Circumstances,
    keys: Keys,
    now: dt.datetime,
    *,
    spool: Spool | None = None,
    progress: Callable[[int], None] | None = None,
) -> Crossing:
    """Second pass and the release. Pure: the same arguments give the same bytes (promise 8).

    Args:    material: the objects that `circumstances` were observed on, or a part of them.
             now: business time; an instant in UTC.
             spool: where intermediate results go; memory when absent.
             progress: called with the number of objects assessed so far.
    Raises:  NaiveTime.
    """
    now = utc(now)
    release = _Release(plan, circumstances, keys, now, spool or MemorySpool())
    for count, obj in enumerate(material, start=1):
        release.take(obj)
        if progress is not None:
            progress(count)
    release.close()
    return Crossing(
        plan=plan,
        circumstances=circumstances,
        now=now,
        counts=release.counts(),
        retracts=release.retracts(),
        bundle_id=release.bundle_id(),
        kept_elsewhere=tuple(release.kept_elsewhere),
        _release=release,
    )


class _Fall(NamedTuple):
    """Why an object that was assessed as crossing does not after all."""

    outcome: Outcome
    reason: Reason
    details: tuple[str, ...]


class _Release:
    """A release in the making: assessed objects in a spool, and the graph over them."""

    def __init__(self, plan: Plan, circumstances: Circumstances, keys: Keys, now: dt.datetime, spool: Spool) -> None:
        self._plan, self._circumstances, self._keys, self._now, self._spool = plan, circumstances, keys, now, spool
        self._assessor = Assessor(plan, circumstances, keys, now)
        self._nodes: list[Node] = []
        self._gone: list[Gone] = []
        self._named: list[str] = []
        self._creator = party_identity(plan, keys)
        self._additions: dict[str, dict[str, Any]] = {}
        self.kept_elsewhere: list[str] = []

    def take(self, obj: StixObject) -> None:
        """Assess one object and spool what may cross of it."""
        assessment = self._assessor.assess(obj)
        self._gone.extend(assessment.gone)
        built_in = TLP_DEFINITIONS.get(obj.id)
        content = built_in if built_in is not None else assessment.content
        node = Node(
            id=obj.id,
            type=obj.type,
            version=obj.version,
            outcome=assessment.outcome,
            decision=self._spool.append(_ENCODER.encode(assessment.decision)),
            built_in=built_in is not None,
        )
        if content is not None:
            node.content = self._spool.append(_ENCODER.encode(content))
            node.references = (*references(content), *mentions(content))
            node.anchors = anchors(content)
            node.left_out = frozenset(pointer.split("/", 2)[1] for pointer in assessment.dropped)
            node.changed = assessment.changed and built_in is None
            node.renamed = node.changed and _gets_another_id(obj, content)
            node.kept = self._spool.append(
                _ENCODER.encode([one.detection for one in assessment.judged if one.treatment.kind is Kind.KEEP])
            )
        leaves_as_it_is = content is not None and not node.renamed
        if (
            kind(obj.type) == "sco"
            and assessment.gone
            and not leaves_as_it_is
            and deterministic_id(obj.content) == obj.id
        ):
            self._named.append(obj.id)  # such an id would give the value away (attack A51)
        self._nodes.append(node)

    def close(self) -> None:
        """Settle the references, then search the release; what holds residue is taken out and the rest settled again.

        INVARIANT: no release leaves in which a treated value is still found (promise 3).
        """
        residue = Residue(self._gone, source_ids=self._named)
        self._gone, self._named = [], []
        self._translations()
        while True:
            self._graph = Graph(
                self._nodes,
                held=self._circumstances.held,
                built_in=frozenset(TLP_DEFINITIONS),
                outgoing=self._keys.outgoing_id,
            )
            self._graph.settle()
            self.kept_elsewhere = []
            fallen = [(node, fall) for node in self._nodes if node.stands and (fall := self._finish(node, residue))]
            # Only now, so that the whole round is judged on one settled graph.
            for node, fall in fallen:
                node.outcome = fall.outcome
                node.reasons.append(fall.reason)
                node.details.extend(fall.details)
            if not fallen:
                break
        self._add()

    def _translations(self) -> None:
        """What was left out of an object does not cross in another language either (promise 3)."""
        left_out = {node.id: node.left_out for node in self._nodes if node.left_out}
        for node in self._nodes if left_out else ():
            if not node.stands or node.type != "language-content":
                continue
            content = _CONTENT.decode(self._spool.read(node.content))
            gone = left_out.get(content["object_ref"], frozenset())
            kept = {language: _but(fields, gone) for language, fields in content["contents"].items()}
            kept = {language: fields for language, fields in kept.items() if fields}
            if kept == content["contents"]:
                continue
            node.changed = node.renamed = True
            node.content = self._spool.append(_ENCODER.encode({**content, "contents": kept}))
            node.reasons.append(Reason.PART_ABOVE_CEILING if kept else Reason.NOTHING_LEFT)
            if not kept:
                node.outcome = Outcome.DENY

    def _finish(self, node: Node, residue: Residue) -> _Fall | None:
        """Write the object as it leaves; or why it cannot, where it is not valid or residue is found in it."""
        source = _CONTENT.decode(self._spool.read(node.content))
        content, node.removed = leave(source, node, self._graph, creator=self._creator, now=self._now)
        if node.changed:
            try:
                validate(StixObject(id=content["id"], type=node.type, content=content, place=""))
            except InvalidObject as error:
                return _Fall(Outcome.DENY, Reason.RESULT_INVALID, (error.sentence,))
        hits = residue.search(content)
        if hits:  # what a decision keeps in this very object is listed, not refused
            hits = residue.search(content, kept=_DETECTIONS.decode(self._spool.read(node.kept)))
        self.kept_elsewhere.extend(f"{content['id']}{hit.path}" for hit in hits if hit.verdict is Outcome.PERMIT)
        found = [hit for hit in hits if hit.verdict is not Outcome.PERMIT]
        if found:
            worst = max(hit.verdict for hit in found)
            node.referral = self._question(node, source, found) if worst is Outcome.REFER else None
            if node.referral in self._circumstances.approved:
                node.reasons = list(dict.fromkeys((*node.reasons, Reason.RESIDUE, Reason.APPROVED)))
                found = []
        if found:
            return _Fall(worst, Reason.RESIDUE, tuple(f"{hit.path}: {hit.how}" for hit in found))
        node.leaving = self._spool.append(dumps(content))
        node.created_by_us = content.get("created_by_ref") == self._creator
        node.leaving_id = content["id"]
        node.leaving_version = content.get("modified") or content.get("created")
        return None

    def _question(self, node: Node, source: Mapping[str, Any], found: Iterable[Hit]) -> str:
        """The name under which an officer is asked whether these very places of this very object may cross."""
        places = sorted(f"{hit.path} {hit.span} {hit.how}" for hit in found)
        flow = flow_of(self._plan, self._circumstances.purpose)
        return self._keys.referral(node.id, digest_of(source), Reason.RESIDUE, *places, *flow)

    def _add(self) -> None:
        """What crosses refers to our identity and to TLP markings, so these go with it."""
        here = {node.leaving_id for node in self._nodes if node.stands}
        wanted: set[str] = set()
        for node in self._nodes:
            if node.stands:
                wanted.update(target for _, target in node.references if target in TLP_DEFINITIONS)
                if node.created_by_us:
                    wanted.add(self._creator)
        for object_id in sorted(wanted - here):
            built_in = TLP_DEFINITIONS.get(object_id)
            self._additions[object_id] = (
                dict(built_in) if built_in is not None else _identity(self._plan, self._creator)
            )

    def objects(self) -> Iterator[dict[str, Any]]:
        yield from self._additions.values()
        for node in self._nodes:
            if node.stands:
                yield _CONTENT.decode(self._spool.read(node.leaving))

    def decisions(self) -> Iterator[Decision]:
        for node in self._nodes:
            decision = _DECISIONS.decode(self._spool.read(node.decision))
            reasons, explanations = _told(decision, node)
            yield msgspec.structs.replace(
                decision,
                outcome=node.outcome.word,
                reasons=reasons,
                explanations=explanations,
                referral=node.referral or decision.referral,
                references_removed=node.removed if node.stands else 0,
                outgoing_id=node.leaving_id if node.stands else None,
                outgoing_version=node.leaving_version if node.stands else None,
                digest=digest(self._spool.read(node.leaving)) if node.stands else None,
                expires=decision.expires if node.stands else None,
            )
        for object_id, content in self._additions.items():
            yield Decision(
                id=object_id,
                type=content["type"],
                version=content["created"],
                place="added",
                outcome=Outcome.PERMIT.word,
                reasons=(Reason.ADDED.value,),
                explanations=(Reason.ADDED.text,),
                clauses=self._plan.term_grounds.clauses,
                law=(),
                outgoing_id=object_id,
                outgoing_version=content["created"],
                digest=digest(dumps(content)),
            )

    def counts(self) -> Counter[str]:
        counted = Counter({outcome.word: 0 for outcome in Outcome})
        counted.update(node.outcome.word for node in self._nodes)
        counted["crossed"] = sum(node.stands for node in self._nodes) + len(self._additions)
        counted["material"] = sum(node.stands and node.type not in _NOT_MATERIAL for node in self._nodes)
        counted["changed"] = sum(node.stands and node.changed for node in self._nodes)
        return counted

    def retracts(self) -> tuple[str, ...]:
        held = self._circumstances.held
        return tuple(node.id for node in self._nodes if node.stands and node.renamed and held.get(node.id) == node.id)

    def bundle_id(self) -> str:
        """Keyed like every outgoing id, so that it says nothing and is the same for the same release."""
        parts = (self._plan.agreement.digest, self._circumstances.digest, format_instant(self._now))
        leaving = sorted(node.leaving_id for node in self._nodes if node.stands)
        return self._keys.outgoing_id("bundle--" + digest_of([*parts, *leaving]))


def party_identity(plan: Plan, keys: Keys) -> str:
    """The id of the identity that a flow's changed copies name as their creator."""
    return keys.outgoing_id(f"identity--{plan.origin.id}")


def _identity(plan: Plan, object_id: str) -> dict[str, Any]:
    began = format_instant(midnight(plan.epoch_began))
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": object_id,
        "created": began,
        "modified": began,
        "name": plan.origin.name,
        "identity_class": "organization",
    }


def _gets_another_id(obj: StixObject, content: Mapping[str, Any]) -> bool:
    """An observable keeps its id while what the id is made of is untouched (STIX 2.1 section 2.9)."""
    return kind(obj.type) != "sco" or deterministic_id(content) != obj.id


def _but(fields: Any, names: Collection[str]) -> dict[str, Any]:
    """The translated properties without some."""
    return {name: value for name, value in fields.items() if name not in names}


def _told(decision: Decision, node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes and sentences of what was decided first and of what the references and the search added."""
    first = tuple(Reason(code) for code in decision.reasons)
    details = tuple(text for text in decision.explanations if text not in {reason.text for reason in first})
    later = list(node.reasons)
    if node.stands and node.removed:
        later.append(Reason.REFERENCE_REMOVED)
    reasons = (*first, *later) if node.stands else refusing((*first, *later))
    return tuple(reason.value for reason in reasons), explained(reasons, (*details, *node.details))

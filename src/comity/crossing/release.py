"""A release in the making: assessed objects in a spool, the graph over them, and the search before they leave."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec

from comity.agreement import Plan
from comity.canon import REDACT, Category, Kind, Outcome, Role, digest, digest_of, dumps, format_instant, midnight
from comity.crossing.assess import Assessor, pseudonyms_of
from comity.crossing.candidate import flow_of
from comity.crossing.circumstances import Circumstances
from comity.crossing.decision import Decision, explained
from comity.crossing.graph import Graph, Node, anchors
from comity.crossing.keys import Keys
from comity.crossing.outgoing import leave, mentions
from comity.crossing.reasons import Reason, refusing
from comity.crossing.spool import Spool
from comity.crossing.treated import Told, seal, unseal
from comity.material import TLP_DEFINITIONS, InvalidObject, StixObject, deterministic_id, kind, references, validate
from comity.privacy import Detection, Gone, Hit, Residue, treat

_ENCODER = msgspec.json.Encoder()
_DECISIONS = msgspec.json.Decoder(Decision)
_CONTENT = msgspec.json.Decoder()
_DETECTIONS = msgspec.json.Decoder(list[Detection])
_NOT_MATERIAL = frozenset(("marking-definition", "extension-definition"))  # they say something of what crosses


class Fall(NamedTuple):
    """Why an object that was assessed as crossing does not after all."""

    outcome: Outcome
    reason: Reason
    details: tuple[str, ...]


AGAIN = Fall(Outcome.PERMIT, Reason.REDUCED_AGAIN, ())


class Release:
    """A release in the making: assessed objects in a spool, and the graph over them."""

    def __init__(self, plan: Plan, circumstances: Circumstances, keys: Keys, now: dt.datetime, spool: Spool) -> None:
        self._plan, self._keys, self._now, self._spool = plan, keys, now, spool
        self.circumstances = circumstances  # completed by `close` with what was treated
        self._assessor = Assessor(plan, circumstances, keys, now)
        self._nodes: list[Node] = []
        self._told = unseal(circumstances.treated, keys)
        self._gone: dict[Gone, None] = {}
        self._named: dict[str, None] = {}
        self._creator = party_identity(plan, keys)
        self._pseudonyms = pseudonyms_of(plan, keys)
        self._additions: dict[str, dict[str, Any]] = {}

    def take(self, obj: StixObject) -> None:
        """Assess one object and spool what may cross of it."""
        assessment = self._assessor.assess(obj)
        self._gone.update(dict.fromkeys(assessment.gone))
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
            self._named[obj.id] = None  # such an id would give the value away (attack A51)
        self._nodes.append(node)

    def close(self) -> None:
        """Settle the references, then search the release; what holds residue is taken out and the rest settled again.

        INVARIANT: no release leaves in which a treated value is still found (promise 3).
        """
        told = self._told.join(self._gone, self._named, self._left_out())
        self.circumstances = replace(self.circumstances, treated=seal(told, self._keys))
        residue = Residue(told.in_order, source_ids=sorted(told.ids))
        self._gone, self._named, self._told = {}, {}, Told()
        self._translations(told.left_out)
        while True:
            self._graph = Graph(
                self._nodes,
                held=self.circumstances.held,
                newest=self.circumstances.newest,
                built_in=frozenset(TLP_DEFINITIONS),
                outgoing=self._keys.outgoing_id,
            )
            self._graph.settle()
            fallen = [(node, fall) for node in self._nodes if node.stands and (fall := self._finish(node, residue))]
            # Only now, so that the whole round is judged on one settled graph.
            for node, fall in fallen:
                node.outcome = max(node.outcome, fall.outcome)
                node.reasons.append(fall.reason)
                node.details.extend(fall.details)
            if not fallen:
                break
        self._add()

    def _left_out(self) -> dict[str, frozenset[str]]:
        left_out: dict[str, frozenset[str]] = {}
        for node in self._nodes:
            if node.left_out:
                left_out[node.id] = left_out.get(node.id, frozenset()) | node.left_out
        return left_out

    def _translations(self, left_out: Mapping[str, frozenset[str]]) -> None:
        """What was left out of an object does not cross in another language either (promise 3)."""
        for node in self._nodes if left_out else ():
            if not node.stands or node.type != "language-content":
                continue
            content = _CONTENT.decode(self._spool.read(node.content))
            gone = left_out.get(content["object_ref"], frozenset())
            contents = content.get("contents", {})  # where all of them were left out, it is no longer valid
            kept = {language: _but(fields, gone) for language, fields in contents.items()}
            kept = {language: fields for language, fields in kept.items() if fields}
            if kept == contents:
                continue
            node.changed = node.renamed = True
            node.content = self._spool.append(_ENCODER.encode({**content, "contents": kept}))
            node.reasons.append(Reason.PART_ABOVE_CEILING if kept else Reason.NOTHING_LEFT)
            if not kept:
                node.outcome = Outcome.DENY

    def _finish(self, node: Node, residue: Residue) -> Fall | None:
        """Write the object as it leaves; or why it cannot, where it is not valid or residue is found in it."""
        made_of = self._graph.makes(node)
        if node.finished == made_of:
            return None  # written and searched in an earlier round, and nothing it rests on has moved
        source = _CONTENT.decode(self._spool.read(node.content))
        content, node.removed = leave(source, node, self._graph, creator=self._creator, now=self._now)
        if node.changed:
            try:
                validate(StixObject(id=content["id"], type=node.type, content=content, place=""))
            except InvalidObject as error:
                return Fall(Outcome.DENY, Reason.RESULT_INVALID, (error.sentence,))
        hits = residue.search(content)
        if hits:  # what a decision keeps in this very object is listed, not refused
            hits = residue.search(content, kept=_DETECTIONS.decode(self._spool.read(node.kept)))
        node.listed = tuple(f"{content['id']}{hit.path}" for hit in hits if hit.verdict is Outcome.PERMIT)
        found = [hit for hit in hits if hit.verdict is not Outcome.PERMIT]
        if found and self._reduced_again(node, source, residue):
            return AGAIN
        if found:
            worst = max(hit.verdict for hit in found)
            node.referral = self._question(node, source, found) if worst is Outcome.REFER else None
            if node.referral in self.circumstances.approved:
                node.reasons = list(dict.fromkeys((*node.reasons, Reason.RESIDUE, Reason.APPROVED)))
                found = []
        if found:
            return Fall(worst, Reason.RESIDUE, tuple(f"{hit.path}: {hit.how}" for hit in found))
        node.finished = made_of
        node.leaving = self._spool.append(dumps(content))
        node.created_by_us = content.get("created_by_ref") == self._creator
        node.leaving_id = content["id"]
        node.leaving_version = content.get("modified") or content.get("created")
        return None

    def _reduced_again(self, node: Node, source: Mapping[str, Any], residue: Residue) -> bool:
        """Take a value that was treated elsewhere out of this object too, where it stands as written; once.

        A name that only its surroundings told in one object is the same name in another, where nothing told it.
        """
        if Reason.REDUCED_AGAIN in node.reasons:
            return False
        kept = _DETECTIONS.decode(self._spool.read(node.kept))
        hits = [hit for hit in residue.search(source, kept=kept) if hit.verdict is Outcome.DENY]
        spans = [_standing(hit) for hit in hits if hit.how == AS_WRITTEN and hit.category is not None]
        if not spans or len(spans) < len(hits):
            return False
        obj = StixObject(id=node.id, type=node.type, content=source, place="")
        treated = treat(obj, [(span, REDACT) for span in spans], self._pseudonyms)
        if treated.content is None:
            return False
        node.content = self._spool.append(_ENCODER.encode(treated.content))
        node.changed = True
        node.renamed = node.renamed or _gets_another_id(obj, treated.content)
        return True

    def _question(self, node: Node, source: Mapping[str, Any], found: Iterable[Hit]) -> str:
        """The name under which an officer is asked whether these very places of this very object may cross."""
        places = sorted(f"{hit.path} {hit.span} {hit.how}" for hit in found)
        flow = flow_of(self._plan, self.circumstances.purpose)
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
        # INVARIANT: every permit names its clause and law (promise 1); additions rest on what the purpose rests on.
        grounds = self._plan.purposes.get(self.circumstances.purpose, self._plan.term_grounds)
        for object_id, content in self._additions.items():
            yield Decision(
                id=object_id,
                type=content["type"],
                version=content["created"],
                place="added",
                outcome=Outcome.PERMIT.word,
                reasons=(Reason.ADDED.value,),
                explanations=(Reason.ADDED.text,),
                clauses=grounds.clauses,
                law=grounds.law,
                outgoing_id=object_id,
                outgoing_version=content["created"],
                digest=digest(dumps(content)),
            )

    def kept_elsewhere(self) -> tuple[str, ...]:
        return tuple(place for node in self._nodes if node.stands for place in node.listed)

    def counts(self) -> Counter[str]:
        counted = Counter({outcome.word: 0 for outcome in Outcome})
        counted.update(node.outcome.word for node in self._nodes)
        counted["crossed"] = sum(node.stands for node in self._nodes) + len(self._additions)
        counted["material"] = sum(node.stands and node.type not in _NOT_MATERIAL for node in self._nodes)
        counted["changed"] = sum(node.stands and node.changed for node in self._nodes)
        return counted

    def retracts(self) -> tuple[str, ...]:
        held = self.circumstances.held
        return tuple(node.id for node in self._nodes if node.stands and node.renamed and held.get(node.id) == node.id)

    def bundle_id(self) -> str:
        """Keyed like every outgoing id, so that it says nothing and is the same for the same release."""
        parts = (self._plan.agreement.digest, self.circumstances.digest, format_instant(self._now))
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


AS_WRITTEN = "as written"  # how residue names a hit that needs no decoding and no guessing


def _standing(hit: Hit) -> Detection:
    """A hit as a detection, so that treatment takes it like any other."""
    start, end = hit.span
    return Detection(
        path=hit.path,
        start=start,
        end=end,
        value="",
        text="",
        category=hit.category or Category.UNREADABLE,
        role=Role.UNKNOWN,
        confidence=1.0,
        detector="residue",
        why="a value that was treated in another object",
    )


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

"""Which objects cross together, and under which ids: decided on references alone, once every object was assessed.

An object that cannot stand without a reference stays home when that reference does (a relationship without an end, a
report of nothing). An object that lost a reference, or refers to one that leaves under another id, is a changed copy
and so a new object (STIX 2.1 section 3.6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from comity.canon import Outcome
from comity.crossing.reasons import Reason
from comity.material import kind, references

# Properties of which at least one must keep a reference for the object to stand (STIX 2.1 chapters 4 to 7).
_NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "relationship": (("source_ref",), ("target_ref",)),
    "sighting": (("sighting_of_ref",),),
    "report": (("object_refs",),),
    "grouping": (("object_refs",),),
    "note": (("object_refs",),),
    "opinion": (("object_refs",),),
    "observed-data": (("object_refs",),),
    "language-content": (("object_ref",),),
    "network-traffic": (("src_ref", "dst_ref"),),
}
# References that go into the deterministic id of an observable (STIX 2.1 section 2.9).
_CONTRIBUTING = frozenset(("from_ref", "src_ref", "dst_ref", "parent_directory_ref", "extensions"))
_MARKINGS = frozenset(("object_marking_refs", "granular_markings"))


@dataclass(slots=True, kw_only=True)
class Node:
    """An assessed object: what is known of it without its content. Only this stays in memory."""

    id: str
    type: str
    version: str | None
    outcome: Outcome
    decision: int  # spool handle of the decision
    built_in: bool  # one of the nine TLP markings
    content: int = -1  # spool handle of the treated content; -1 where nothing may cross
    kept: int = -1  # spool handle of the detections that a decision keeps
    references: tuple[tuple[str, str], ...] = ()  # (JSON Pointer, id), of the treated content
    anchors: tuple[frozenset[str], ...] = ()  # of each group at least one must resolve
    changed: bool = False  # treatment or dropping changed it
    renamed: bool = False  # so it leaves under another id
    reasons: list[Reason] = field(default_factory=list)  # why it fell out after it was assessed
    details: list[str] = field(default_factory=list)
    removed: int = 0  # references left out
    finished: tuple[object, ...] | None = None  # what `leaving` was made of
    listed: tuple[str, ...] = ()  # places of values that a decision keeps here and treats elsewhere
    leaving: int = -1  # spool handle of the object as it leaves
    leaving_id: str = ""
    leaving_version: str | None = None
    left_out: frozenset[str] = frozenset()  # names of properties of which anything was left out
    referral: str | None = None  # the question to an officer that the search of the release put
    created_by_us: bool = False  # as it leaves, it names the sending party as its creator

    @property
    def stands(self) -> bool:
        return self.outcome is Outcome.PERMIT


def anchors(content: Mapping[str, Any]) -> tuple[frozenset[str], ...]:
    """The groups of references that the object needs; a marking is always needed, each for itself."""
    groups = []
    stix_type = content["type"]
    for names in _NEEDED.get(stix_type, ()):
        targets: set[str] = set()
        for name in names:
            value = content.get(name)
            targets.update(value if isinstance(value, list) else [value] if value is not None else [])
        groups.append(frozenset(targets))
    for pointer, target in references(content):
        first = pointer.split("/", 2)[1]
        if first in _MARKINGS or (kind(stix_type) == "custom" and first != "created_by_ref"):
            groups.append(frozenset((target,)))
    return tuple(groups)


def _supersede(node: Node) -> None:
    if node.stands:
        node.outcome = Outcome.DENY
        node.reasons.append(Reason.SUPERSEDED)


class Graph:
    """The assessed objects of one submission, or of a part of it.

    `held`: source id -> id the partner holds it under. `newest`: of ids with several versions in the whole, the newest.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        *,
        held: Mapping[str, str],
        newest: Mapping[str, str],
        built_in: frozenset[str],
        outgoing: Callable[[str], str],
    ) -> None:
        self.nodes = list(nodes)
        self._held, self._built_in, self._outgoing = held, built_in, outgoing
        self._by_id = self._newest(newest)

    def _newest(self, of_the_whole: Mapping[str, str]) -> dict[str, Node]:
        """One node an id: the newest version that may cross. Older ones are superseded."""
        newest: dict[str, Node] = {}
        for node in self.nodes:
            other = newest.get(node.id)
            if other is None:
                newest[node.id] = node
                continue
            older, newer = (node, other) if (node.version or "") < (other.version or "") else (other, node)
            newest[node.id] = newer
            _supersede(older)
        for node in newest.values():
            if (node.version or "") < of_the_whole.get(node.id, ""):
                _supersede(node)
        return newest

    def settle(self) -> None:
        """Take out what cannot stand, then name what changed; both until nothing moves. Time linear in references."""
        self._fall()
        self._unused()
        self._rename()

    def resolves(self, target: str) -> bool:
        """INVARIANT: a reference leaves only if its target crosses now or is already held there (promise 3)."""
        node = self._by_id.get(target)
        return target in self._built_in or target in self._held or (node is not None and node.stands)

    def name(self, target: str) -> str:
        """The id under which a target that resolves is known to the partner."""
        node = self._by_id.get(target)
        if node is not None and node.stands:
            return self._outgoing(target) if node.renamed else target
        return self._held.get(target, target)

    def makes(self, node: Node) -> tuple[object, ...]:
        """What the object as it leaves is made of: while this is the same, so are its bytes."""
        names = tuple(self.name(target) if self.resolves(target) else None for _, target in node.references)
        return (node.content, node.changed, node.renamed, names)

    def _fall(self) -> None:
        needed_by: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            for group in node.anchors:
                for target in group:
                    needed_by[target].append(node)
        waiting = [node for node in self.nodes if node.stands]
        lost: set[int] = set()  # a fall for want of a reference can deepen when what it waited for is denied
        while waiting:
            node = waiting.pop()
            if not node.stands and id(node) not in lost:
                continue
            missing = [group for group in node.anchors if not any(self.resolves(target) for target in group)]
            # What waits for an officer pulls its dependants into the queue with it; what is denied denies them.
            fate = max((self._fate(group) for group in missing), default=node.outcome)
            if fate <= node.outcome:
                continue
            if node.stands:
                node.reasons.append(Reason.REFERENCE_LOST)
                lost.add(id(node))
            node.outcome = fate
            waiting.extend(needed_by.get(node.id, ()))

    def _fate(self, group: frozenset[str]) -> Outcome:
        fates = [node.outcome for target in group if (node := self._by_id.get(target)) is not None]
        return min((fate for fate in fates if fate is not Outcome.PERMIT), default=Outcome.DENY)

    def _unused(self) -> None:
        """A marking definition goes only where something that crosses bears it; it says nothing alone."""
        borne = {target for node in self.nodes if node.stands for _, target in node.references}
        for node in self.nodes:
            if node.stands and node.type == "marking-definition" and node.id not in borne:
                node.outcome = Outcome.DENY
                node.reasons.append(Reason.NOTHING_BEARS_IT)

    def _rename(self) -> None:
        referrers: dict[str, list[Node]] = defaultdict(list)
        moved: list[Node] = []
        for node in self.nodes:
            if not node.stands or node.built_in:
                continue
            for _, target in node.references:
                referrers[target].append(node)
            if self._held.get(node.id, node.id) != node.id:
                node.changed = node.renamed = True  # the same source keeps the same outgoing id
            if any(not self.resolves(target) or self.name(target) != target for _, target in node.references):
                self._change(node)
            if node.renamed:
                moved.append(node)
        while moved:
            for node in referrers.get(moved.pop().id, ()):
                before = node.renamed
                self._change(node)
                if node.renamed and not before:
                    moved.append(node)

    def _change(self, node: Node) -> None:
        node.changed = True
        if kind(node.type) != "sco":
            node.renamed = True
        elif not node.renamed:
            node.renamed = any(
                pointer.split("/", 2)[1] in _CONTRIBUTING and (not self.resolves(target) or self.name(target) != target)
                for pointer, target in node.references
            )

"""Assessing one object: the steps, its personal data, the share clause; out come a decision and the treated content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comity.agreement import Plan
from comity.canon import REDACT, Kind, Outcome, Tlp, digest_of, format_instant, midnight
from comity.crossing.candidate import Candidate, flow_of
from comity.crossing.circumstances import Circumstances
from comity.crossing.decision import Decision, explained
from comity.crossing.dropping import not_needed, without
from comity.crossing.finding import CLEAR, Finding, denied, referred
from comity.crossing.keys import Keys
from comity.crossing.personal import Judged, is_personal, judge
from comity.crossing.reasons import Reason, refusing
from comity.crossing.saying import object_said, place_said
from comity.crossing.sharing import Sharing, sharing
from comity.crossing.steps import STEPS
from comity.material import (
    StixObject,
    classes,
    object_marking,
    required_properties,
    structural,
    value_markings,
)
from comity.privacy import Detection, Gone, Pseudonyms, detect, prose, treat


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one object comes to, before its references are known to resolve."""

    decision: Decision
    outcome: Outcome
    content: dict[str, Any] | None  # treated; None where nothing of it may cross
    changed: bool
    judged: tuple[Judged, ...]
    dropped: frozenset[str]  # JSON Pointers of what was left out
    gone: tuple[Gone, ...]  # the values that treatment removed: the release is searched for them


_QUESTIONS = frozenset((
    Reason.RELEASE_APPROVED, Reason.COLLECTION_UNKNOWN, Reason.PERSONAL_DATA_NOT_SHARED, Reason.NOTHING_LEFT,
    Reason.DOUBT,
))  # fmt: skip


class Assessor:
    """Assesses the objects of one crossing. Holds what does not change between them; keeps nothing of them."""

    def __init__(self, plan: Plan, circumstances: Circumstances, keys: Keys, now: dt.datetime) -> None:
        self._plan, self._circumstances, self._keys, self._now = plan, circumstances, keys, now
        self._pseudonyms = pseudonyms_of(plan, keys)

    def assess(self, obj: StixObject) -> Assessment:
        candidate = self._candidate(obj)
        finding = CLEAR
        for step in STEPS:
            finding = finding.join(step(candidate))
        nothing_crosses = candidate.plan.standing or candidate.purpose not in candidate.plan.purposes
        if Reason.INVALID in finding.reasons or nothing_crosses:
            # What cannot be read cannot be searched, and where nothing crosses there is nothing to reduce.
            return self._ended(candidate, finding)
        content = without(obj.content, finding.drop) if finding.drop else obj.content
        reduced = _with(obj, content)
        detections = self._detected(reduced)
        shared = sharing(candidate, personal=any(is_personal(d) for d in detections))
        if finding.outcome is not Outcome.DENY:  # one refusal is enough; a second would only hide it
            finding = finding.join(shared.finding)
        left_out = self._left_out(candidate, content, shared)
        if left_out.drop:
            finding = finding.join(left_out)
            content = without(content, left_out.drop)
            reduced = _with(obj, content)
        judged, consequence = judge(candidate, detections, redact_personal=shared.redact_personal)
        # INVARIANT: what stays home, or is left out, does not cross in another object's words either (promise 3): a
        # stricter marking of the one never lets more of the other go.
        stays = left_out.drop or finding.join(consequence).outcome is Outcome.DENY
        secret = tuple(_gone(one) for one in judged if stays and one.treatment.kind is not Kind.KEEP)
        secret = (*secret, *self._unlisted(candidate, finding.drop))
        if left_out.drop:
            detections = self._detected(reduced)
            judged, consequence = judge(candidate, detections, redact_personal=shared.redact_personal)
        return self._treated(candidate, reduced, shared, finding.join(consequence), judged, secret)

    def _unlisted(self, candidate: Candidate, dropped: frozenset[str]) -> Iterator[Gone]:
        """What was personal in the properties that nobody lists: it is searched for elsewhere like all that left."""
        names = {pointer.split("/", 2)[1].replace("~1", "/").replace("~0", "~") for pointer in dropped}
        if not names:
            return
        part = {name: value for name, value in candidate.obj.content.items() if name in names or name in ("id", "type")}
        judged, _ = judge(candidate, self._detected(_with(candidate.obj, part)), redact_personal=False)
        yield from (_gone(one) for one in judged if one.treatment.kind is not Kind.KEEP)

    def _detected(self, obj: StixObject) -> tuple[Detection, ...]:
        """In the order of their places, so that the order of names in the object has no say (promise 8)."""
        found = detect(obj, self._circumstances.neighbourhood)
        return tuple(sorted(found, key=lambda one: (one.path, one.start, one.end, one.category)))

    def _left_out(self, candidate: Candidate, content: Mapping[str, Any], shared: Sharing) -> Finding:
        """Properties the purpose does not need, and parts marked above what the matching clauses let go."""
        unneeded = not_needed(content, shared.properties, required_properties(candidate.obj.type))
        finding = Finding(reasons=(Reason.NOT_NEEDED,), drop=unneeded) if unneeded else CLEAR
        if self._plan.free_text == "withhold":
            finding = finding.join(self._prose(candidate, content, finding.drop))
        never = min((level for level, _ in self._plan.marked_never), default=Tlp.UNKNOWN)
        secret = {p for p, level in candidate.value_markings.items() if level > shared.ceiling or level >= never}
        present = frozenset(p for p in secret if _present(content, p) and not _under(p, finding.drop))
        if present:
            finding = finding.join(Finding(reasons=(Reason.PART_ABOVE_CEILING,), drop=_outermost(present)))
        return finding

    def _prose(self, candidate: Candidate, content: Mapping[str, Any], gone: frozenset[str]) -> Finding:
        """Free text is left out; an object that is nothing without it stays home."""
        required, grounds = required_properties(candidate.obj.type), self._plan.section("free_text")
        names = prose(content)
        if names & required:
            return denied(Reason.FREE_TEXT_WITHHELD, f"{', '.join(sorted(names & required))}", grounds=grounds)
        drop = frozenset("/" + name.replace("~", "~0").replace("/", "~1") for name in names) - gone
        if not drop:
            return CLEAR
        return Finding(reasons=(Reason.FREE_TEXT_WITHHELD,), drop=drop, grounds=grounds)

    def _candidate(self, obj: StixObject) -> Candidate:
        definitions = self._circumstances.definitions
        marking = object_marking(obj.content, definitions)
        parts = value_markings(obj.content, definitions)
        if "" in parts:  # a granular marking that cannot be read marks everything
            marking = max(marking or Tlp.CLEAR, parts[""])
        tied = structural(obj.type)
        return Candidate(
            obj=obj,
            plan=self._plan,
            circumstances=self._circumstances,
            keys=self._keys,
            now=self._now,
            marking=max(self._plan.unmarked, Tlp.GREEN) if marking is None else marking,
            value_markings=parts,
            classes=frozenset() if tied else classes(obj) | {obj.type},
            structural=tied,
        )

    def _treated(
        self,
        candidate: Candidate,
        reduced: StixObject,
        shared: Sharing,
        finding: Finding,
        judged: list[Judged],
        secret: tuple[Gone, ...],
    ) -> Assessment:
        marked = [(j.detection, j.treatment) for j in judged if j.treatment.kind is not Kind.KEEP]
        content: dict[str, Any] | None = dict(reduced.content)
        gone: tuple[Gone, ...] = ()
        if marked and finding.outcome is not Outcome.DENY:
            treated = treat(
                reduced, marked, self._pseudonyms, doubtful=frozenset(j.detection for j in judged if j.awaiting)
            )
            content, gone = treated.content, treated.gone
            if treated.withheld_because is not None:
                reason = Reason.NOTHING_LEFT
                # What waits only because of doubt is the officer's to restore.
                doubtful_only = all(j.awaiting for j in judged if j.treatment.kind is not Kind.KEEP)
                path = treated.withheld_because.path
                why = f"{path}: {treated.withheld_because.because}"
                for one in judged:
                    if one.detection.path == path:  # what took it away is what the refusal rests on
                        finding = finding.join(Finding(grounds=one.grounds))
                finding = finding.join(referred(reason, why) if doubtful_only else denied(reason, why))
            elif treated.changed:
                finding = finding.join(Finding(reasons=(Reason.REDUCED,)))
        gone = tuple(dict.fromkeys((*gone, *secret)))
        if any(j.awaiting for j in judged):
            finding = finding.join(Finding(reasons=(Reason.DOUBT,)))
        changed = content is not None and content != candidate.obj.content
        return self._ended(
            candidate, finding, content=content, changed=changed, judged=tuple(judged), gone=gone, shared=shared
        )

    def _ended(
        self,
        candidate: Candidate,
        finding: Finding,
        *,
        content: dict[str, Any] | None = None,
        changed: bool = False,
        judged: tuple[Judged, ...] = (),
        gone: tuple[Gone, ...] = (),
        shared: Sharing | None = None,
    ) -> Assessment:
        obj, said, referral = candidate.obj, object_said(candidate.obj), None
        if finding.outcome is Outcome.REFER:
            # INVARIANT: an approval answers these questions about this very content, and no other (attack A76).
            asked = [
                *flow_of(self._plan, candidate.purpose),
                *(reason for reason in finding.reasons if reason in _QUESTIONS),
            ]
            referral = self._keys.referral(obj.id, digest_of(obj.content), *asked)
            if referral in self._circumstances.approved:
                finding = Finding(
                    reasons=(*finding.reasons, Reason.APPROVED),
                    grounds=finding.grounds,
                    details=finding.details,
                    drop=finding.drop,
                )
        if finding.outcome is not Outcome.PERMIT and not finding.grounds.clauses:
            finding = finding.join(Finding(grounds=candidate.plan.term_grounds))
        reasons = finding.reasons if finding.outcome is Outcome.PERMIT else refusing(finding.reasons)
        crosses = finding.outcome is Outcome.PERMIT and content is not None
        grounds = finding.grounds
        # A refusal cites what refuses; what the clauses say of each detection stands in the detection's own line.
        for one in judged if finding.outcome is not Outcome.DENY else ():
            grounds = grounds.join(one.grounds)
        return Assessment(
            decision=Decision(
                id=said.id,
                type=said.type,
                version=said.version,
                place=obj.place,
                outcome=finding.outcome.word,
                reasons=tuple(reason.value for reason in reasons),
                explanations=explained(reasons, finding.details),
                clauses=grounds.clauses,
                law=grounds.law,
                detections=tuple(one.decision for one in judged),
                marking=candidate.marking.word if candidate.marking is not Tlp.UNKNOWN else "unknown",
                dropped=tuple(sorted(map(place_said, finding.drop))),
                referral=referral,
                expires=self._expires(candidate, shared, judged) if crosses else None,
            ),
            outcome=finding.outcome,
            content=content if finding.outcome is not Outcome.DENY else None,
            changed=changed,
            judged=judged,
            dropped=finding.drop,
            gone=gone,
        )

    def _expires(self, candidate: Candidate, shared: Sharing | None, judged: tuple[Judged, ...]) -> str | None:
        """The earliest end that any clause sets, counted from the first receipt (promise 6)."""
        if shared is None or shared.retention is None:
            return None
        start = self._circumstances.first_receipt.get(candidate.obj.id, self._now)
        spans = [shared.retention]
        if self._plan.retention_personal is not None and any(_remains_personal(one) for one in judged):
            spans.append(self._plan.retention_personal)
        ends = [format_instant(span.after(start)) for span in spans]
        ends.extend(one.decision.expires for one in judged if one.decision.expires is not None)
        if self._plan.sunset is not None:
            ends.append(format_instant(midnight(self._plan.sunset + dt.timedelta(days=1))))
        return min(ends)


def pseudonyms_of(plan: Plan, keys: Keys) -> Pseudonyms:
    """Those of one agreement in the epoch of the plan's day."""
    return Pseudonyms(keys.derived("pseudonyms"), plan.epoch_began.isoformat())


def _gone(one: Judged) -> Gone:
    return Gone(category=one.detection.category, value=one.detection.value, text=one.detection.text)


def _remains_personal(one: Judged) -> bool:
    return is_personal(one.detection) and not one.treatment.at_least(REDACT)


def _with(obj: StixObject, content: Mapping[str, Any]) -> StixObject:
    if content is obj.content:
        return obj
    return StixObject(id=obj.id, type=obj.type, content=content, place=obj.place)


def _present(content: Any, pointer: str) -> bool:
    """Whether the pointer still points at something."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(content, list) and name.isdigit() and int(name) < len(content):
            content = content[int(name)]
        elif isinstance(content, Mapping) and name in content:
            content = content[name]
        else:
            return False
    return True


def _outermost(pointers: frozenset[str]) -> frozenset[str]:
    """Without those that lie inside another: what is left out takes them along."""
    return frozenset(p for p in pointers if not any(p.startswith(other + "/") for other in pointers))


def _under(path: str, pointers: frozenset[str]) -> bool:
    return any(path == pointer or path.startswith(pointer + "/") for pointer in pointers)

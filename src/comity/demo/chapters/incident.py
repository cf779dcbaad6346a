"""Chapter three: the incident before and after, once a second person has approved its release."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from comity.agreement import Grounds, Plan
from comity.crossing import Crossing, Decision
from comity.demo.chapter import Chapter, Check
from comity.demo.marked import Legend, after, before, marks
from comity.demo.packaged import INCIDENT
from comity.demo.release import as_it_left, decision_on, readable
from comity.demo.stage import COUNTRIES, PURPOSE, Stage, release_referrals
from comity.law import Law
from comity.material import StixObject
from comity.privacy import detect

PARTNER = "cert-br"


def incident(stage: Stage) -> Chapter:
    first = stage.crossing(INCIDENT, PARTNER)
    crossings = {partner: stage.approved(INCIDENT, partner) for partner in COUNTRIES}
    plan = stage.plan(PARTNER)
    shown = [
        _Text(stage, crossings[PARTNER], kind, name)
        for kind, name in (("incident", "description"), ("note", "content"))
    ]
    return Chapter(
        title="The incident, before and after",
        intro=f"It waited for a person; a second one has approved its release to {COUNTRIES[PARTNER]}, without the "
        "spans that are in doubt. What stood there before is shown on this screen only because all of it is invented.",
        body=(*(part for text in shown for part in text.body(plan)), _common(stage.law, plan.personal_grounds)),
        checks=tuple(_checks(stage, first, crossings, shown)),
        facts={"texts": [text.facts() for text in shown]},
    )


def _common(law: Law, grounds: Grounds) -> RenderableType:
    """What every line above also rests on."""
    told = [f"{fact} ({law.fact(fact).citation})" for fact in grounds.law]
    return Text(f"Whatever of this crosses also rests on {', '.join(grounds.clauses)}; {'; '.join(told)}.", style="dim")


class _Text:
    """One text of the incident, at home and abroad, with its detections."""

    def __init__(self, stage: Stage, crossing: Crossing, kind: str, name: str) -> None:
        self.obj = _doubtful(stage, crossing, kind)
        self.name = name
        self.decision = decision_on(crossing, self.obj.id)
        left = as_it_left(crossing, self.obj.id)
        self.source: str = self.obj.content[name]
        self.result: str = left[name] if left else ""
        neighbourhood = crossing.circumstances.neighbourhood
        every = zip(detect(self.obj, neighbourhood), self.decision.detections, strict=True)
        self.found = [pair for pair in every if pair[0].path == f"/{name}"]

    def body(self, plan: Plan) -> Iterator[RenderableType]:
        legend = Legend(plan, PURPOSE)
        placed = marks(self.found, legend)
        what = f"{self.obj.type}, {self.name}"
        yield Panel(before(self.source, placed), title=f"before: {what}", title_align="left")
        yield Panel(after(self.source, self.result, placed), title=f"after: {what}", title_align="left")
        yield legend.table()

    def facts(self) -> dict[str, object]:
        return {
            "object": self.obj.id,
            "detections": [
                {"category": d.category, "role": d.role, "treatment": d.treatment, "confidence": d.confidence}
                for _, d in self.found
            ],
        }


def _doubtful(stage: Stage, crossing: Crossing, kind: str) -> StixObject:
    """The object of a type of the incident that crosses with most found in it."""
    objects = [obj for obj in stage.material(INCIDENT).bundle if obj.type == kind]
    return max(objects, key=lambda obj: _weight(decision_on(crossing, obj.id)))


def _weight(decision: Decision) -> tuple[bool, int, int]:
    awaiting = sum(one.outcome == "refer" for one in decision.detections)
    return decision.crossed, awaiting, len(decision.detections)


def _checks(stage: Stage, first: Crossing, crossings: dict[str, Crossing], shown: list[_Text]) -> Iterator[Check]:
    waited = release_referrals(first)
    released = [d for d in crossings[PARTNER].decisions() if d.referral in waited]
    yield Check(
        shown="a person decides what a rule cannot: the incident waits, and crosses once approved",
        held=bool(waited) and shown[0].decision.crossed and not decision_on(first, shown[0].obj.id).crossed,
        evidence=f"{len(waited)} objects waited, {sum(d.crossed for d in released)} of them crossed after approval",
    )
    doubts = [one for text in shown for _, one in text.found if one.outcome == "refer"]
    yield Check(
        shown="doubtful spans are stripped and asked about; the certain part goes",
        held=bool(doubts)
        and all(one.treatment == "redact" for one in doubts)
        and all(t.decision.crossed for t in shown),
        evidence=f"{len(doubts)} spans stripped: " + ", ".join(sorted({one.category for one in doubts})),
    )
    people = stage.packaged.planted("people")
    at_home = readable((obj.content for obj in stage.material(INCIDENT).bundle), people)
    betrayed = {partner: readable(one.objects(), people) for partner, one in crossings.items()}
    yield Check(
        shown=f"nobody can be read out of the release: {len(people)} planted values looked for",
        held=bool(people) and at_home == people and not any(betrayed.values()),
        evidence=f"at home {len(at_home)}, "
        + ", ".join(f"in {COUNTRIES[partner]} {len(found)}" for partner, found in betrayed.items()),
    )
    special = [one for text in shown for _, one in text.found if one.category == "health"]
    yield Check(
        shown="special categories never cross",
        held=bool(special) and all(one.treatment in ("redact", "withhold") for one in special),
        evidence=f"{len(special)} health details found in what is shown, purpose {PURPOSE}",
    )

"""Chapter two: real ATT&CK, real MISP events and the invented incident meet both annexes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from comity.agreement import Grounds, Plan
from comity.crossing import Crossing, Decision, Reason
from comity.demo.chapter import Chapter, Check
from comity.demo.packaged import INCIDENT, MATERIALS
from comity.demo.release import faults, readable
from comity.demo.stage import COUNTRIES, PURPOSE, Stage

ROWS = 12  # of the table of what stayed; the rest is counted


def screening(stage: Stage) -> Chapter:
    crossings = {(name, partner): stage.crossing(name, partner) for name in MATERIALS for partner in COUNTRIES}
    stayed = list(_stayed(crossings))
    return Chapter(
        title="Five files, two borders",
        intro=f"Screened for {PURPOSE}. What is certain crosses at once; what the agreement lets a person decide "
        "waits; the rest stays home.",
        body=(_counts(stage, crossings), _reasons(stage, stayed)),
        checks=tuple(_checks(stage, crossings, stayed)),
        facts={
            "crossings": [
                {"file": name, "to": partner, "objects": len(stage.material(name).bundle), "counts": dict(one.counts)}
                for (name, partner), one in crossings.items()
            ],
            "losses": {name: len(stage.material(name).losses) for name in MATERIALS},
        },
    )


def _counts(stage: Stage, crossings: dict[tuple[str, str], Crossing]) -> RenderableType:
    table = Table("file", "objects", "to", "cross", "reduced", "wait", "stay", title="What crossed")
    for column in (table.columns[1], *table.columns[3:]):
        column.justify = "right"
    for (name, partner), crossing in crossings.items():
        counts, again = crossing.counts, partner != next(iter(COUNTRIES))
        table.add_row(
            "" if again else MATERIALS[name],
            "" if again else str(len(stage.material(name).bundle)),
            COUNTRIES[partner],
            str(counts["permit"]),
            str(counts["changed"]),
            str(counts["refer"]),
            str(counts["deny"]),
        )
    return table


def _stayed(crossings: dict[tuple[str, str], Crossing]) -> Iterator[tuple[str, Decision]]:
    for (_, partner), crossing in crossings.items():
        yield from ((partner, decision) for decision in crossing.decisions() if not decision.crossed)


def _reasons(stage: Stage, stayed: list[tuple[str, Decision]]) -> RenderableType:
    """What stayed and why, both partners together: one row for decisions that read alike."""
    rows: dict[str, _Row] = {}
    for partner, decision in stayed:
        rows.setdefault(_why(decision), _Row()).add(decision, stage.plan(partner))
    ordered = sorted(rows.items(), key=lambda row: -row[1].types.total())
    table = Table("what", "why", "clauses and law", title="What stayed home or waits, both countries together")
    table.columns[1].ratio, table.columns[2].ratio = 3, 2
    for why, row in ordered[:ROWS]:
        table.add_row(Text(row.what), Text(why), Text("\n".join(row.cited), overflow="fold"))
    if len(rows) > ROWS:
        table.caption = (
            f"and {sum(row.types.total() for _, row in ordered[ROWS:])} objects for {len(rows) - ROWS} other reasons"
        )
    return table


# What a decision also says when something else has kept the object.
_BESIDE = (
    Reason.PERMITTED,
    Reason.CARRIED,
    Reason.REDUCED,
    Reason.PROPERTY_UNKNOWN,
    Reason.NOT_NEEDED,
    Reason.REFERENCE_REMOVED,
)
# Reasons that lie in what was found in the object, so that the clauses on personal data are why it stayed.
_FOUND = frozenset((Reason.NOTHING_LEFT, Reason.WITHHELD_BY_RULE, Reason.NO_RULE, Reason.RESIDUE, Reason.DOUBT))


def _kept_by(decision: Decision) -> list[Reason]:
    reasons = [Reason(reason) for reason in decision.reasons]
    return [reason for reason in reasons if reason not in _BESIDE]


def _why(decision: Decision) -> str:
    return f"{decision.outcome}: " + "; ".join(dict.fromkeys(reason.text for reason in _kept_by(decision)))


class _Row:
    """Objects that stayed for one reason, with every clause and law that kept them."""

    def __init__(self) -> None:
        self.types: Counter[str] = Counter()
        self.cited: dict[str, None] = {}

    def add(self, decision: Decision, plan: Plan) -> None:
        self.types[decision.type] += 1
        found = Grounds()
        for one in decision.detections:
            found = found.join(Grounds(clauses=one.clauses, law=one.law))
        grounds, beside = Grounds(clauses=decision.clauses, law=decision.law), found
        if _FOUND.intersection(_kept_by(decision)):
            grounds, beside = grounds.join(found), Grounds()
        # What every share and all personal data of the flow rests on would drown what kept this one.
        common = plan.personal_grounds.join(plan.purposes[PURPOSE]).join(beside)
        clauses = [c for c in grounds.clauses if c not in common.clauses and ":retention" not in c]
        law = [fact for fact in grounds.law if fact not in common.law]
        self.cited |= dict.fromkeys((*(clauses or grounds.clauses[:1]), *law))

    @property
    def what(self) -> str:
        return "\n".join(f"{times} {kind}" for kind, times in self.types.most_common())


def _checks(
    stage: Stage, crossings: dict[tuple[str, str], Crossing], stayed: list[tuple[str, Decision]]
) -> Iterator[Check]:
    real = [one for (name, _), one in crossings.items() if name != INCIDENT]
    yield Check(
        shown="real ATT&CK and real MISP events cross to both countries",
        held=bool(real) and all(one.counts["material"] > 0 for one in real),
        evidence=f"{sum(one.counts['material'] for one in real)} objects in {len(real)} crossings",
    )
    unfounded = sum(not (decision.clauses and decision.reasons) for _, decision in stayed)
    yield Check(
        shown="what stays home or waits has its reason and its clause",
        held=bool(stayed) and not unfounded,
        evidence=f"{len(stayed)} decisions, {unfounded} without",
    )
    wrong = [fault for one in crossings.values() for fault in faults(one)]
    crossed = sum(one.counts["crossed"] for one in crossings.values())
    yield Check(
        shown="what crosses is valid STIX 2.1, and no reference in it dangles",
        held=crossed > 0 and not wrong,
        evidence=f"{crossed} objects, {len(wrong)} faults",
    )
    threat = stage.packaged.planted("threat")
    useful = [readable(crossings[INCIDENT, partner].objects(), threat) for partner in COUNTRIES]
    yield Check(
        shown="the threat stays useful: attackers' addresses, domains and hashes cross",
        held=bool(threat) and all(found == threat for found in useful),
        evidence=f"{min(map(len, useful))} of {len(threat)} planted values in each release",
    )

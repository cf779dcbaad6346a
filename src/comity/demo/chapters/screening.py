"""Chapter two: real ATT&CK, real MISP events and the invented incident meet both annexes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from comity.crossing import Crossing, Decision
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
        intro=f"Screened for {PURPOSE}. What is certain crosses at once; what the agreement lets a person decide waits; "
        "the rest stays home.",
        body=(_counts(stage, crossings), _reasons(stayed)),
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
    for column in table.columns[1:2] + table.columns[3:]:
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


def _reasons(stayed: list[tuple[str, Decision]]) -> RenderableType:
    """What stayed and why, both partners together: one row for decisions that read alike."""
    groups: Counter[tuple[str, str, str, str]] = Counter()
    types: dict[tuple[str, str, str, str], Counter[str]] = {}
    for _, decision in stayed:
        why = "; ".join(dict.fromkeys(decision.explanations))
        key = (decision.outcome, why, "\n".join(decision.clauses), "\n".join(decision.law))
        groups[key] += 1
        types.setdefault(key, Counter())[decision.type] += 1
    table = Table("what", "why", "clauses", "law", title="What stayed home or waits, and why")
    table.columns[1].ratio = 2
    for key, _ in groups.most_common(ROWS):
        outcome, why, clauses, law = key
        what = "\n".join(f"{times} {kind}" for kind, times in types[key].most_common())
        table.add_row(what, f"[{'yellow' if outcome == 'refer' else 'red'}]{outcome}[/]: {why}", clauses, law)
        table.add_section()
    if len(groups) > ROWS:
        table.caption = f"and {len(groups) - ROWS} more sorts of decision"
    return table


def _checks(
    stage: Stage, crossings: dict[tuple[str, str], Crossing], stayed: list[tuple[str, Decision]]
) -> Iterator[Check]:
    real = [one for (name, _), one in crossings.items() if name != INCIDENT]
    yield Check(
        shown="real ATT&CK and real MISP events cross to both countries",
        held=all(one.counts["material"] > 0 for one in real),
        evidence=f"{sum(one.counts['material'] for one in real)} objects in {len(real)} crossings",
    )
    unfounded = sum(not (decision.clauses and decision.reasons) for _, decision in stayed)
    yield Check(
        shown="what stays home or waits has its reason and its clause",
        held=bool(stayed) and not unfounded,
        evidence=f"{len(stayed)} decisions, {unfounded} without",
    )
    wrong = [fault for one in crossings.values() for fault in faults(one)]
    yield Check(
        shown="what crosses is valid STIX 2.1, and no reference in it dangles",
        held=not wrong,
        evidence=f"{sum(one.counts['crossed'] for one in crossings.values())} objects, {len(wrong)} faults",
    )
    threat = stage.packaged.planted["threat"]
    useful = [readable(crossings[INCIDENT, partner], threat) for partner in COUNTRIES]
    yield Check(
        shown="the threat stays useful: attackers' addresses, domains and hashes cross",
        held=all(found == threat for found in useful),
        evidence=f"{min(map(len, useful))} of {len(threat)} planted values in each release",
    )

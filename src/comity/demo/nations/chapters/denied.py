"""A denial, with the clause and the law that it rests on."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from comity.demo.chapter import Chapter, Check
from comity.demo.nations.world import COUNTRIES, PARTNERS, World
from comity.demo.packaged import INCIDENT

MOST = 4  # rows a partner


def denied(world: World) -> Chapter:
    world.doing("reading what stayed home, and why")
    submission = world.submissions[INCIDENT]
    lines: dict[str, list[dict[str, Any]]] = {
        party: world.desk("officer").get(f"/api/submissions/{submission}/decisions", partner=party)
        for party in PARTNERS
    }
    refusals = {party: [one for one in found if one["outcome"] == "deny"] for party, found in lines.items()}
    table = Table("to", "object", "why it stays home", "clauses", "law")
    table.columns[2].ratio = 2
    for party, found in refusals.items():
        for one in sorted(found, key=lambda line: -len(line["law"]))[:MOST]:
            table.add_row(
                COUNTRIES[party], one["type"], Text("; ".join(one["explanations"])), Text("\n".join(one["clauses"])),
                Text("\n".join(one["law"])),
            )  # fmt: skip
    lawful = [one for found in refusals.values() for one in found if one["law"]]
    return Chapter(
        title="What stays home, and why",
        intro="No agreement, no crossing: every refusal names its clause, and the law where a law refuses. The record "
        "holds places, categories and reasons, and never a value.",
        body=(table,),
        checks=(
            Check(
                shown="every refusal names its clause, and the law where one refuses",
                held=bool(lawful) and all(one["clauses"] for found in refusals.values() for one in found),
                evidence=f"{sum(map(len, refusals.values()))} refusals, {len(lawful)} of them with the law",
            ),
        ),
        facts={"refused": {party: len(found) for party, found in refusals.items()}},
    )

"""Three nodes agree: a baseline and two annexes, signed by each node's own key, accepted by each that they bind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from comity.demo.chapter import Chapter, Check
from comity.demo.nations.parley import conclude
from comity.demo.nations.world import COUNTRIES, World, status


def agreed(world: World) -> Chapter:
    world.doing("signing and accepting a baseline and two annexes")
    agreements = conclude(world.packaged, {party: world.desk("officer", party) for party in world.nations})
    logs = {party: _witnessed(world, party) for party in world.nations}
    flows = world.desk("officer").get("/api/flows")
    open_ones = [flow for flow in flows if flow["in_force"]]
    nodes = Table("node", "at", "pinned in the agreements", "its log is witnessed by")
    for party, nation in world.nations.items():
        witnesses = ", ".join(one["party"] for one in logs[party]["witnesses"])
        nodes.add_row(COUNTRIES[party], nation.url, Text(nation.pinned, overflow="ellipsis", no_wrap=True), witnesses)
    return Chapter(
        title="Three nations agree",
        intro="Each node runs in processes of its own, with its own keys and databases. The worked agreements are "
        "signed by each node's key; each checks them against the law pack before it accepts. Then the nodes meet: each "
        "shows a card signed with its pinned key, and each becomes a witness of the others' logs.",
        body=(nodes,),
        checks=(
            Check(
                shown="a baseline and two annexes are in force, signed by every party",
                held=len(agreements) == 3 and len(open_ones) == 4,
                evidence=f"{', '.join(agreements)}; {len(open_ones)} flows open",
            ),
            Check(
                shown="each log is witnessed by both other nodes",
                held=all(len(log["witnesses"]) == 2 and log["fresh"] for log in logs.values()),
                evidence="; ".join(f"{party}: {log['published_size']} entries" for party, log in logs.items()),
            ),
        ),
        facts={"agreements": agreements, "logs": {party: dict(log) for party, log in logs.items()}},
    )


def _witnessed(world: World, party: str) -> Mapping[str, Any]:
    def fresh(log: Mapping[str, Any]) -> bool:
        return bool(log["fresh"]) and len(log["witnesses"]) == len(world.nations) - 1

    return world.until(f"the others witness the log of {party}", lambda: status(world, party), fresh)

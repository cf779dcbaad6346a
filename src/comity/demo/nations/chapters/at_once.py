"""Indicators cross at once: real intelligence, released by rule, witnessed, read, verified and countersigned."""

from __future__ import annotations

from rich.table import Table

from comity.demo.chapter import Chapter, Check
from comity.demo.nations.stopwatch import Stopwatch
from comity.demo.nations.world import COUNTRIES, PARTNERS, World
from comity.demo.packaged import MATERIALS

FILES = ("attack-ics-slice.json", "misp/eset-kamino.json")
PURPOSE = "threat-detection"


def at_once(world: World) -> Chapter:
    table = Table("material", "to", "objects", "cross", "wait", "stay home", "seconds to the receipt")
    table.columns[0].ratio = 2
    crossed, releases = 0, []
    analyst = world.desk("analyst")
    for file in FILES:
        world.doing(f"submitting {MATERIALS[file]}")
        submission = analyst.send("/api/submissions", world.packaged.read(file), file)
        delivering = Stopwatch()
        whole = analyst.post(f"/api/submissions/{submission['id']}/submit", to=list(PARTNERS), purpose=PURPOSE)
        found = world.delivered(submission["id"])
        took = delivering.seconds
        releases += found
        for crossing in whole["crossings"]:
            counts = crossing["counts"]
            crossed += counts["material"]
            row = (submission["objects"], counts["material"], counts["refer"], counts["deny"])
            table.add_row(MATERIALS[file], COUNTRIES[crossing["partner"]], *map(str, row), f"{took:.1f}")
    complete = sum(one["complete_at"] is not None for one in releases)
    return Chapter(
        title="Indicators cross at once",
        intro="An analyst submits real threat intelligence to both partners. Every object is decided against the "
        "agreement and the law of both sides. What is a plain permit is released at once: billed, logged, and readable "
        "as soon as both partners have witnessed the log. Their nodes read it, verify it, and countersign.",
        body=(table,),
        checks=(
            Check(
                shown="what a rule permits crosses with nobody in between, and is countersigned",
                held=crossed > 0 and complete == len(releases) > 0,
                evidence=f"{crossed} objects in {len(releases)} releases, {complete} complete",
            ),
        ),
        facts={"crossed": crossed, "releases": [one["id"] for one in releases]},
    )

"""Time moves on and retention is reached: gone on both sides, and unreadable in yesterday's copy."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

from rich.table import Table

from comity.canon import parse_instant
from comity.demo.chapter import Chapter, Check
from comity.demo.nations.nation import DATABASES, Nation
from comity.demo.nations.world import BEGINS, COUNTRIES, ORIGIN, PARTNERS, World
from comity.demo.packaged import INCIDENT

LATER = dt.timedelta(days=61)  # the annexes keep incidents and personal data for 60 days


def gone(world: World) -> Chapter:
    submission = world.submissions[INCIDENT]
    before = {one["id"]: one for one in world.releases_of(submission)}
    due = {release: _due(world, release) for release in before}
    world.doing("copying every database, as a backup would")
    copies = {party: nation.copy(world.folder / "yesterday" / party) for party, nation in world.nations.items()}
    world.set_clock(BEGINS + LATER)
    after = world.until(
        f"{LATER.days} days pass: both sides delete, and the receivers prove it",
        lambda: world.releases_of(submission),
        lambda releases: all(_kept_its_terms(one, before, due) for one in releases),
    )
    opened = {party: _old_copy(world.nations[party], copies[party]) for party in (ORIGIN, *PARTNERS)}
    planted = [*world.packaged.planted("people"), *world.packaged.planted("threat")]
    found = {party: _found(world.nations[party], planted) for party in world.nations}
    table = Table("", "of the incident before", "due", "still there", "deletion proved", "of yesterday's copy opens")
    for party in PARTNERS:
        mine = [one for one in after if one["partner"] == party]
        counts = (
            sum(before[one["id"]]["standing"] for one in mine),
            sum(due[one["id"]] for one in mine),
            sum(one["standing"] for one in mine),
            sum(one["deleted_there"] for one in mine),
        )
        table.add_row(COUNTRIES[party], *map(str, counts), _of(opened[party]))
    table.add_row(COUNTRIES[ORIGIN], "", "", "", "", _of(opened[ORIGIN]))
    return Chapter(
        title="What came on terms leaves on terms",
        intro=f"The clock is moved {LATER.days} days on. Both annexes keep an incident, and personal data, for sixty. "
        "Each node destroys the keys first, then the rows; each receiver signs what it deleted. Then yesterday's copy "
        "of each database is tried with today's keys.",
        body=(table,),
        checks=(
            Check(
                shown="retention is reached: gone on both sides, with signed receipts",
                held=sum(due.values()) > 0 and all(_kept_its_terms(one, before, due) for one in after),
                evidence=f"{sum(due.values())} objects due in {len(after)} releases, all proved deleted, no other gone",
            ),
            Check(
                shown="what was deleted is unreadable in yesterday's copy, and the rest of it still opens",
                held=all(one["unreadable"] > 0 and one["readable"] > 0 for one in opened.values()),
                evidence="; ".join(f"{party}: {_of(one)}" for party, one in opened.items()),
            ),
            Check(
                shown="no planted value stands in clear in any file of any node",
                held=not any(found.values()),
                evidence=f"{len(planted)} values looked for in "
                f"{sum(len(nation.files()) for nation in world.nations.values())} files, and in the copies",
            ),
        ),
        facts={"due": due, "opened": opened, "found": found},
    )


def _due(world: World, release: str) -> int:
    """How many objects of a release end before the clock will stand, as its bill says."""
    bill = world.desk("officer").get(f"/api/releases/{release}/bill")
    return sum(parse_instant(one["expires"]) <= BEGINS + LATER for one in bill["listed"])


def _kept_its_terms(release: dict[str, Any], before: dict[str, dict[str, Any]], due: dict[str, int]) -> bool:
    """What was due is gone here and proved deleted there, and nothing else is gone."""
    left = before[release["id"]]["standing"] - due[release["id"]]
    return bool(release["standing"] == left and release["deleted_there"] == due[release["id"]])


def _of(opened: dict[str, int]) -> str:
    return f"{opened['readable']} of {opened['readable'] + opened['unreadable']}"


def _old_copy(nation: Nation, copy: Any) -> dict[str, int]:
    """How many boxes of the copy open with today's keys. In a process of its own, which is that node for a moment."""
    command = [sys.executable, "-m", "comity.demo.nations.old_copy", str(nation.folder), str(copy)]
    # Our own program, and a folder that the demo made.
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    counted: dict[str, int] = json.loads(done.stdout)
    return counted


def _found(nation: Nation, values: list[str]) -> list[str]:
    """Values that stand in clear in a file of the node, its databases with their logs among them."""
    needles = [value.encode() for value in values if len(value) > 5]
    files = [*nation.files(), *(nation.folder.parent / "yesterday" / nation.party).glob(f"{DATABASES[0]}*")]
    texts = [path.read_bytes() for path in files if path.exists()]
    return [needle.decode() for needle in needles if any(needle in text for text in texts)]

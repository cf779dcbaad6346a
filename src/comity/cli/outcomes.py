"""What a node made of a submission, for people: who was sent how much, what waits, what stays home and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from comity.cli.remote import NOTHING_MAY, ONLY_WAITING
from comity.cli.terminal import out, safe

WAITS = {
    "stale-proof": "no partner has vouched for the log lately; `comity release` sends it when one has",
    "no-agreement": "no agreement in force lets anything go today",
    "not-decided": "its agreement could not be applied, and nothing went there",
}
MOST = 20  # lines of a list; --json has everything


def show_submission(said: Mapping[str, Any]) -> None:
    """A file as it was read."""
    out.print(f"[bold]{safe(said['id'])}[/] {safe(said['format'])}, {said['objects']} objects", highlight=False)
    for name, rows in (
        ("left out by the conversion", said["losses"]),
        ("no valid STIX, and never sent", said["invalid"]),
    ):
        if rows:
            out.print(f"  [yellow]{name}: {len(rows)}[/]", highlight=False)
        for row in rows[:MOST]:
            out.print(f"    {safe(row['place'])}: {safe(row['what'])}, {safe(row['why'])}", highlight=False)


def show_crossings(crossings: Iterable[Mapping[str, Any]]) -> None:
    """A line for each partner, and below it what stays home and why."""
    listed = list(crossings)
    table = Table("partner", "agreement", "sent", "has it", "stripped", "waiting", "stays home", box=SIMPLE_HEAD)
    for one in listed:
        counts = one["counts"]
        cells = (counts[name] for name in ("released", "unchanged", "stripped-spans", "refer", "deny"))
        table.add_row(safe(one["partner"]), safe(one["agreement"]), *map(str, cells))
    out.print(table)
    for one in listed:
        if one["waits"]:
            out.print(f"[yellow]{safe(one['partner'])} waits:[/] {safe(WAITS.get(one['waits'], one['waits']))}")
        for release in one["releases"]:
            out.print(f"  release {safe(release)} to {safe(one['partner'])}", highlight=False)
        for why, count in list(one["stayed"].items())[:MOST]:
            out.print(f"  [red]{count} stay home[/]: {safe(why)}", highlight=False)


def exit_status(crossings: Iterable[Mapping[str, Any]]) -> int:
    """0 when a partner was sent something or has it, 4 when only a person's answer is missing, 3 when nothing may."""
    listed = [one["counts"] for one in crossings]
    if any(counts["released"] or counts["unchanged"] for counts in listed):
        return 0
    return ONLY_WAITING if any(counts["refer"] for counts in listed) else NOTHING_MAY

"""The incident: stripped and gone; its doubtful part approved by a second person, and following as a delta."""

from __future__ import annotations

from typing import Any

from rich.columns import Columns
from rich.panel import Panel
from rich.pretty import Pretty
from rich.table import Table
from rich.text import Text

from comity.crossing import Reason
from comity.demo.chapter import Chapter, Check
from comity.demo.nations.desk import Refused
from comity.demo.nations.world import COUNTRIES, World
from comity.demo.packaged import INCIDENT

REASON, PURPOSE, COLLECTED_BY, GROUND = "incident", "incident-response", "victim-log", "needed-for-purpose"
SHOWN = ("name", "description", "value", "pattern", "abstract", "content")


def incident(world: World) -> Chapter:
    analyst, officer = world.desk("analyst"), world.desk("officer")
    world.doing("telling both partners of the incident")
    told = analyst.send(
        "/api/tell", world.packaged.read(INCIDENT), INCIDENT, purpose=PURPOSE, reason=REASON, collected_by=COLLECTED_BY
    )
    submission = world.submissions[INCIDENT] = told["submission"]
    first = world.delivered(submission)
    asked = officer.get("/api/questions", submission=submission)
    own = _own(world, asked[0])
    looked = {question["id"]: officer.get(f"/api/questions/{question['id']}") for question in _releases(asked)[:4]}
    approved = []
    for question in _releases(asked)[:4]:
        world.doing(f"a second person looks, and approves {question['object_id']} for {question['partner']}")
        shown = officer.get(f"/api/questions/{question['id']}")  # what was approved before can have changed it
        officer.post(f"/api/questions/{question['id']}/approve", shown=shown["shown"], ground=GROUND)
        approved.append(question)
    after = world.delivered(submission)
    delta = [one for one in after if one["id"] not in {release["id"] for release in first}]
    return Chapter(
        title="The incident, stripped and gone",
        intro="A hospital was attacked; the report holds patients and staff. One person tells both partners at once: "
        "every doubtful span is stripped, and the certain rest goes. What a rule cannot decide waits for somebody who "
        "did not submit it. What that person approves follows, and nothing that is there already goes twice.",
        body=(_table(told), _answer(own), *_before_and_after(list(looked.values()))),
        checks=(
            Check(
                shown="the certain part goes without waiting for the rest",
                held=bool(first) and all(row["told"] > 0 for row in told["partners"]) and bool(asked),
                evidence=f"{len(first)} releases complete, {len(asked)} questions open",
            ),
            Check(
                shown="who submitted it cannot approve it",
                held=own is not None,
                evidence=own.sentence if own else "it was approved",
            ),
            Check(
                shown="what a second person approves follows as a delta",
                held=bool(delta) and all(one["complete_at"] for one in delta),
                evidence=f"{len(approved)} approvals, {len(delta)} further releases",
            ),
        ),
        facts={"submission": submission, "told": told, "approved": [one["object_id"] for one in approved]},
    )


def _releases(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The questions whether an object may be released at all."""
    return [one for one in asked if Reason.RELEASE_APPROVED.value in one["reasons"] and not one["path"]]


def _own(world: World, question: dict[str, Any]) -> Refused | None:
    analyst = world.desk("analyst")
    try:
        analyst.post(f"/api/questions/{question['id']}/approve", shown="sha256:" + "0" * 64, ground=GROUND)
    except Refused as refused:
        return refused
    return None


def _table(told: dict[str, Any]) -> Table:
    table = Table("partner", "told", "stripped spans", "waiting", "stays home", title="Who was told")
    for row in told["partners"]:
        counts = (row["told"], row["stripped_spans"], row["waiting"], sum(row["stayed"].values()))
        table.add_row(COUNTRIES[row["partner"]], *map(str, counts))
    return table


def _answer(own: Refused | None) -> Panel:
    said = Text(f"{own.sentence}\nwhat to do: {own.remedy}" if own else "it was approved")
    return Panel(said, title="the analyst who submitted it tries to approve it", title_align="left")


def _before_and_after(looked: list[dict[str, Any]]) -> list[Columns]:
    """The one of them in which the most was marked, as the officer saw it."""
    shown = max(looked, key=lambda one: len(one["marks"]), default=None)
    if shown is None:
        return []
    before, after = (
        {name: value for name, value in (content or {}).items() if name in ("type", *SHOWN)}
        for content in (shown["before"], shown["would_leave"])
    )
    panels = [
        Panel(Pretty(before, max_string=300), title="as it came", width=48),
        Panel(Pretty(after, max_string=300), title="as it leaves with a yes", width=48),
    ]
    return [Columns(panels)]

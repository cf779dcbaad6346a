"""`comity queue`: what waits for an officer, and what became of questions about one's own submissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from comity.cli.remote import identifier, reached
from comity.cli.terminal import out, print_json, safe

_STATES = {"approved": "[green]yes[/]", "rejected": "[red]no[/]", "expired": "[red]no[/]"}


def queue(
    submission: Annotated[str | None, typer.Option(help="Only what is asked of this submission.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only what is asked about this partner.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")] = False,
) -> None:
    """See what waits for an officer, the most urgent first, and what was answered about your own submissions.

    Ids and codes only: `comity approve QUESTION` shows the material, and the ledger notes that you looked.
    """
    submission = None if submission is None else identifier(submission)
    with reached() as node:
        waiting = node.get("questions", submission=submission, partner=partner)
        answered = node.get("answers")
    if submission is not None:
        answered = [one for one in answered if one["submission"] == submission]
    if as_json:
        print_json({"waiting": waiting, "answered": answered})
        return
    _show_waiting(waiting)
    if answered:
        _show_answered(answered)


def _show_waiting(questions: Iterable[Mapping[str, Any]]) -> None:
    table = Table("question", "what", "to", "why", "until", title="What waits for an officer", box=SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    table.columns[3].overflow = "fold"
    for one in questions:
        own = "[yellow] (yours: another answers)[/]" if one["own"] else ""
        why = ", ".join(map(str, one["reasons"]))
        table.add_row(safe(one["id"]), _what(one) + own, safe(one["partner"]), safe(why), _minute(one["expires"]))
    out.print(table if table.row_count else "nothing waits for an officer")


def _show_answered(questions: Iterable[Mapping[str, Any]]) -> None:
    table = Table("answer", "ground", "what", "to", "submission", title="About your submissions", box=SIMPLE_HEAD)
    table.columns[-1].no_wrap = True
    for one in questions:
        answer = _STATES.get(str(one["state"]), safe(str(one["state"])))
        table.add_row(answer, safe(one["ground"]), _what(one), safe(one["partner"]), safe(one["submission"]))
    out.print(table)


def _what(question: Mapping[str, Any]) -> str:
    """Type and the beginning of its id, and the place in it."""
    stix_type, _, name = str(question["object_id"]).partition("--")
    return safe(f"{stix_type} {name[:8]} {question['path']}".strip())


def _minute(instant: str) -> str:
    return safe(instant[:16].replace("T", " "))

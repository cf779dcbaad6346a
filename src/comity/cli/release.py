"""`comity release`: send partners what they do not have yet, as things stand today; or list what went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from comity.cli.outcomes import exit_status, show_crossings
from comity.cli.remote import identifier, reached
from comity.cli.terminal import out, print_json, safe


def release(
    submission: Annotated[
        str | None, typer.Argument(help="The submission's id; without it, releases are listed.")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="List only releases to this partner.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")] = False,
) -> None:
    """Cross a submission again as things stand today, and send each partner what it does not have yet.

    Without a submission: the newest releases, and how each is. Exit status: as of `comity submit`.
    """
    with reached() as node:
        if submission is None:
            said = node.get("releases", partner=partner)
        else:
            said = node.post(f"submissions/{identifier(submission)}/release", "deciding what may go")
    if as_json:
        print_json(said)
    elif submission is None:
        _show(said)
    else:
        show_crossings(said)
    if submission is not None:
        raise typer.Exit(exit_status(said))


def _show(releases: Iterable[Mapping[str, Any]]) -> None:
    table = Table("release", "to", "made", "objects", "state", title="Releases", box=SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    for one in releases:
        made = one["made_at"][:16].replace("T", " ")
        table.add_row(safe(one["id"]), safe(one["partner"]), safe(made), str(one["standing"]), _state(one))
    out.print(table if table.row_count else "nothing was released")


def _state(release: Mapping[str, Any]) -> str:
    if release["withdrawn_at"]:
        return f"[red]withdrawn[/], {release['deleted_there']} deleted there"
    if release["complete_at"]:
        return "[green]complete[/]: they countersigned it"
    return "on the shelf, not countersigned yet" if release["published_at"] else "[yellow]waits for witnesses[/]"

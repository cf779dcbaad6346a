"""`comity ledger`: the node's log, its proofs, and whether all of it still holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from comity.cli.files import write_whole
from comity.cli.remote import reached
from comity.cli.terminal import out, print_json, safe

NOT_WELL = 1  # exit status of `status` when somebody needs to do something

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")]


@app.command()
def status(as_json: AsJson = False) -> None:
    """See how long the log is, who vouches for it, and what alarms there are. Exit status: 1 when not all is well."""
    with reached() as node:
        said = node.get("ledger/status")
    if as_json:
        print_json(said)
    else:
        _show(said)
    if said["alarms"] or not said["fresh"] or not said["may_sign"]:
        raise typer.Exit(NOT_WELL)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Have every leaf, tile, root, checkpoint and cosignature computed again. Exit status: 2 when one does not hold."""
    with reached() as node:
        said = node.post("ledger/verify", "computing everything again")
    if as_json:
        print_json(said)
        return
    out.print(f"[green]whole[/]: {said['size']} entries of {safe(said['origin'])}", highlight=False)
    out.print(f"  root {safe(said['root'])}", highlight=False)
    for name in ("tiles", "checkpoints", "cosignatures", "watched", "waiting"):
        out.print(f"  {name} {said[name]}", highlight=False)


@app.command()
def entries(
    start: Annotated[int, typer.Option(min=0, help="The first entry.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Read entries of the log, one a line. For auditors."""
    with reached() as node:
        said = node.get("ledger/entries", start=start, limit=limit)
    if as_json:
        print_json(said)
        return
    for one in said["entries"]:
        actor = f" by {safe(one['actor'])}" if one["actor"] else ""
        out.print(f"[bold]{one['index']}[/]{actor} {safe(one['entry'])}", soft_wrap=True, highlight=False)
    if said["next"] is not None:
        out.print(f"more: `comity ledger entries --start {said['next']}`", highlight=False)


@app.command()
def prove(
    index: Annotated[int, typer.Argument(min=0, help="The entry.")],
    out_file: Annotated[Path | None, typer.Option("--out", help="Where to write the proof (C2SP tlog-proof).")] = None,
    as_json: AsJson = False,
) -> None:
    """Get the proof that an entry is in the log, under a checkpoint that enough partners have cosigned."""
    with reached() as node:
        said = node.get(f"ledger/entries/{index}/proof")
    if out_file is not None:
        write_whole(out_file, [str(said["proof"]).encode()])
    if as_json:
        print_json(said)
    elif out_file is None:
        out.print(safe(said["entry"]), soft_wrap=True, highlight=False)
        for line in str(said["proof"]).splitlines():
            out.print(safe(line), soft_wrap=True, highlight=False)
    else:
        out.print(f"the proof of entry {said['index']} is in {safe(str(out_file))}", highlight=False)


@app.command()
def clear(
    alarm: Annotated[int, typer.Argument(min=1, help="The alarm's number, as `status` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Say that you have looked at an alarm. The log keeps that you did; what stops signing cannot be cleared."""
    with reached() as node:
        said = node.post(f"ledger/alarms/{alarm}/clear", "clearing the alarm")
    if as_json:
        print_json(said)
    else:
        out.print(f"the alarm {safe(said['code'])} in {safe(said['log'])} is cleared", highlight=False)


def _show(said: dict[str, Any]) -> None:
    fresh = "[green]fresh[/]" if said["fresh"] else "[red]stale[/]: nothing is released until partners vouch again"
    out.print(f"[bold]{safe(said['origin'])}[/]: {said['size']} entries, {said['waiting']} more wait", highlight=False)
    out.print(f"  root {safe(said['root'])}", highlight=False)
    out.print(f"  proof {fresh}, up to {safe(said['witnessed_at'] or 'never')}", highlight=False)
    if not said["may_sign"]:
        out.print(f"  [red]nothing is signed[/]: {safe(said['why_not'])}", highlight=False)
    table = Table("witness", "party", "cosigned", "asked", box=SIMPLE_HEAD)
    for one in said["witnesses"]:
        table.add_row(
            safe(one["name"]), safe(one["party"]), str(one["cosigned_size"]), safe(one["asked_at"] or "never")
        )
    out.print(table if said["witnesses"] else "  no witnesses")
    for one in said["alarms"]:
        out.print(f"[bold red]alarm:[/] {safe(one['code'])} in {safe(one['log'])}", highlight=False)
        out.print(
            f"  since {safe(one['raised_at'])}; once looked at: `comity ledger clear {one['id']}`", highlight=False
        )

"""`comity submit`: propose a file for partners. A plain permit goes at once; doubt is stripped, and asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.files import read_bytes
from comity.cli.outcomes import exit_status, show_crossings, show_submission
from comity.cli.remote import Node, identifier, reached
from comity.cli.terminal import out, print_json


def submit(
    what: Annotated[str, typer.Argument(help="A file, or the id that `comity import` printed.")],
    to: Annotated[list[str], typer.Option("--to", help="A partner's id; may repeat.")],
    purpose: Annotated[str, typer.Option(help="What it is needed for, as the agreements word it.")],
    collected_by: Annotated[str | None, typer.Option(help="How it was collected, where a clause asks.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")] = False,
) -> None:
    """Propose a file for partners: what is certain goes at once, doubt is stripped, and asked about.

    Exit status: 0 when a partner was sent something, or has it already; 3 when nothing may go, 4 when only a person's
    answer is missing, 2 when the node refused with nothing done, 5 when it was not reached.
    """
    file = Path(what)
    data = read_bytes(file) if file.exists() else None
    with reached() as node:
        submission = identifier(what) if data is None else _imported(node, data, quiet=as_json)
        path = f"submissions/{submission}/submit"
        said = node.post(path, "deciding what may go", to=to, purpose=purpose, collected_by=collected_by)
    if as_json:
        print_json(said)
    else:
        show_crossings(said["crossings"])
        waiting = sum(one["state"] == "asked" for one in said["questions"])
        if waiting:
            out.print(f"{waiting} questions wait for an officer: `comity queue --submission {submission}`")
    raise typer.Exit(exit_status(said["crossings"]))


def _imported(node: Node, data: bytes, *, quiet: bool) -> str:
    said = node.send("submissions", data, "reading it")
    if not quiet:
        show_submission(said)
    return str(said["id"])

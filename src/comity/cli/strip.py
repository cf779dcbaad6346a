"""`comity strip`: an officer takes out more than the rules do, for one partner."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.cli.outcomes import show_crossings
from comity.cli.remote import identifier, reached
from comity.cli.terminal import print_json


def strip(
    submission: Annotated[str, typer.Argument(help="The submission's id.")],
    object_id: Annotated[str, typer.Option("--object", help="The object's id, as the queue's JSON shows it.")],
    to: Annotated[str, typer.Option("--to", help="The partner who does not get it.")],
    path: Annotated[str | None, typer.Option(help="JSON Pointer, as /description.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Keep the whole object here.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")] = False,
) -> None:
    """Take a place of an object out, or all of it. What had left with it is taken back; what remains is asked anew."""
    if bool(path) == whole:
        raise typer.BadParameter("name a place with --path, or the whole object with --whole")
    asked = {"partner": to, "object_id": object_id, "path": path or ""}
    with reached() as node:
        said = node.post(f"submissions/{identifier(submission)}/strip", "stripping", **asked)
    if as_json:
        print_json(said)
    else:
        show_crossings(said)

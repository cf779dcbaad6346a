"""`comity withdraw`: take back what was released."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.cli.remote import identifier, reached
from comity.cli.terminal import out, print_json, safe


def withdraw(
    release: Annotated[str, typer.Argument(help="The release's id, as `comity release` lists it.")],
    why: Annotated[str, typer.Option(help="Why: a code; a wrong one names them all.")],
    objects: Annotated[
        list[str] | None, typer.Option("--object", help="Only this object, by the id it left under; may repeat.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")] = False,
) -> None:
    """Take a release back, or some of its objects: off the shelf at once, and the partner is told to delete it."""
    with reached() as node:
        said = node.post(f"releases/{identifier(release)}/withdraw", "withdrawing", why=why, objects=objects)
    if as_json:
        print_json(said)
        return
    for one in said:
        until = safe(one["delete_by"][:16].replace("T", " "))
        out.print(f"withdrawn; they have to delete it until {until} UTC, and prove it", highlight=False)
    if not said:
        out.print("withdrawn; nobody could have read it yet, so nobody is told")

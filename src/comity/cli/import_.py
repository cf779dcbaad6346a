"""`comity import`: hand a file to the node, which keeps it sealed. Nothing crosses by it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.files import read_bytes
from comity.cli.outcomes import show_submission
from comity.cli.remote import reached
from comity.cli.terminal import out, print_json, safe


def import_file(
    file: Annotated[Path, typer.Argument(help="STIX 2.1, MISP, CSV or a plain list; may be gzipped.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")] = False,
) -> None:
    """Hand a file that you propose to share to your node. Nothing crosses by it; its name is not sent."""
    data = read_bytes(file)
    with reached() as node:
        said = node.send("submissions", data, "reading it")
    if as_json:
        print_json(said)
        return
    show_submission(said)
    out.print(f"propose it with `comity submit {safe(said['id'])} --to PARTY --purpose PURPOSE`", highlight=False)

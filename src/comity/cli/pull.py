"""`comity pull`: have the node visit its partners now."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from comity.cli.remote import reached
from comity.cli.terminal import out, print_json, safe


def pull(
    partner: Annotated[str | None, typer.Argument(help="One partner's id; all of them when absent.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")] = False,
) -> None:
    """Have the node visit its partners now instead of at the next turn: fetch, verify, receipt."""
    with reached() as node:
        said = node.post("pull" if partner is None else f"partners/{quote(partner, safe='')}/pull", "asking for it")
    if as_json:
        print_json(said)
    else:
        out.print(f"visiting {safe(', '.join(said['parties'])) or 'nobody: there is no partner'}", highlight=False)

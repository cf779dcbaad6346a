"""`comity reject`: an officer's no, with its ground, which the submitter is told."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.cli.remote import identifier, reached
from comity.cli.terminal import out, print_json, safe


def reject(
    questions: Annotated[list[str], typer.Argument(help="Ids, as `comity queue` prints them.")],
    ground: Annotated[str, typer.Option(help="Why it stays: a code; a wrong one names them all.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what the node answered as JSON.")] = False,
) -> None:
    """Say no to what was referred: it stays, and whoever submitted it is told the ground."""
    answered = []
    with reached() as node:
        for question in questions:
            answered.append(node.post(f"questions/{identifier(question)}/reject", "rejecting", ground=ground))
            if not as_json:
                out.print(f"rejected {safe(question)}: {safe(ground)}", highlight=False)
    if as_json:
        print_json(answered)

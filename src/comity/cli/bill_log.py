"""`comity log`: verify a log directory by recomputing all of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from comity.canon import InputError, strict_base64
from comity.cli.keys import log_key
from comity.cli.logdir import LogDirectory, NotALog
from comity.cli.terminal import out, print_json, safe
from comity.ledger import CHECKPOINT_PATH, NoCheckpoint, Statement, verify_log

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _log() -> None:
    """Work on a log directory."""


@app.command()
def verify(
    directory: Annotated[Path, typer.Argument(help="The folder of the log.")],
    key: Annotated[str, typer.Option("--key", help="The log's public key: a file, ed25519:..., or a verifier key.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Recompute every tile and the root of a log from its entries. Exit status: 0 when all agree, 2 when not."""
    if not directory.is_dir():
        raise NotALog(path=directory, reason="there is no such folder")
    store = LogDirectory(directory)
    note = store.read(CHECKPOINT_PATH)
    if note is None:
        raise NoCheckpoint(at=str(directory))
    origin = note.partition(b"\n")[0].decode("utf-8", "replace")  # chooses the key's name; the signature covers it
    kinds: Counter[str] = Counter()

    def look(_: int, entry: bytes) -> None:
        try:
            kinds[Statement.parse(entry).kind] += 1
        except InputError:
            kinds["of another program"] += 1

    verified = verify_log(store, log_key(key, origin), look=look)
    checkpoint = verified.checkpoint
    if as_json:
        print_json(
            {
                "bundles": verified.bundles,
                "entries": dict(kinds),
                "origin": checkpoint.origin,
                "root": strict_base64.encode(checkpoint.root),
                "size": checkpoint.size,
                "tiles": verified.tiles,
            }
        )
        return
    out.print(f"[bold green]verified[/] the log {safe(checkpoint.origin)}")
    out.print(f"  {checkpoint.size} entries in {verified.bundles} bundles and {verified.tiles} tiles, all recomputed")
    for kind, count in sorted(kinds.items()):
        out.print(f"  {count} {kind}")
    root = strict_base64.encode(checkpoint.root)
    out.print(f"  the checkpoint signs this size and the root {root}", soft_wrap=True, highlight=False)

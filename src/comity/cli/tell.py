"""`comity tell`: one person, one file, three in the morning. Everything certain goes to each partner it may go to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from comity.canon import InputError
from comity.cli.files import read_bytes
from comity.cli.outcomes import MOST, WAITS
from comity.cli.remote import NOTHING_MAY, ONLY_WAITING, reached
from comity.cli.terminal import out, print_json, safe


class OnlyWithAgreements(InputError):
    what = "{option} is for files alone"
    why = "the node tells in its own name, with its own keys, law pack and clock"
    do = "leave it out, or name the folder of the agreements with --agreements"


class NoOrigin(InputError):
    what = "nobody tells"
    why = "agreements on this machine do not say which of their parties you are"
    do = "name it with --from"


def tell(
    file: Annotated[Path, typer.Argument(help="STIX 2.1, MISP, CSV or a plain list; may be gzipped.")],
    purpose: Annotated[str, typer.Option(help="What it is needed for.")] = "incident-response",
    reason: Annotated[str, typer.Option(help="Why you tell: a code, for the ledger.")] = "incident",
    collected_by: Annotated[str | None, typer.Option(help="How it was collected, where a clause asks.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
    agreements: Annotated[
        Path | None, typer.Option(help="Without a node: the folder with the agreements in force.")
    ] = None,
    origin: Annotated[str | None, typer.Option("--from", help="With --agreements: the party that tells.")] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="With --agreements: where to write; FILE.told when absent.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="With --agreements: the secret; made in the output folder when absent.")
    ] = None,
    on: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With --agreements: business day; 00:00Z of it.")
    ] = None,
    law_pack: Annotated[
        Path | None, typer.Option("--law", help="With --agreements: another law pack than the one that ships.")
    ] = None,
) -> None:
    """Tell every partner whatever is certain, at once: through your node, or with --agreements into files.

    What is doubtful is stripped, and waits for an officer; what did not go is listed, and why. Exit status: 0 when
    anything crossed to anyone, 3 when nothing may, 4 when only approvals are missing, 2 on bad input with nothing
    written, 5 when the node was not reached.
    """
    if agreements is not None:
        if origin is None:
            raise NoOrigin()
        from comity.cli.tell_files import tell_files

        status = tell_files(
            file,
            agreements,
            origin,
            purpose=purpose,
            out_folder=out_folder,
            key_file=key_file,
            on=on,
            collected_by=collected_by,
            law_pack=law_pack,
            as_json=as_json,
        )
        raise typer.Exit(status)
    only = {"--from": origin, "--out": out_folder, "--key-file": key_file, "--on": on, "--law": law_pack}
    for option, value in only.items():
        if value is not None:
            raise OnlyWithAgreements(option=option)
    data = read_bytes(file)
    with reached() as node:
        said = node.send("tell", data, "telling", purpose=purpose, reason=reason, collected_by=collected_by)
    if as_json:
        print_json(said)
    else:
        _show(said)
    raise typer.Exit(_exit_status(said["partners"]))


def _show(said: Mapping[str, Any]) -> None:
    table = Table("partner", "told", "has it", "stripped spans", "waiting", title="Who was told", box=SIMPLE_HEAD)
    for one in said["partners"]:
        cells = (one[name] for name in ("told", "unchanged", "stripped_spans", "waiting"))
        table.add_row(safe(one["partner"]), *map(str, cells))
    out.print(table)
    for one in said["partners"]:
        if one["waits"]:
            out.print(f"[yellow]{safe(one['partner'])} waits:[/] {safe(WAITS.get(one['waits'], one['waits']))}")
        for why, count in list(one["stayed"].items())[:MOST]:
            out.print(f"  [red]{count} stay home[/] from {safe(one['partner'])}: {safe(why)}", highlight=False)
    out.print(f"submission {safe(said['submission'])}: `comity queue --submission` shows what waits", highlight=False)


def _exit_status(partners: Iterable[Mapping[str, Any]]) -> int:
    listed = list(partners)
    if any(one["told"] or one["unchanged"] for one in listed):
        return 0
    return ONLY_WAITING if any(one["waiting"] for one in listed) else NOTHING_MAY

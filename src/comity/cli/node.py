"""`comity node`: make a node, serve it, do its work, see how it is. Only these commands open its folder."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from comity.canon import InputError, format_instant
from comity.cli.terminal import err, out, print_json, safe

if TYPE_CHECKING:
    from comity.node.running.status import State

NOT_WELL = 1  # exit status of `status` when somebody needs to do something
NEEDED = ("django", "allauth", "django_tasks_db", "granian", "ninja", "structlog")

app = typer.Typer(no_args_is_help=True)
Folder = Annotated[
    Path | None, typer.Option("--folder", envvar="COMITY_NODE", help="The node's folder; else COMITY_NODE names it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


class NotInstalled(InputError):
    what = "this program was installed without the node"
    why = "`{missing}` is missing, which only a node needs"
    do = "pip install 'comity[node]'"


class NoFolder(InputError):
    what = "no node was named"
    why = "neither --folder nor COMITY_NODE says where its folder is"
    do = "name it, or make one with `comity node init FOLDER`"


@app.callback()
def _installed() -> None:
    """A running node, for who owns its folder. All else goes through its API, with a person's own token."""
    for missing in (name for name in NEEDED if importlib.util.find_spec(name) is None):
        raise NotInstalled(missing=missing)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must be missing, or empty.")],
    party: Annotated[str, typer.Option(help="Its party's id in the agreements.")],
    name: Annotated[str, typer.Option(help="Its name, as pages show it.")],
    url: Annotated[str, typer.Option(help="As partners reach it: https://HOST:PORT.")],
    listen: Annotated[str | None, typer.Option(help="ADDRESS:PORT to listen on; else 127.0.0.1 and its port.")] = None,
    development: Annotated[bool, typer.Option("--development", help="For exercises, never for real partners.")] = False,
    clock_file: Annotated[Path | None, typer.Option(help="Development: read business time from this file.")] = None,
    database: Annotated[str, typer.Option(help="sqlite, or postgresql://USER@HOST:PORT/NAME.")] = "sqlite",
    keys_database: Annotated[str, typer.Option(help="The same, for keys that can be destroyed.")] = "sqlite",
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM; what partners are shown.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM; its private key.")] = None,
    tls_trust: Annotated[Path | None, typer.Option(help="PEM; authorities that partners' are checked against.")] = None,
    authority: Annotated[
        Path | None, typer.Option(help="Development: a throw-away authority's folder, made if missing.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a node: folder, keys, databases, configuration. Nothing that is there is ever overwritten."""
    from comity.node.running.making import make_node
    from comity.node.running.wanted import Wanted

    made = make_node(
        Wanted(
            folder=folder,
            party=party,
            name=name,
            url=url,
            listen=listen,
            development=development,
            clock_file=clock_file,
            database=database,
            keys_database=keys_database,
            certificate=tls_certificate,
            key=tls_key,
            trust=tls_trust,
            authority=authority,
        )
    )
    if as_json:
        print_json({**asdict(made), "folder": str(made.folder)})
        return
    _rows(
        f"a node for {party} is in {made.folder}",
        {"pinned in the agreements": made.pinned, "its log": made.log, "its witness": made.witness},
    )
    _next_steps(made.folder, certified=made.certified)


@app.command()
def person(
    username: Annotated[str, typer.Argument(help="What they sign in with.")],
    name: Annotated[str, typer.Option(help="Their name, as colleagues know them.")],
    role: Annotated[list[str], typer.Option(help="A role; may repeat.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long the roles last.")] = 365,
    generate: Annotated[bool, typer.Option("--generate", help="Make a password instead of asking for one.")] = False,
    totp: Annotated[bool, typer.Option("--totp", help="Development: set up codes, and print their secret.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Enrol somebody at the node's own machine: the first administrator, who then enrols the others."""
    _open(folder)
    from comity.node.running.enrolling import enrol

    asks = not generate and sys.stdin.isatty()
    password = typer.prompt("password", hide_input=True, confirmation_prompt=True, err=True) if asks else None
    lasts = dt.timedelta(days=days)
    enrolled = enrol(username, name=name, roles=role, password=password, lasts=lasts, with_totp=totp)
    if as_json:
        print_json({**asdict(enrolled), "until": format_instant(enrolled.until)})
        return
    shown = {"roles": ", ".join(role), "until": format_instant(enrolled.until)}
    shown |= {} if password else {"password": enrolled.password}
    shown |= {"secret of the codes": enrolled.totp} if enrolled.totp else {}
    _rows(f"{username} can sign in", shown)
    if password is None:
        err.print("the password is shown once and kept nowhere: hand it over in person, to be changed at once")


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; more than one only on PostgreSQL.")] = 1,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of each process.")] = 8,
    folder: Folder = None,
) -> None:
    """Serve partners and people until SIGTERM; requests under way are answered."""
    config = _open(folder)
    from comity.node.running.serving import serve as run

    run(config, workers=workers, threads=threads)


@app.command()
def work(
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of this process.")] = 2,
    folder: Folder = None,
) -> None:
    """Do what is due until SIGTERM: delivery, visits, witnessing, deletion, clocks. Several may run side by side."""
    config = _open(folder)
    from comity.node.running.working import work as run

    run(config, threads=threads)


@app.command()
def migrate(folder: Folder = None) -> None:
    """Have the databases hold what this version of the program needs. Stop the node, and keep a copy first."""
    _open(folder)
    from comity.node.running.making import upgrade

    upgrade()
    err.print("the databases are what this version needs")


@app.command()
def status(folder: Folder = None, as_json: AsJson = False) -> None:
    """See what a node lacks, what waits and what went wrong. Exit status: 1 when somebody needs to do something."""
    config = _open(folder)
    from comity.node.running.status import state

    found = state(config)
    if as_json:
        print_json({**asdict(found), "well": found.well})
    else:
        _show(found)
    if not found.well:
        raise typer.Exit(NOT_WELL)


def _open(folder: Path | None) -> Any:
    """Make this process the node's. Only now is Django imported."""
    if folder is None:
        raise NoFolder
    from comity.node.running.opening import open_node

    return open_node(folder)


def _rows(title: str, rows: dict[str, str]) -> None:
    out.print(safe(title), highlight=False)
    for name, value in rows.items():
        out.print(f"  {safe(name)}: {safe(value)}", soft_wrap=True, highlight=False)


def _next_steps(folder: Path, *, certified: bool) -> None:
    named = str(folder)
    steps = [
        f"keep a copy of {named}/keys apart from all other backups: who has it can sign as you",
        f"comity node person USERNAME --name 'FULL NAME' --role administrator --folder {named}",
        f"comity node serve --folder {named}",
        f"comity node work --folder {named}",
    ]
    if not certified:
        steps.insert(0, f"name a certificate and its key under [tls] in {named}/comity.toml")
    err.print("what to do next:")
    for step in steps:
        err.print(f"  {safe(step)}", soft_wrap=True, highlight=False)


def _show(found: State) -> None:
    clock = f"{found.now}{' (an exercise clock)' if found.exercise else ''}"
    kind = "development node" if found.development else "node"
    _rows(f"{kind} of {found.party} at {found.url}", {"business time": clock, "pinned": found.pinned})
    table = Table("check", "", "what to do", title="checks", title_justify="left")
    for check in found.checks:
        table.add_row(check.name, safe(check.why_not) or "ok", safe(check.remedy))
    for alias, size in found.bytes.items():
        table.add_row(f"size of {alias}", f"{size / 1e6:.1f} MB", "")
    out.print(table)
    table = Table("kind", "waiting", "due", "failing", "given up", "last error", "next", title="due work")
    for row in found.work:
        counts = (str(count) for count in (row.waiting, row.due, row.failing, row.given_up))
        table.add_row(safe(row.kind), *counts, safe(row.last_error), row.earliest)
    out.print(table if found.work else "no due work", highlight=False)
    for alarm in found.alarms:
        out.print(f"[bold red]alarm:[/] {safe(alarm['code'])} in {safe(alarm['log'])}, since {alarm['raised']}")

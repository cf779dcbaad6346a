"""`comity demo`: real intelligence crosses borders, and every claim on the screen is checked as it is made."""

from __future__ import annotations

import importlib.util
import secrets
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.status import Status
from rich.table import Table
from rich.text import Text

from comity.canon import InputError
from comity.cli.logdir import LogDirectory
from comity.cli.terminal import err, out, print_json
from comity.demo import CHAPTERS as ON_PAPER
from comity.demo import DAY, PARTIES, Chapter, Packaged, Stage
from comity.law import Law

if TYPE_CHECKING:
    from comity.demo.nations import World

NOT_HELD = 1  # exit status when something that was shown did not hold
WIDEST = 100  # columns


class NeedsANode(InputError):
    what = "three nations cannot be shown here"
    why = "this program was installed without the node: `{missing}` is missing"
    do = "pip install 'comity[demo,misp,node]', or see the library's own demo with --on-paper"


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
    pause: Annotated[bool, typer.Option("--pause/--no-pause", help="Wait for Enter after each chapter.")] = False,
    on_paper: Annotated[
        bool, typer.Option("--on-paper", help="The library alone: nothing runs, nothing is sent.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the three nodes up until Ctrl-C.")] = False,
    data: Annotated[Path | None, typer.Option(help="Other data of the same layout.", hidden=True)] = None,
) -> None:
    """Show three nations exchange, prove it and delete, on this machine alone: three nodes, each in its own processes.

    Exit status: 0 when everything that was shown held, 1 when anything did not.
    """
    packaged = Packaged(data) if data else Packaged()
    chapters: list[Chapter] = []
    console = Console(width=min(out.width, WIDEST))
    with _on_paper(packaged) if on_paper else _nations(packaged) as story:
        for chapter in story.chapters:
            chapters.append(chapter)
            if not as_json:
                _show(console, len(chapters), chapter)
                if pause:
                    console.input("[dim]Enter goes on [/]")
        checks = [check for chapter in chapters for check in chapter.checks]
        held = bool(checks) and all(check.held for check in checks)
        if as_json:
            print_json(_account(chapters, held=held))
        else:
            _close(console, chapters, held=held)
        if keep:
            story.keep()
    if not held:
        raise typer.Exit(NOT_HELD)


@dataclass(frozen=True, kw_only=True)
class _Story:
    """Chapters as they happen. `keep`: wait with everything still running."""

    chapters: Iterator[Chapter]
    keep: Callable[[], None] = lambda: None


@contextmanager
def _on_paper(packaged: Packaged) -> Iterator[_Story]:
    """The library's story."""
    with tempfile.TemporaryDirectory(prefix="comity-demo-") as folder, _Bars() as bars:
        stage = Stage(
            packaged=packaged,
            law=Law.load(),
            keys={party: Ed25519PrivateKey.generate() for party in PARTIES},
            secret=secrets.token_bytes(32),
            store=LogDirectory(Path(folder) / "log"),
            progress=bars.show,
        )

        def chapters() -> Iterator[Chapter]:
            for tell in ON_PAPER:
                chapter = tell(stage)
                bars.clear()
                yield chapter

        yield _Story(chapters=chapters())


@contextmanager
def _nations(packaged: Packaged) -> Iterator[_Story]:
    """The three nations' story. The nodes are stopped whatever happens. Raises: NeedsANode."""
    for missing in ("django", "granian", "taxii2client"):
        if importlib.util.find_spec(missing) is None:
            raise NeedsANode(missing=missing)
    from comity.demo.nations import CHAPTERS, World

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the nodes are stopped then too
    with tempfile.TemporaryDirectory(prefix="comity-demo-") as folder, Status("", console=err) as status:
        world = World(folder=Path(folder), packaged=packaged, doing=status.update)

        def chapters() -> Iterator[Chapter]:
            world.build()
            for tell in CHAPTERS:
                status.start()
                chapter = tell(world)
                status.stop()
                yield chapter

        try:
            yield _Story(chapters=chapters(), keep=lambda: _keep(world))
        finally:
            world.stop()


def _keep(world: World) -> None:
    """Say where the nodes are and how to sign in, and wait."""
    table = Table("node", "at", "user", "password", "secret of the codes", title="The nodes stay up until Ctrl-C")
    for (party, username), enrolled in world.enrolled.items():
        table.add_row(party, world.nations[party].url, username, enrolled["password"], enrolled["totp"])
    err.print(table)
    err.print(f"trust {world.origin.trust} to call them; their folders are in {world.folder}", soft_wrap=True)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


class _Bars:
    """A bar for each crossing, on standard error and only on a terminal; gone when its chapter is shown."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def show(self, doing: str, done: int, total: int) -> None:
        self._progress.start()
        if doing not in self._tasks:
            self._tasks[doing] = self._progress.add_task(doing, total=total)
        self._progress.update(self._tasks[doing], completed=done)

    def clear(self) -> None:
        self._progress.stop()
        for task in self._progress.task_ids:
            self._progress.remove_task(task)
        self._tasks.clear()


def _show(console: Console, number: int, chapter: Chapter) -> None:
    console.rule(Text(f"{number}. {chapter.title}", style="bold"), align="left")
    console.print(Padding(Text(chapter.intro), (0, 0, 1, 0)))
    for part in chapter.body:
        console.print(part)
    console.print()


def _close(console: Console, chapters: list[Chapter], *, held: bool) -> None:
    table = Table("", "shown", "computed from", title="What was shown")
    table.columns[1].ratio = 3
    table.columns[2].ratio = 2
    for number, chapter in enumerate(chapters, start=1):
        for check in chapter.checks:
            tick = Text("✓ yes", style="green") if check.held else Text("✗ NO", style="bold red")
            table.add_row(tick, Text(f"{number}. {check.shown}"), Text(check.evidence, overflow="fold"))
    console.print(table)
    failed = sum(not check.held for chapter in chapters for check in chapter.checks)
    console.print("All of it held." if held else f"{failed} of it did not hold.", style="bold")


def _account(chapters: list[Chapter], *, held: bool) -> dict[str, object]:
    return {
        "chapters": [
            {
                "title": chapter.title,
                "facts": chapter.facts,
                "checks": [
                    {"shown": check.shown, "held": check.held, "evidence": check.evidence} for check in chapter.checks
                ],
            }
            for chapter in chapters
        ],
        "day": str(DAY),
        "held": held,
    }

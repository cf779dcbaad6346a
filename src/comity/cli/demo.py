"""`comity demo`: real intelligence crosses two borders, and every claim on the screen is checked as it is made."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from comity.cli.logdir import LogDirectory
from comity.cli.terminal import err, out, print_json
from comity.demo import CHAPTERS, DAY, PARTIES, Chapter, Packaged, Stage
from comity.law import Law

NOT_HELD = 1  # exit status when something that was shown did not hold
WIDEST = 100  # columns


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
    pause: Annotated[bool, typer.Option("--pause/--no-pause", help="Wait for Enter after each chapter.")] = False,
    data: Annotated[Path | None, typer.Option(help="Other data of the same layout.", hidden=True)] = None,
) -> None:
    """Show real intelligence crossing two borders under an agreement; nothing is sent anywhere.

    Exit status: 0 when everything that was shown held, 1 when anything did not.
    """
    chapters: list[Chapter] = []
    console = Console(width=min(out.width, WIDEST))
    with tempfile.TemporaryDirectory(prefix="comity-demo-") as folder, _Bars() as bars:
        stage = Stage(
            packaged=Packaged(data) if data else Packaged(),
            law=Law.load(),
            keys={party: Ed25519PrivateKey.generate() for party in PARTIES},
            secret=secrets.token_bytes(32),
            store=LogDirectory(Path(folder) / "log"),
            progress=bars.show,
        )
        for number, tell in enumerate(CHAPTERS, start=1):
            chapters.append(tell(stage))
            bars.clear()
            if not as_json:
                _show(console, number, chapters[-1])
                if pause and number < len(CHAPTERS):
                    console.input("[dim]Enter goes on [/]")
    checks = [check for chapter in chapters for check in chapter.checks]
    held = all(check.held for check in checks)
    if as_json:
        print_json(_account(chapters, held=held))
    else:
        _close(console, chapters, held=held)
    if not held:
        raise typer.Exit(NOT_HELD)


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

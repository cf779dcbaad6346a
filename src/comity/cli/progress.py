"""Progress on a terminal, silence elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from comity.cli.terminal import err
from comity.material import Bundle, StixObject


class Counted:
    """A bundle that shows how far its reading is, each time it is iterated."""

    def __init__(self, bundle: Bundle, doing: str) -> None:
        self._bundle, self._doing = bundle, doing

    def __iter__(self) -> Iterator[StixObject]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task(self._doing, total=len(self._bundle))
            for obj in self._bundle:
                yield obj
                progress.advance(task)

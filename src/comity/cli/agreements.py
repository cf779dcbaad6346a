"""Agreements as files: an annex, the baseline found beside it, and the plan of one flow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from comity.agreement import Agreement, Plan, parse
from comity.agreement import compile as compile_plan
from comity.canon import InputError, printable
from comity.cli.files import read_bytes
from comity.law import Law

SUFFIXES = (".yaml", ".yml")


class NoBaseline(InputError):
    what = "the baseline {baseline} of {agreement} was not found"
    why = "no agreement file in {folder} has that id and version{unread}"
    do = "put it beside its annex, or name it with --baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An agreement with the baseline it extends, both as read from files."""

    agreement: Agreement
    baseline: Agreement | None

    def plan(self, law: Law, origin: str, destination: str, on: dt.date) -> Plan:
        """Raises: whatever checking and compiling refuse."""
        return compile_plan(self.agreement, law, flow=(origin, destination), on=on, baseline=self.baseline)


def read_agreement(path: Path, baseline: Path | None = None) -> Text:
    """An annex's baseline is looked for beside it; files there that are no agreements are passed over.

    Raises: CannotRead, NoBaseline, and what the language refuses.
    """
    agreement = parse(read_bytes(path), path.name)
    extends = agreement.text.extends
    if extends is None:
        return Text(agreement=agreement, baseline=None)
    if baseline is not None:
        return Text(agreement=agreement, baseline=parse(read_bytes(baseline), baseline.name))
    passed_over = []
    for other in beside(path.parent):
        if other == path:
            continue
        try:
            candidate = parse(read_bytes(other), other.name)
        except InputError:
            passed_over.append(other.name)
            continue
        if (candidate.id, candidate.text.version) == (extends.agreement, extends.version):
            return Text(agreement=agreement, baseline=candidate)
    unread = f"; not read as agreements: {', '.join(map(printable, passed_over))}" if passed_over else ""
    raise NoBaseline(
        at=path.name, baseline=extends.agreement, agreement=agreement.id, folder=path.parent, unread=unread
    )


def beside(folder: Path) -> Iterator[Path]:
    """The agreement files of a folder, in the order of their names."""
    return (path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES and path.is_file())

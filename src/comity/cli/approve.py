"""`comity approve`: an officer is shown before and after, and says yes to exactly that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from comity.canon import InputError
from comity.cli.outcomes import show_crossings
from comity.cli.remote import ONLY_WAITING, Node, identifier, reached
from comity.cli.terminal import err, out, print_json, safe
from comity.node.desk.comparing import GONE, OPENED, PUT, Piece, Row, compare

_OF_EVERY = frozenset(("purposes", "authority", "transfers", "retention"))
_STYLES = {GONE: "red strike", PUT: "yellow underline", OPENED: "bold green reverse"}


class NotShown(InputError):
    what = "nothing was approved"
    why = "--yes takes as many --shown as there are questions: the digest of what you were shown of each, in order"
    do = "run it with --json first: it shows what would go, and its digest"


def approve(
    questions: Annotated[list[str], typer.Argument(help="Ids, as `comity queue` prints them.")],
    ground: Annotated[str, typer.Option(help="Why it may go: a code; a wrong one names them all.")],
    reason: Annotated[str, typer.Option(help="Why you look at the material: a code, for the ledger.")] = "approval",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: what --shown names was looked at before.")] = False,
    shown: Annotated[list[str] | None, typer.Option(help="With --yes: the digest of what was shown.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Without --yes: show it, and approve nothing.")] = False,
) -> None:
    """Say yes to what was referred, question by question: you see before and after, and confirm.

    What crosses by a yes is what you were shown, or nothing. Your own submissions are somebody else's to approve.
    Exit status: 0 when all were approved, 4 when some still wait, 2 when the node refused, 5 when it was not reached.
    """
    questions = [identifier(question) for question in questions]
    if yes and len(shown or ()) != len(questions):
        raise NotShown()
    with reached() as node:
        if yes:
            answered = [_approved(node, *pair, ground) for pair in zip(questions, shown or (), strict=True)]
            _tell(answered, as_json=as_json)
        elif as_json:
            print_json([_look(node, question, reason) for question in questions])
            raise typer.Exit(ONLY_WAITING)
        else:
            answered = list(_one_by_one(node, questions, ground, reason))
    if len(answered) < len(questions):
        raise typer.Exit(ONLY_WAITING)


def _one_by_one(node: Node, questions: Iterable[str], ground: str, reason: str) -> Iterable[Mapping[str, Any]]:
    for question in questions:
        seen = _look(node, question, reason)
        show(seen)
        if typer.confirm(f"May it go to {ascii(seen['question']['partner'])[1:-1]}?", err=True):
            answered = _approved(node, question, seen["shown"], ground)
            _tell([answered], as_json=False)
            yield answered
        else:
            err.print("it still waits")


def _look(node: Node, question: str, reason: str) -> Mapping[str, Any]:
    said: Mapping[str, Any] = node.get(f"questions/{question}", reason=reason)
    return said


def _approved(node: Node, question: str, shown: str, ground: str) -> Mapping[str, Any]:
    said: Mapping[str, Any] = node.post(f"questions/{question}/approve", "releasing", shown=shown, ground=ground)
    return said


def _tell(crossings: list[Mapping[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(crossings)
    else:
        show_crossings(crossings)


def show(seen: Mapping[str, Any]) -> None:
    """Before and after, and everything found in it. All of it is untrusted text."""
    question = seen["question"]
    out.rule(f"{safe(question['object_id'])} to {safe(question['partner'])} for {safe(question['purpose'])}")
    for sentence in seen["reasons"]:
        out.print(f"  {safe(sentence)}", highlight=False)
    of_others = {clause for mark in seen["marks"] if not mark["asked"] for clause in mark["clauses"]}
    clauses = [one for one in _particular(seen["clauses"]) if one not in of_others]
    for name, ids in (("clauses", clauses), ("law", seen["law"])):
        out.print(f"  by {name} {safe(', '.join(ids))}", style="dim", highlight=False)
    rows = compare(seen["before"], seen["now_leaves"], seen["would_leave"])
    out.print(_compared([row for row in rows if not row.paper], seen))
    if seen["marks"]:
        out.print(_found(seen["marks"]))
    also = f", and {len(seen['also'])} objects that wait for it" if seen["also"] else ""
    gets = "what the last column shows" if seen["would_leave"] is not None else "still nothing of it"
    out.print(f"[green]with a yes[/] they get {gets}{also}", highlight=False)
    without = "nothing of it" if seen["now_leaves"] is None else "it without what is in doubt"
    out.print(f"[red]with a no[/] they get {without}", highlight=False)


def _compared(rows: Iterable[Row], seen: Mapping[str, Any]) -> Table:
    table = Table("property", "as submitted", title="Before and after", box=SIMPLE_HEAD, title_justify="left")
    if seen["now_leaves"] is not None:
        table.add_column("without a yes")
    table.add_column("with a yes")
    for column in table.columns:
        column.overflow = "fold"  # INVARIANT: nothing that an officer approves is cut off
    for row in rows:
        cells = [_text(row.before), *([_text(row.no)] if seen["now_leaves"] is not None else []), _text(row.yes)]
        table.add_row(Text(f"{row.name}\n{'opened by a yes' if row.opened else row.state}"), *cells)
    return table


def _text(pieces: Iterable[Piece]) -> Text:
    """Marked by signs as well as by colours: -taken out-, +put in+, >by your yes<."""
    signs = {GONE: ("[-", "-]"), PUT: ("[+", "+]"), OPENED: ("[>", "<]"), "": ("", "")}
    shown = Text()
    for piece in pieces:
        before, after = signs[piece.mark]
        shown.append(f"{before}{piece.text}{after}", style=_STYLES.get(piece.mark))
    return shown if shown.plain else Text("nothing of it", style="dim italic")


def _found(marks: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("what", "where", "whose", "sure", "done", "clauses", title="What was found in it", box=SIMPLE_HEAD)
    table.title_justify = "left"
    for mark in marks:
        asked = " [yellow](asked)[/]" if mark["asked"] else " [yellow](waits)[/]" if mark["waits"] else ""
        clauses = ", ".join(_particular(mark["clauses"]))
        cells = (mark["path"], mark["role"], f"{mark['confidence']:.0%}", mark["treatment"], clauses)
        table.add_row(safe(mark["category"]) + asked, *map(safe, cells))
    for column in table.columns:
        column.overflow = "fold"
    return table


def _particular(clauses: Iterable[str]) -> list[str]:
    """Without those that every decision of a flow rests on."""
    return [one for one in clauses if one.partition(":")[2].partition(".")[0].partition("[")[0] not in _OF_EVERY]

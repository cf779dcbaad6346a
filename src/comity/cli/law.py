"""`comity law`: what the law pack says of a jurisdiction, when notifications are due, which duties collide."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from comity.agreement import Finding, Impact, Standing, impact
from comity.canon import InputError, format_instant, parse_instant, printable
from comity.cli.agreements import beside, read_agreement
from comity.cli.clock import business_time
from comity.cli.terminal import out, print_json, safe
from comity.law import Certainty, Change, Due, Duty, DutyStanding, Law, Line, changes, overview

app = typer.Typer(no_args_is_help=True)
CLOSES = 1  # exit status where a flow is no longer open
_SHOWN = 6  # jurisdictions of a change that are named in a table

PackOption = Annotated[Path | None, typer.Option("--law", help="Another law pack than the one that ships.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
CodesOption = Annotated[str, typer.Option("--in", help="Jurisdictions, with commas: EE,BR.")]


class BadMoment(InputError):
    what = "{text} names no event and instant"
    why = "it has no = in it"
    do = "write it as classification=2026-11-23T12:00Z"


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="A code: EE, BR, EU.")],
    law_pack: PackOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the law pack says of a jurisdiction; each line with its citation, its confidence and where it is from."""
    law = Law.load(law_pack)
    home = law[code]
    lines = overview(law, code)
    if as_json:
        print_json(
            {
                "law": _pack(law),
                "code": code,
                "name": home.name,
                "inherits": list(home.lineage[1:]),
                "confidence": home.facts.confidence,
                "headline": home.facts.headline,
                "unverified": list(home.facts.unverified),
                "lines": [_line(line) for line in lines],
            }
        )
        return
    out.print(f"[bold]{safe(home.name)}[/] ({code}) as of {home.facts.as_of}; file: {home.facts.confidence}")
    out.print(safe(home.facts.headline), style="dim")
    for subject, group in groupby(lines, key=lambda line: line.subject):
        table = table_of(subject, ("says", 4), ("citation", 3), ("id to cite", 3), ("sure", None), ("from", None))
        for line in group:
            origin = line.fact.source if line.fact.source != code else ""
            table.add_row(safe(line.says), safe(line.fact.citation), safe(line.cite), line.fact.confidence, origin)
        out.print(table)
    if home.facts.unverified:
        out.print("[bold]Not verified:[/] " + safe("; ".join(home.facts.unverified)))
    say_where_from(law)


@app.command()
def duties(
    codes: CodesOption,
    event: Annotated[str, typer.Option(help="personal-data-breach, cyber-incident, vulnerability or ransom-payment.")],
    aware: Annotated[str, typer.Option(help="When it became known: 2026-11-23T10:00Z.")],
    at: Annotated[
        list[str] | None,
        typer.Option(help="Another event's instant: classification=..., or a stage that was filed; may repeat."),
    ] = None,
    who: Annotated[str | None, typer.Option(help="Only duties of this bearer: controller, processor ...")] = None,
    stage: Annotated[str | None, typer.Option(help="Only this stage: early-warning, notification, final ...")] = None,
    law_pack: PackOption = None,
    as_json: JsonOption = False,
) -> None:
    """When each report is due, for each addressee and stage, counted as its own law counts."""
    law = Law.load(law_pack)
    moment = parse_instant(aware, at="--aware")
    instants = {"awareness": moment, **dict(_moment(text) for text in at or ())}
    owed = law.duties(codes_of(codes), event, moment.date(), who=who)
    lines = [due for due in law.schedule(owed, instants) if stage in (None, due.stage, due.stage.replace("_", "-"))]
    if as_json:
        print_json(
            {
                "law": _pack(law),
                "event": event,
                "aware": format_instant(moment),
                "duties": [_due(law, due) for due in lines],
            }
        )
        return
    for code, group in groupby(lines, key=lambda due: due.duty.jurisdiction):
        title = f"{law[code].name}: {event}, aware {_short(moment)} (days end in {law.sheet.zones[code]})"
        table = table_of(
            title, ("due (UTC)", None), ("who to whom", 4), ("stage, deadline", 4), ("law", 4), ("sure", None)
        )
        before: Duty | None = None
        for due in group:
            if before is not None and due.duty != before:
                table.add_section()
            before = due.duty
            table.add_row(_when(due), _parties(due.duty), _stage(due), _law(due), due.duty.confidence)
        out.print(table)
    if not lines:
        out.print("No duty of the law pack answers to this.")
    _explain(lines)
    say_where_from(law)


@app.command()
def collisions(codes: CodesOption, law_pack: PackOption = None, as_json: JsonOption = False) -> None:
    """Duties that cannot both be met. The program picks none: each goes to a person."""
    law = Law.load(law_pack)
    found = law.collisions(codes_of(codes))
    if as_json:
        pairs = [{"keep": one.keep, "erase": one.erase, "sentence": one.sentence} for one in found]
        print_json({"law": _pack(law), "collisions": pairs})
        return
    table = table_of("Collisions", ("what", 6), ("ids to cite", 3))
    for one in found:
        table.add_row(safe(one.sentence), safe(f"{one.keep}\n{one.erase}"))
    out.print(table if found else "The law pack knows of none.")
    say_where_from(law)


@app.command("diff")
def diff_command(
    old: Annotated[Path, typer.Argument(help="A law pack, a folder.")],
    new: Annotated[Path, typer.Argument(help="A newer one.")],
    codes: Annotated[str | None, typer.Option("--in", help="Only what reaches these jurisdictions: EE,BR.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What a law pack says otherwise than another, value by value, and which jurisdictions each change reaches."""
    before, after = Law.load(old), Law.load(new)
    wanted = {after[code].code for code in codes_of(codes)} if codes else set(after.codes) | set(before.codes)
    found = [change for change in changes(before, after) if wanted.intersection(change.reaches)]
    if as_json:
        print_json({"old": _pack(before), "new": _pack(after), "changes": [_change(one) for one in found]})
        return
    table = table_of("Changes", ("id to cite", 3), ("value", 2), ("was", 4), ("is", 4), ("reaches", 2))
    for one in found:
        reaches = ", ".join(one.reaches[:_SHOWN]) + (", ..." if len(one.reaches) > _SHOWN else "")
        table.add_row(*map(safe, (one.fact, one.value or one.kind, one.before, one.after, reaches)))
    out.print(table if found else "Both say the same.")
    say_where_from(after)


@app.command("impact")
def impact_command(
    new: Annotated[Path, typer.Argument(help="The law pack to come, a folder.")],
    agreements: Annotated[Path, typer.Option(help="A folder of agreements, each with its baseline beside it.")],
    old: Annotated[Path | None, typer.Option(help="The law pack in use; else the one that ships.")] = None,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to look at; today.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What a new law pack does to each agreement: clauses, flows, findings, reviews. Exit 1 if a flow closes."""
    before, after, day = Law.load(old), Law.load(new), business_time(on).date()
    changed = changes(before, after)
    texts = [read_agreement(path) for path in beside(agreements)]
    found = [impact(text.agreement, before, after, changed, day, text.baseline) for text in texts]
    if as_json:
        print_json({"new": _pack(after), "on": str(day), "agreements": [_impact(one) for one in found]})
    else:
        for one in found:
            _show_impact(one)
        say_where_from(after)
    if any(flow.before is not flow.after is not Standing.OPEN for one in found for flow in one.flows):
        raise typer.Exit(CLOSES)


def _show_impact(one: Impact) -> None:
    if not one.touched:
        out.print(f"[bold]{safe(one.agreement)}[/]: not touched")
        return
    out.print(f"[bold]{safe(one.agreement)}[/]: rests on {safe(', '.join(one.facts)) or 'nothing that changed'}")
    flows = table_of("flows", ("from, to", 3), ("was", 2), ("is", 2), ("because", 6))
    for flow in one.flows:
        ends = f"{flow.origin} to {flow.destination}"
        flows.add_row(*map(safe, (ends, flow.before, flow.after, flow.why)))
    out.print(flows)
    if one.clauses:
        out.print(f"clauses: {safe(', '.join(one.clauses))}")
    for word, findings in (("now found", one.now), ("no longer found", one.no_more)):
        for finding in findings:
            out.print(f"{word}: {finding.severity} {finding.code} {safe(finding.clause)}: {safe(finding.text)}")
    out.print(f"reviews that it opens: {', '.join(one.reviews) or 'none that the agreement names'}")


def codes_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.strip() for code in text.split(",") if code.strip()))


def _moment(text: str) -> tuple[str, dt.datetime]:
    name, equals, moment = text.partition("=")
    if not equals:
        raise BadMoment(text=printable(text))
    return name.strip().replace("-", "_"), parse_instant(moment.strip(), at=f"--at {printable(name)}")


def table_of(title: str, *columns: tuple[str, int | None]) -> Table:
    """Columns with a ratio share the width; those without take what they need."""
    table = Table(title=safe(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD, expand=True)
    for name, ratio in columns:
        table.add_column(name, ratio=ratio, overflow="fold", no_wrap=ratio is None)
    return table


def _short(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


_MARK = {Certainty.BOUND: "\n  at the latest", Certainty.PLANNING: "\n  planning value"}


def _when(due: Due) -> str:
    if due.at is None:
        return "no instant yet" if due.duty.counts else "no clock"
    mark = _MARK.get(due.certainty, "")
    return f"[bold]{_short(due.at)}[/] *{mark}" if due.strictest else _short(due.at) + mark


def _parties(duty: Duty) -> str:
    assumed = "" if duty.standing is DutyStanding.RUNS else f" ({duty.standing.value})"
    return safe(f"{_words(duty.row.who)} to {duty.row.recipient}{assumed}")


def _stage(due: Due) -> str:
    kind = "" if due.duty.row.deadline_kind == "hard" else f" ({due.duty.row.deadline_kind})"
    after = f", {due.detail}"
    return safe(f"{_words(due.stage)}: {due.deadline} {_words(due.calendar)}{kind}{after}")


def _law(due: Due) -> str:
    return f"{safe(due.duty.row.citation)} [dim]{safe(due.duty.fact)}[/]"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _explain(lines: list[Due]) -> None:
    if any(due.strictest for due in lines):
        out.print("* the earliest for that addressee; duties to different addressees all stand.")
    if any(due.certainty is Certainty.PLANNING for due in lines):
        out.print("planning value: the law gives no number; the time is this program's choice, not law.")
    if any(due.certainty is Certainty.BOUND for due in lines):
        out.print("at the latest: the clock can have started earlier; give the true instant with --at EVENT=INSTANT.")
    assumed = sorted({due.duty.fact for due in lines if due.duty.standing is DutyStanding.ASSUMED})
    if assumed:
        out.print(f"[yellow]warning:[/] not known to be in force, assumed so: {safe(', '.join(assumed))}")
    waiting = sorted({due.duty.fact for due in lines if not due.duty.counts})
    if waiting:
        out.print(f"[yellow]warning:[/] not in force, no clock runs: {safe(', '.join(waiting))}")


def say_where_from(law: Law) -> None:
    out.print(f"law pack {law.version}: facts, not legal advice. {law.digest}", style="dim")


def _pack(law: Law) -> dict[str, Any]:
    return {"version": law.version, "digest": law.digest}


def _change(one: Change) -> dict[str, Any]:
    return {**asdict(one), "kind": one.kind.value, "reaches": list(one.reaches)}


def _impact(one: Impact) -> dict[str, Any]:
    return {
        "agreement": one.agreement,
        "touched": one.touched,
        "clauses": list(one.clauses),
        "facts": list(one.facts),
        "flows": [{**asdict(flow), "before": flow.before.value, "after": flow.after.value} for flow in one.flows],
        "now": [_found(finding) for finding in one.now],
        "no_more": [_found(finding) for finding in one.no_more],
        "reviews": list(one.reviews),
    }


def _found(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "severity": finding.severity.value, "law": list(finding.law)}


def _line(line: Line) -> dict[str, Any]:
    return {
        "subject": line.subject,
        "id": line.cite,
        "says": line.says,
        "citation": line.fact.citation,
        "confidence": line.fact.confidence,
        "from": line.fact.source,
        "inherited": line.fact.inherited,
        "note": line.fact.note,
    }


def _due(law: Law, due: Due) -> dict[str, Any]:
    row = due.duty.row
    return {
        "jurisdiction": due.duty.jurisdiction,
        "duty": due.duty.fact,
        "standing": due.duty.standing.value,
        "who": row.who,
        "to": row.to,
        "recipient": row.recipient,
        "trigger": row.trigger,
        "threshold": row.threshold,
        "stage": due.stage,
        "deadline": due.deadline,
        "deadline_kind": row.deadline_kind,
        "calendar": due.calendar,
        "time_zone": law.sheet.zones[due.duty.jurisdiction],
        "clock_start": due.clock_start,
        "due": format_instant(due.at) if due.at else None,
        "certainty": due.certainty.value,
        "detail": due.detail,
        "strictest": due.strictest,
        "citation": row.citation,
        "confidence": due.duty.confidence,
        "note": due.note,
    }

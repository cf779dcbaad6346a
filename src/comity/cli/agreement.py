"""`comity agreement`: check, explain, sign and verify data sharing agreements; the language's schema and its checks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.padding import Padding
from rich.table import Table

from comity.agreement import (
    CHECKS,
    Agreement,
    Check,
    Finding,
    Severity,
    Signatures,
    catalogue,
    check,
    explain,
    gather,
    json_schema,
    parse,
    read_signatures,
    sarif,
    sign,
    verify,
    workflow_commands,
    write_signatures,
)
from comity.canon import InputError, printable
from comity.cli.agreements import read_agreement
from comity.cli.clock import business_time
from comity.cli.files import read_bytes, write_whole
from comity.cli.keys import read_private_key
from comity.cli.terminal import out, print_json, safe
from comity.law import Law

app = typer.Typer(no_args_is_help=True)

FOUND_ERRORS = 1  # exit status of a check that found errors, and of a verification that is not complete
_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


class Form(StrEnum):
    """How findings are printed: `sarif` is SARIF 2.1.0, `github` what GitHub Actions shows beside the change."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


FileArgument = Annotated[Path, typer.Argument(help="The agreement, a YAML file.")]
BaselineOption = Annotated[Path | None, typer.Option(help="The baseline it extends; else looked for beside it.")]
LawOption = Annotated[Path | None, typer.Option("--law", help="Another law pack than the one that ships.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


class UnknownCode(InputError):
    what = "{code} is no check"
    why = "the codes are {known}"
    do = "write one of them; `comity agreement codes` lists them"


class NoSignatures(InputError):
    what = "{path} is not there"
    why = "nobody has signed the agreement beside it"
    do = "sign it with `comity agreement sign`"


@app.command("check")
def check_command(
    file: FileArgument,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to check for; today.")] = None,
    baseline: BaselineOption = None,
    law_pack: LawOption = None,
    as_json: JsonOption = False,
    form: Annotated[Form, typer.Option("--format", help="For people, or for programs and code review.")] = Form.TEXT,
) -> None:
    """Say everything a careful reader would: code, place, clause, law and remedy. Exit 1 if there are errors."""
    text = read_agreement(file, baseline)
    day = business_time(on).date()
    findings = check(text.agreement, Law.load(law_pack), day, text.baseline)
    match Form.JSON if as_json else form:
        case Form.TEXT:
            _print_findings(file, text.agreement, findings)
        case Form.JSON:
            found = [_json(one) for one in findings]
            print_json({"agreement": _ref(text.agreement), "on": str(day), "findings": found})
        case Form.SARIF:
            print_json(sarif(findings, file.parent))
        case Form.GITHUB:
            for line in workflow_commands(findings, file.parent):
                typer.echo(line)
    if any(one.severity is Severity.ERROR for one in findings):
        raise typer.Exit(FOUND_ERRORS)


@app.command("explain")
def explain_command(
    file: FileArgument,
    out_file: Annotated[Path | None, typer.Option("--out", help="Write it here instead of printing it.")] = None,
    baseline: BaselineOption = None,
    law_pack: LawOption = None,
) -> None:
    """The public notice, in plain language, as Markdown."""
    text = read_agreement(file, baseline)
    notice = explain(text.agreement, Law.load(law_pack), text.baseline)
    if out_file:
        write_whole(out_file, [notice.encode()])
    else:
        typer.echo(notice, nl=False)


@app.command("sign")
def sign_command(
    file: FileArgument,
    key: Annotated[Path, typer.Option(help="The party's private key (`comity key new`).")],
    party: Annotated[str, typer.Option(help="The party that signs, by its id.")],
) -> None:
    """Sign for a party. The signature is added to `<agreement>.signatures.json` beside the agreement."""
    agreement = parse(read_bytes(file), file.name)
    target = _signatures_path(file)
    before: tuple[Signatures, ...] = ()
    if target.exists():
        before = (read_signatures(read_bytes(target), target.name),)
        verify(agreement, before[0])
    made = sign(agreement, read_private_key(key), party)
    signatures = gather(agreement, [*(one for file_ in before for one in file_.signatures), made])
    write_whole(target, [write_signatures(signatures)])
    missing = verify(agreement, signatures).missing
    out.print(f"{safe(party)} has signed {agreement.digest}", soft_wrap=True, highlight=False)
    out.print(f"still to sign: {safe(', '.join(missing))}" if missing else "every party has signed")


@app.command("verify")
def verify_command(file: FileArgument, as_json: JsonOption = False) -> None:
    """Who has signed this very text, and who has not. Exit 1 while somebody has not, 2 if a signature is wrong."""
    agreement = parse(read_bytes(file), file.name)
    target = _signatures_path(file)
    if not target.exists():
        raise NoSignatures(path=target)
    signed = verify(agreement, read_signatures(read_bytes(target), target.name))
    if as_json:
        print_json({"agreement": _ref(agreement), **asdict(signed)})
    else:
        out.print(
            f"{agreement.id} version {agreement.text.version}, {agreement.digest}", soft_wrap=True, highlight=False
        )
        out.print(f"signed by: {safe(', '.join(signed.by) or 'nobody')}")
        out.print(f"not signed by: {safe(', '.join(signed.missing) or 'nobody: it is complete')}")
    if not signed.complete:
        raise typer.Exit(FOUND_ERRORS)


@app.command()
def schema() -> None:
    """The JSON Schema of the language, for editors."""
    print_json(json_schema())


@app.command()
def codes(
    as_json: JsonOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the catalogue as docs/checks.md has it.")] = False,
) -> None:
    """Every check, by its code."""
    if markdown:
        typer.echo(catalogue(), nl=False)
        return
    if as_json:
        print_json([_about(one) for one in CHECKS.values()])
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("code", "severity", "what it finds"):
        table.add_column(column)
    for one in CHECKS.values():
        table.add_row(one.code, one.severity.value, one.title, style=_COLOURS[one.severity])
    out.print(table)


@app.command()
def explain_code(code: Annotated[str, typer.Argument(help="As C302.")], as_json: JsonOption = False) -> None:
    """What a check looks for, why, and what to do."""
    found = CHECKS.get(code.upper())
    if found is None:
        raise UnknownCode(code=printable(code), known=", ".join(CHECKS))
    if as_json:
        print_json(_about(found))
        return
    out.print(f"[bold]{found.code}[/] {found.title} ({found.severity.value})")
    out.print(f"Why: {found.why}")
    out.print(f"What to do: {found.do}")


def _signatures_path(file: Path) -> Path:
    return file.with_name(f"{file.stem}.signatures.json")


def _ref(agreement: Agreement) -> dict[str, object]:
    return {"id": agreement.id, "version": agreement.text.version, "digest": agreement.digest}


def _json(finding: Finding) -> dict[str, object]:
    return {**asdict(finding), "severity": finding.severity.value, "law": list(finding.law), "place": finding.place}


def _about(found: Check) -> dict[str, str]:
    return {
        "code": found.code,
        "title": found.title,
        "severity": found.severity.value,
        "why": found.why,
        "do": found.do,
    }


def _print_findings(file: Path, agreement: Agreement, findings: list[Finding]) -> None:
    """The place stands first on its line and whole, so that a terminal can open it."""
    for one in findings:
        colour = _COLOURS[one.severity]
        place = safe(str(file.with_name(one.place)))
        out.print(
            f"{place}: [{colour}]{one.severity.value} {one.code}[/] {safe(one.clause)}", soft_wrap=True, highlight=False
        )
        for label, words in (("", one.text), ("law: ", ", ".join(one.law)), ("do: ", one.do)):
            if words:
                out.print(Padding(f"[dim]{label}[/]{safe(words)}", (0, 0, 0, 4)), highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("agreement", *(f"{severity.value}s" for severity in Severity)):
        table.add_column(column)
    count = (str(sum(one.severity is severity for one in findings)) for severity in Severity)
    table.add_row(f"{agreement.id} version {agreement.text.version}", *count)
    out.print(table)

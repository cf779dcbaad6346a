"""`comity verify`: verify a bill and its objects offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from comity.canon import strict_base64
from comity.cli.files import read_bytes
from comity.cli.keys import log_key, public_key
from comity.cli.terminal import out, print_json, safe
from comity.ledger import parse_policy
from comity.material import read_bundle
from comity.messages import Account, read_bill, verify_bill


def verify(
    bill: Annotated[Path, typer.Argument(help="The bill.")],
    key: Annotated[str, typer.Option("--key", help="The origin's public key: ed25519:..., or a file that holds it.")],
    objects: Annotated[Path, typer.Option(help="The bundle that the bill came with.")],
    log_key_text: Annotated[
        str | None, typer.Option("--log-key", help="The log's key, where it is not the origin's own.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Which witnesses must have seen the log (tlog-policy).")] = None,
    receiver: Annotated[str | None, typer.Option("--to", help="Who must be named as the receiver.")] = None,
    agreement: Annotated[
        Path | None, typer.Option("--agreement", "-a", help="The agreement that it must be under.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Verify a bill and its objects offline: signature, log entry, and every object.

    Exit status: 0 with an account of what was checked; 2 with what failed, why, and what to do.
    """
    paper = read_bill(read_bytes(bill), at=bill.name)
    account = verify_bill(
        paper,
        public_key(key),
        (dict(obj.content) for obj in read_bundle(read_bytes(objects), at=objects.name)),
        log_key=log_key(log_key_text, paper.content["log_name"]) if log_key_text else None,
        policy=parse_policy(read_bytes(policy)) if policy else None,
        receiver=receiver,
        agreement_digest=_digest(agreement) if agreement else None,
    )
    if as_json:
        print_json(_summary(account))
    else:
        _show(account)


def _digest(agreement: Path) -> str:
    from comity.agreement import parse

    return parse(read_bytes(agreement), agreement.name).digest


def _summary(account: Account) -> dict[str, object]:
    return {
        "agreement": account.agreement,
        "bill": account.bill,
        "checks": list(account.checks),
        "expiries": dict(account.expiries),
        "from": account.origin,
        "index": account.index,
        "log": account.log,
        "log_root": strict_base64.encode(account.checkpoint.root),
        "log_size": account.checkpoint.size,
        "made_at": account.made_at,
        "objects": account.objects,
        "purpose": account.purpose,
        "root": account.root,
        "signed_by": account.signed_by,
        "to": account.destination,
        "verified": True,
    }


def _show(account: Account) -> None:
    out.print(f"[bold green]verified[/] {account.bill}", soft_wrap=True, highlight=False)
    out.print(
        f"  {account.objects} objects from {safe(account.origin)} to {safe(account.destination)} "
        f"under {safe(account.agreement)}, for {safe(account.purpose)}, made at {account.made_at}",
        soft_wrap=True,
        highlight=False,
    )
    for check in account.checks:
        out.print(f"  [green]✓[/] {safe(check)}", soft_wrap=True, highlight=False)
    for instant, count in account.expiries[:5]:
        out.print(f"  {count} to be deleted by {instant}", soft_wrap=True, highlight=False)
    if len(account.expiries) > 5:
        out.print(f"  and {len(account.expiries) - 5} later days: see --json", highlight=False)

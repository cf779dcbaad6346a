"""C205: a party without a key can sign nothing."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    text = setting.agreement
    owner: dict[str, str] = {}
    for index, party in enumerate(text.text.parties):
        said = Said(text, ("parties", index))
        if party.key is None:
            yield check.finding(said, f"{party.id} has no key")
        elif party.key in owner:
            yield check.finding(said, f"{party.id} has the same key as {owner[party.key]}")
        else:
            owner[party.key] = party.id


CHECK = Check(
    code="C205",
    title="party without a key of its own",
    severity=Severity.ERROR,
    why="Agreements, bills and receipts are signed; without a key of its own a party can neither sign nor be "
    "held to it.",
    do="add the party's Ed25519 public key, as `key: ed25519:...`",
    run=_run,
    needs_places=False,
)

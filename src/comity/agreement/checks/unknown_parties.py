"""C102: every party that a clause names must be a party of that text."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        known = ", ".join(party.id for party in text.text.parties)
        named = [(name, Said(text, ("authority", name))) for name in text.text.authority or ()]
        named += [(name, Said(text, ("contacts", name))) for name in text.text.contacts or ()]
        for index, transfer in enumerate(text.text.transfers or ()):
            named += [
                (transfer.from_, Said(text, ("transfers", index, "from"))),
                (transfer.to, Said(text, ("transfers", index, "to"))),
            ]
        for name, said in named:
            if text.party(name) is None:
                yield check.finding(said, f"`{name}` is no party; the parties are {known}")


CHECK = Check(
    code="C102",
    title="unknown party",
    severity=Severity.ERROR,
    why="A clause about somebody who is not bound by the agreement binds nobody.",
    do="name one of the parties, or add the party",
    run=_run,
    needs_places=False,
)

"""C605: no machine decides about a person."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        automated = text.text.automated
        if automated is None:
            continue
        if automated.decisions_about_persons == "allowed":
            yield check.finding(
                Said(text, ("automated", "decisions-about-persons")), "machines may decide about persons"
            )
        blocks = [word for word in automated.may if word.startswith("block-")]
        if blocks and automated.at_most is None:
            words = f"{', '.join(blocks)} may last for ever without a person"
            yield check.finding(Said(text, ("automated",)), words, do="set `automated.at-most`")


CHECK = Check(
    code="C605",
    title="automated decisions about persons",
    severity=Severity.ERROR,
    why="Decisions about a person that have legal or similar effect are not for machines (GDPR art 22, LED art "
    "11, LGPD art 20); a block that nobody looks at becomes one.",
    do="set `decisions-about-persons: forbidden`",
    run=_run,
    needs_places=False,
)

"""C501: an agreement ends."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting
from comity.canon import Duration, midnight

LONGEST = Duration("P5Y")  # a product choice: the Union reviews its own adequacy decisions at least every four years


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    text = setting.agreement
    term = text.text.term
    said = Said(text, ("term",))
    if term.sunset is None:
        yield check.finding(said, "the agreement never ends")
        return
    if term.sunset < term.from_:
        yield check.finding(said, f"it ends on {term.sunset}, before it begins on {term.from_}")
    if term.sunset > LONGEST.after(midnight(term.from_)).date():
        words = f"it runs for more than {LONGEST} without being agreed anew"
        yield check.finding(said, words, severity=Severity.WARNING, do="set an earlier sunset")
    if setting.baseline:
        outer = setting.baseline.text.term
        if outer.sunset and term.sunset > outer.sunset:
            words = f"it ends on {term.sunset}, after its baseline ({setting.baseline.id}:term, {outer.sunset})"
            yield check.finding(said, words, do="end it with its baseline, or earlier")
        if term.from_ < outer.from_:
            yield check.finding(said, f"it begins before its baseline ({outer.from_})", do="begin it later")


CHECK = Check(
    code="C501",
    title="no end, or one too late",
    severity=Severity.ERROR,
    why="Circumstances and law change; what never ends is never looked at, and deletion at the end has no day.",
    do="add a `sunset` to `term`",
    run=_run,
    needs_places=False,
)

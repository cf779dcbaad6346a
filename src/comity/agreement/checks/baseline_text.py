"""C801: an annex extends the very text that its digest names."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    text, baseline = setting.agreement, setting.baseline
    extends = text.text.extends
    said = Said(text, ("extends",))
    if extends is None:
        if baseline is not None:
            yield check.finding(said, f"it extends nothing, and {baseline.id} was given as its baseline")
        return
    if baseline is None:
        yield check.finding(said, f"its baseline {extends.agreement} version {extends.version} was not given")
    elif (extends.agreement, extends.version) != (baseline.id, baseline.text.version):
        given = f"{baseline.id} version {baseline.text.version}"
        words = f"it extends {extends.agreement} version {extends.version}, and was given {given}"
        yield check.finding(said, words)
    elif extends.digest != baseline.digest:
        words = f"the text of {baseline.id} is another than the one it extends (digest {baseline.digest})"
        yield check.finding(Said(text, ("extends", "digest")), words)
    if baseline is not None and baseline.text.extends is not None:
        yield check.finding(said, f"{baseline.id} is an annex itself", do="extend a baseline")


CHECK = Check(
    code="C801",
    title="baseline missing or another text",
    severity=Severity.ERROR,
    why="An annex means nothing without its baseline, and something else over another one.",
    do="give the baseline it was written against, or agree a new annex over the new baseline",
    run=_run,
    needs_places=False,
)

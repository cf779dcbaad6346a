"""C503: reviews that are overdue, or that nobody agreed on."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting
from comity.canon import Duration, midnight


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if not any(text.text.review for text in setting.texts):
        yield check.finding(Said(setting.agreement, ("term",)), "no review is agreed", do="add `review`")
    for text in setting.texts:
        review = text.text.review
        if review is None:
            continue
        last = review.last or text.text.term.from_
        due = Duration(review.every).after(midnight(last)).date()
        if due < setting.on:
            yield check.finding(Said(text, ("review",)), f"a review was due on {due}; the last was on {last}")
        if review.last and review.last > setting.on:
            yield check.finding(Said(text, ("review",)), f"the last review is in the future ({review.last})")


CHECK = Check(
    code="C503",
    title="review overdue",
    severity=Severity.WARNING,
    why="Necessity and the partner's law are judged again at each review; an overdue one is a judgement nobody made.",
    do="hold the review, and write its day under `review.last` in the next version",
    run=_run,
    needs_places=False,
)

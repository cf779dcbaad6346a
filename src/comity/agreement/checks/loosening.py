"""C803: an annex may tighten anything, and loosen only what its baseline marks adaptable, down to its floor."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.agreement import Agreement
from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.compiling.limits import LIMITS
from comity.agreement.compiling.rules import Cell, Rule, cells, rules_of
from comity.agreement.setting import Said, Setting
from comity.agreement.strict_yaml import Path
from comity.canon import Duration, Tlp


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if setting.baseline is None:
        return
    for path, words in _loosened(setting, setting.baseline, setting.agreement):
        yield check.finding(Said(setting.agreement, path), words)


def _loosened(setting: Setting, base: Agreement, annex: Agreement) -> Iterator[tuple[Path, str]]:
    yield from _purposes(base, annex)
    yield from _protect(setting, base, annex)
    yield from _ceilings(base, annex)
    yield from _retention(base, annex)
    for limit in LIMITS:
        lower, upper = limit.say(base), limit.say(annex)
        if lower and upper and limit.join(lower.floor, upper.default) != upper.default:
            clause = base.cite(*limit.path)
            yield limit.path, f"{annex.cite(*limit.path)} is looser than {clause} allows ({limit.show(lower.floor)})"


def _purposes(base: Agreement, annex: Agreement) -> Iterator[tuple[Path, str]]:
    for index, word in enumerate(annex.text.purposes or ()):
        if base.text.purposes and word not in base.text.purposes:
            yield (
                ("purposes", index),
                f"{annex.id}:purposes[{index}] adds {word}, which {base.id}:purposes does not name",
            )


def _protect(setting: Setting, base: Agreement, annex: Agreement) -> Iterator[tuple[Path, str]]:
    """Once a pair of clauses, though it shows in many cells."""
    seen: set[tuple[str, str]] = set()
    lower, upper = rules_of(base), rules_of(annex)
    for question in cells(setting.purposes):
        annex_rules = [rule for rule in upper if rule.speaks(*question) and not rule.never]
        if not annex_rules:
            continue
        base_rules = [rule for rule in lower if rule.speaks(*question)]
        for rule in annex_rules:
            path = annex.clauses[rule.clause]
            if not base_rules and (rule.clause, "") not in seen:
                seen.add((rule.clause, ""))
                what = f"{question.category} of {question.role}"
                words = f"{rule.clause} sets what {base.id}:protect does not speak of ({what})"
                yield path, words
            for below in base_rules:
                if (rule.clause, below.clause) in seen or _keeps(below.floor, rule.default):
                    continue
                if _stricter_elsewhere(annex_rules, below.floor):
                    continue
                seen.add((rule.clause, below.clause))
                words = f"{rule.clause} is looser than {below.clause} allows ({question.category} of {question.role})"
                yield path, words


def _keeps(floor: Cell, said: Cell) -> bool:
    return said.join(floor).same_answer(said)


def _stricter_elsewhere(rules: list[Rule], floor: Cell) -> bool:
    """Whether the annex's rules together keep the floor."""
    joined = rules[0].default
    for rule in rules[1:]:
        joined = joined.join(rule.default)
    return _keeps(floor, joined)


def _ceilings(base: Agreement, annex: Agreement) -> Iterator[tuple[Path, str]]:
    allowed = {share.id: share for share in base.text.share or ()}
    for index, share in enumerate(annex.text.share or ()):
        before = allowed.get(share.id)
        if before is None:
            continue
        if Tlp.of(share.ceiling) > Tlp.of(before.ceiling):
            yield (
                ("share", index),
                f"{annex.id}:{share.id} lifts the ceiling of {base.id}:{before.id} ({before.ceiling})",
            )
        if share.release == "automatic" and before.release == "approved":
            yield (
                ("share", index),
                f"{annex.id}:{share.id} releases automatically what {base.id}:{before.id} has approved",
            )


def _retention(base: Agreement, annex: Agreement) -> Iterator[tuple[Path, str]]:
    lower, upper = base.retention, annex.retention
    periods = {**lower.clauses, **({"personal-data": lower.personal_data} if lower.personal_data else {})}
    said: dict[str, Duration] = {
        **upper.clauses,
        **({"personal-data": upper.personal_data} if upper.personal_data else {}),
    }
    for name, span in said.items():
        floor = lower.adaptable.get(name, periods.get(name, span))
        if span > floor:
            yield (
                ("retention", name),
                f"{annex.id}:retention.{name} keeps longer than {base.id}:retention.{name} allows ({floor})",
            )
    if lower.on_sunset == "delete" and upper.on_sunset != "delete":
        yield (
            ("retention", "on-sunset"),
            f"{annex.id}:retention keeps after the sunset what {base.id}:retention deletes",
        )


CHECK = Check(
    code="C803",
    title="annex looser than its baseline",
    severity=Severity.ERROR,
    why="A baseline is worth something because no annex undercuts it (promise 2). Over the baseline the stricter rule "
    "would win all the same: an annex that says otherwise misleads whoever reads it alone.",
    do="tighten the annex, or have the baseline mark the term `adaptable`",
    run=_run,
    needs_places=False,
)

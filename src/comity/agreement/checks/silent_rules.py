"""C406: kinds of data that no rule speaks of are withheld with their whole object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.compiling.rules import rules_of
from comity.agreement.setting import Said, Setting
from comity.canon import Category, Role


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if not setting.shares_personal_data:
        return
    root = setting.texts[0]
    rules = rules_of(root)
    silent: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for category in Category:
        own = [rule for rule in rules if category in rule.categories]
        roles = tuple(
            role.value
            for role in Role
            if any(
                not any(rule.speaks(category, role, purpose, inside) for rule in own)
                for purpose in setting.purposes
                for inside in (False, True)
            )
        )
        if roles:
            silent[roles].append(category.value)
    for roles, kinds in silent.items():
        whose = "anybody" if len(roles) == len(Role) else ", ".join(roles)
        words = f"no rule speaks of {', '.join(kinds)} of {whose}: an object that holds one is withheld whole"
        yield check.finding(Said(root, ("protect",)), words)


CHECK = Check(
    code="C406",
    title="data without a rule",
    severity=Severity.WARNING,
    why="No rule for a detection means withhold. That is safe, and it also keeps home what a partner may need.",
    do="add a `protect` rule, or accept that such objects stay home",
    run=_run,
    needs_places=False,
)

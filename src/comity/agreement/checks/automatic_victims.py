"""C404: a machine may not send victims' data whole."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.compiling.rules import rules_of
from comity.agreement.grammar.words import many
from comity.agreement.setting import Said, Setting
from comity.canon import KEEP, Category, Role

# What identifies a victim; a family's first member stands for all that is ruled like it.
_PEOPLE = (
    Category.PERSON_NAME,
    Category.EMAIL_ADDRESS,
    Category.IPV4_ADDRESS,
    Category.IPV6_ADDRESS,
    Category.USERNAME,
)


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        for index, share in enumerate(text.text.share or ()):
            if share.release != "automatic" or share.personal_data == "none":
                continue
            for purpose in many(share.for_) or setting.purposes:
                for rule in _keepers(setting, purpose):
                    words = (
                        f"{share.id} is released automatically for {purpose}, where {rule} keeps victims' data whole"
                    )
                    yield check.finding(Said(text, ("share", index)), words)


def _keepers(setting: Setting, purpose: str) -> Iterator[str]:
    seen: set[str] = set()
    for text in setting.texts:
        for rule in rules_of(text):
            matches = any(
                rule.speaks(category, Role.VICTIM, purpose, inside) for category in _PEOPLE for inside in (False, True)
            )
            if matches and rule.default.treatment == KEEP and rule.clause not in seen:
                seen.add(rule.clause)
                yield rule.clause


CHECK = Check(
    code="C404",
    title="automatic release of victims' data",
    severity=Severity.ERROR,
    why="Whom an attack hit is for a person to disclose, not for a rule (promise 4; GDPR art 22 in spirit, art "
    "5(1)(c)).",
    do="set `release: approved` on the share clause, or reduce victims' data for that purpose",
    run=_run,
    needs_places=False,
)

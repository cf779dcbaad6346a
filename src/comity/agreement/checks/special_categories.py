"""C401: special categories never cross, and the agreement says so."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.grammar.protection import treatment
from comity.agreement.grammar.words import categories, many
from comity.agreement.setting import Said, Setting
from comity.canon import FAMILIES, REDACT


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if not setting.shares_personal_data:
        return
    special = frozenset(FAMILIES["special-category"])
    excluded = {
        category
        for text in setting.texts
        for never in text.text.never or ()
        if never.unless is None
        for category in categories(many(never.data))
    }
    facts = tuple(
        dict.fromkeys(
            fact
            for party in setting.agreement.text.parties
            for fact in setting.law.special_categories(party.jurisdiction).facts
        )
    )
    open_ = sorted(category.value for category in special - excluded)
    if open_:
        words = f"no `never` clause excludes {', '.join(open_)}"
        yield check.finding(Said(setting.agreement, ("never",)), words, law=facts)
    for text in setting.texts:
        for index, rule in enumerate(text.text.protect or ()):
            loose = special & categories(many(rule.data))
            if loose and not treatment(rule.treatment).at_least(REDACT):
                which = ", ".join(sorted(loose))
                words = f"{rule.id} lets special categories across ({which}); they are redacted all the same"
                yield check.finding(Said(text, ("protect", index)), words, law=facts)


CHECK = Check(
    code="C401",
    title="special categories not excluded",
    severity=Severity.ERROR,
    why="Health, origin, belief and their like may be sent only on a ground of their own (GDPR art 9, LGPD art "
    "11, APPI art 20(2)); threat intelligence has none.",
    do="add `never: - {id: N1, data: special-category}`",
    run=_run,
)

"""C504: everything that comes has a day on which it goes."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting
from comity.canon import Duration

LONGEST_PERSONAL = Duration("P2Y")  # a product choice: no law here names a period for threat intelligence


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    facts = tuple(
        dict.fromkeys(
            setting.law[party.jurisdiction].cite_section("retention") for party in setting.agreement.text.parties
        )
    )
    for text in setting.texts:
        for index, share in enumerate(text.text.share or ()):
            if setting.retention(share.id) is None:
                yield check.finding(Said(text, ("share", index)), f"no period is set for {share.id}", law=facts)
    if not setting.shares_personal_data:
        return
    personal = setting.retention("personal-data")
    if personal is None:
        words = "no period is set for personal data"
        yield check.finding(Said(setting.agreement, ("retention",)), words, law=facts)
    elif personal[0] > LONGEST_PERSONAL:
        words = f"personal data are kept for {personal[0]}"
        do = f"keep them for {LONGEST_PERSONAL} at most, or record why longer is needed"
        yield check.finding(Said(setting.agreement, ("retention",)), words, law=facts, severity=Severity.WARNING, do=do)


CHECK = Check(
    code="C504",
    title="retention missing or too long",
    severity=Severity.ERROR,
    why="Personal data are kept no longer than their purpose needs (GDPR art 5(1)(e), LGPD arts 15-16, APPI art 22).",
    do="add the clause's id to `retention`, with a duration",
    run=_run,
)

"""C201: each party needs a legal basis that its law opens to its form and capacity, for every purpose."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.lawfulness import basis
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if not setting.shares_personal_data:
        return
    for index, party in enumerate(setting.agreement.text.parties):
        stated = setting.authority(party.id)
        if not stated:
            said = Said(setting.agreement, ("parties", index))
            yield check.finding(said, f"no authority is stated for {party.id}", do="add it under `authority`")
        for said, alternatives in stated:
            for purpose in setting.purposes:
                found = [basis(setting, party, authority, said.clause, purpose) for authority in alternatives]
                if any(one.open for one in found):
                    continue
                text = f"{party.id} ({party.form}, {party.capacity}) has no open basis for {purpose}: {found[0].detail}"
                law = (found[0].finding.fact,) if found[0].finding else ()
                yield check.finding(said, text, law=law)


CHECK = Check(
    code="C201",
    title="legal basis not open to this party",
    severity=Severity.ERROR,
    why="A basis is open to some legal forms and closed to others: a public authority cannot rest its tasks on "
    "legitimate interests (GDPR art 6(1), second subparagraph). What is open on conditions must be named.",
    do="state a basis that the law opens to this form and capacity, and name the provision it rests on if it is "
    "open on conditions",
    run=_run,
)

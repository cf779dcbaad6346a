"""C602: every person must find somebody to ask, and somebody above them."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.grammar.parties import Party
from comity.agreement.setting import Said, Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    if not setting.shares_personal_data:
        return
    rights = [(text, text.text.rights) for text in setting.texts if text.text.rights]
    if not rights:
        said = Said(setting.agreement, ("rights",))
        yield check.finding(said, "nothing is said of the rights of the people concerned", do="add `rights`")
        return
    text, stated = rights[-1]
    parties = setting.agreement.text.parties
    served = parties if stated.contact == "each" else parties[:1]
    for party in served:
        if not any(party.id in (one.text.contacts or {}) for one in setting.texts):
            words = f"people shall turn to {party.id}, and it names no contact"
            yield check.finding(Said(text, ("rights",)), words, do=f"add `contacts.{party.id}`")
    for party in parties:
        known = _authorities(setting, party)
        if known and not known & set(stated.supervised_by):
            words = f"no supervisory authority of {party.jurisdiction} is named ({', '.join(sorted(known))})"
            law = (f"{party.jurisdiction.lower()}.authorities.supervisory",)
            yield check.finding(Said(text, ("rights",)), words, law=law, do="add it to `rights.supervised-by`")
    everybody = {abbr for one in setting.texts for party in one.text.parties for abbr in _authorities(setting, party)}
    for name in stated.supervised_by:
        if name not in everybody:
            words = f"{name} is no supervisory authority of any party ({', '.join(sorted(everybody))})"
            yield check.finding(Said(text, ("rights",)), words, do="name one that the law pack has")
    for party in parties:
        facts = setting.law[party.jurisdiction].facts.rights
        for right in ("access", "complaint"):
            if getattr(facts, right).available in ("no", "unknown"):
                words = (
                    f"{party.jurisdiction} gives no right of {right}, or none that is known: {party.id} cannot serve it"
                )
                law = (setting.law[party.jurisdiction].cite_section("rights", right),)
                yield check.finding(Said(text, ("rights",)), words, law=law, severity=Severity.WARNING)


def _authorities(setting: Setting, party: Party) -> set[str]:
    if not setting.knows(party.jurisdiction):
        return set()
    rows = setting.law[party.jurisdiction].facts.authorities
    return {row.abbr or row.name for row in rows if row.role == "supervisory"}


CHECK = Check(
    code="C602",
    title="rights that nobody serves",
    severity=Severity.ERROR,
    why="Who is in the data can find, correct, erase and complain (GDPR arts 12-22 and 77, LGPD art 18, APPI "
    "arts 32-40); a right without an address is none.",
    do="let the agreement promise it by contract, if the law does not",
    run=_run,
)

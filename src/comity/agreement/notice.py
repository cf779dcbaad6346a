"""explain: the public notice of an agreement, in plain language, from its text and the facts of law it rests on.

For the people the data are about: who, what, why, on what basis, how long, what is done to it, your rights and where
to go. Every sentence ends with the clause it stands on. Source: GDPR arts 13 and 14, LGPD art 9, APPI art 32.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from comity.agreement.agreement import Agreement
from comity.agreement.compiling.answers import law_floor
from comity.agreement.compiling.promises import obligations, span_in_words
from comity.agreement.grammar.parties import Party
from comity.agreement.grammar.protection import Generalise, Protect, TreatmentTerm
from comity.agreement.grammar.words import many
from comity.agreement.setting import Setting
from comity.law import Law, UnknownTerm

_ROLES = {
    "attacker": "attackers",
    "abused-host": "owners of hacked machines that attack others",
    "victim": "victims",
    "reporter": "people who report incidents",
    "analyst": "analysts",
    "bystander": "bystanders",
    "organisation": "organisations",
    "unknown": "people whose part is not known",
}
_TREATMENTS = {
    "keep": "is passed on as it is",
    "pseudonymise": "is replaced by a pseudonym that leads back to nobody outside the sender",
    "redact": "is removed",
    "withhold": "stays home, with everything that holds it",
}


def explain(agreement: Agreement, law: Law, baseline: Agreement | None = None) -> str:
    """The notice, as Markdown. It explains what is written and checks nothing: see `check`."""
    # Nothing in a notice depends on the day; the first day of the term stands for it.
    setting = Setting(agreement=agreement, baseline=baseline, law=law, on=agreement.text.term.from_)
    sections = (_head, _who, _why, _what, _treated, _kept, _promised, _rights, _places, _source)
    return "\n".join(line for section in sections for line in section(setting)).rstrip() + "\n"


def _head(setting: Setting) -> Iterator[str]:
    text = setting.agreement.text
    yield f"# {_plain(text.title)}"
    yield ""
    until = f" until {_day(text.term.sunset)}" if text.term.sunset else ""
    yield f"In force from {_day(text.term.from_)}{until}. [{setting.agreement.cite('term')}]"
    if setting.baseline:
        title = _plain(setting.baseline.text.title)
        clause = setting.agreement.cite("extends")
        yield f"It extends a baseline, *{title}*, and loosens nothing of it but what that leaves open. [{clause}]"
    yield ""


def _who(setting: Setting) -> Iterator[str]:
    yield "## Who exchanges information"
    yield ""
    for index, party in enumerate(setting.agreement.text.parties):
        clause = setting.agreement.cite("parties", index)
        kind = f"{party.form.replace('-', ' ')}, acting as {party.capacity.replace('-', ' ')}"
        name = f"**{_plain(party.name)}** ({_plain(party.legal_entity)}), {_country(setting, party)}"
        yield f"- {name}: {kind}. [{clause}]"
    for text in reversed(setting.texts):
        if text.text.roles:
            role = text.text.roles.default.replace("-", " ")
            yield ""
            yield f"Each answers for what it does: they are {role}. [{text.cite('roles')}]"
            break
    yield ""


def _why(setting: Setting) -> Iterator[str]:
    yield "## Why, and on what basis"
    yield ""
    named = next((text for text in reversed(setting.texts) if text.text.purposes), None)
    for purpose in setting.purposes:
        yield f"- {_define(setting, purpose, 'purpose')} [{named.cite('purposes') if named else ''}]"
    yield ""
    for party in setting.agreement.text.parties:
        for said, alternatives in setting.authority(party.id):
            for authority in alternatives:
                basis = _define(setting, authority.basis, "legal_basis")
                yield f"- {_plain(party.name)}: {basis}{_laid_down(setting, authority.laid_down_in)} [{said.clause}]"
    for flow in setting.flows:
        for rows in setting.transfers(flow):
            for said, row in rows:
                tool = _define(setting, row.instrument, "transfer_tool")
                yield f"- From {_plain(flow.origin.name)} to {_plain(flow.destination.name)}: {tool} [{said.clause}]"
    yield ""


def _laid_down(setting: Setting, laid: object) -> str:
    law, section = getattr(laid, "law", None), getattr(laid, "section", "")
    if law is None or not setting.law.has(law):
        return ""
    return f" ({_plain(setting.law.fact(law).text)}, {_plain(section)})"


def _what(setting: Setting) -> Iterator[str]:
    yield "## What is shared, and what never is"
    yield ""
    for text in setting.texts:
        for share in text.text.share or ():
            what = ", ".join(word.replace("-", " ") for word in many(share.what))
            how = "a person approves each release" if share.release == "approved" else "released automatically"
            personal = "; no personal data" if share.personal_data == "none" else ""
            consent = f"; with the consent of the {share.consent.of.replace('-', ' ')}" if share.consent else ""
            ceiling = f"up to TLP:{share.ceiling.upper()}"
            yield f"- {what.capitalize()}, {ceiling}; {how}{personal}{consent}. [{text.id}:{share.id}]"
    for text in setting.texts:
        for never in text.text.never or ():
            what = (
                ", ".join(_define(setting, word, "data") for word in many(never.data))
                or f"TLP:{(never.marked or '').upper()}."
            )
            yield f"- Never: {what} [{text.id}:{never.id}]"
    yield ""


def _treated(setting: Setting) -> Iterator[str]:
    yield "## What is done to data about people"
    yield ""
    for text in setting.texts:
        for rule in text.text.protect or ():
            kinds = ", ".join(word.replace("-", " ") for word in many(rule.data))
            whose = ", ".join(_ROLES[role] for role in many(rule.role)) or "anybody"
            yield f"- {kinds.capitalize()} of {whose}{_where(rule)}: {_done(rule)}. [{text.id}:{rule.id}]"
    yield "- Whatever no rule speaks of stays home."
    yield from _law(setting)
    yield ""


def _law(setting: Setting) -> Iterator[str]:
    """What the law of a party adds, whatever the clauses say."""
    if not setting.lawful_places:
        return
    floors = [law_floor(setting, flow) for flow in setting.flows]
    special = sorted({category.value.replace("-", " ") for floor in floors for category in floor.special})
    facts = dict.fromkeys(fact for floor in floors for found in floor.special.values() for fact in found)
    what = f"The law of the parties protects these most, and they never cross: {', '.join(special)}"
    yield f"- {what}. [{', '.join(facts)}]"
    victims = dict.fromkeys(fact for floor in floors for fact in floor.victims)
    if victims:
        what = "Being the victim of a crime is one of them: what identifies a victim is removed"
        yield f"- {what}. [{', '.join(victims)}]"


def _where(rule: Protect) -> str:
    words = f", for {', '.join(word.replace('-', ' ') for word in many(rule.for_))}" if rule.for_ else ""
    return words + (", where the receiver answers for the person's country" if rule.subject_in else "")


def _done(rule: Protect) -> str:
    words = _treatment(rule.treatment)
    if rule.adaptable and rule.adaptable.treatment != rule.treatment:
        words += f" (an annex may say instead that it {_treatment(rule.adaptable.treatment)})"
    if rule.expires:
        words += f", and expires after {span_in_words(rule.expires)}"
    return words + (", and nobody may be held to be the attacker for it" if rule.attribution == "forbidden" else "")


def _treatment(term: TreatmentTerm) -> str:
    if isinstance(term, Generalise):
        return "is cut down to a part that leads to no single person"
    return _TREATMENTS[term]


def _kept(setting: Setting) -> Iterator[str]:
    yield "## How long it is kept"
    yield ""
    names = [share.id for text in setting.texts for share in text.text.share or ()]
    for name in dict.fromkeys((*names, "personal-data")):
        kept = setting.retention(name)
        if kept:
            what = "Data about people" if name == "personal-data" else f"What comes under {name}"
            yield f"- {what}: {span_in_words(kept[0].text)} from its first receipt. [{', '.join(kept[1])}]"
    yield ""


def _promised(setting: Setting) -> Iterator[str]:
    yield "## What the parties promise each other"
    yield ""
    for promise in obligations(setting):
        yield f"- {_plain(promise.text)} [{promise.clause}]"
    yield ""


def _rights(setting: Setting) -> Iterator[str]:
    yield "## Your rights"
    yield ""
    for party in setting.agreement.text.parties:
        if not setting.knows(party.jurisdiction):
            continue
        home = setting.law[party.jurisdiction]
        rights = home.facts.rights
        names = ("access", "rectification", "erasure", "restriction", "objection", "complaint", "judicial_redress")
        given = [name.replace("_", " ") for name in names if getattr(rights, name).available == "yes"]
        on_conditions = [name.replace("_", " ") for name in names if getattr(rights, name).available == "conditional"]
        more = f"; on conditions: {', '.join(on_conditions)}" if on_conditions else ""
        deadline = rights.response_deadline
        due = f"within {span_in_words(deadline)}" if deadline.startswith("P") else deadline.replace("-", " ")
        yield (
            f"- In {home.name}: {', '.join(given)}{more}. An answer is due {due}. "
            f"[{rights.citation}; {home.cite_section('rights')}]"
        )
    yield ""


def _places(setting: Setting) -> Iterator[str]:
    yield "## Where to go"
    yield ""
    for party in setting.agreement.text.parties:
        for text in setting.texts:
            contact = (text.text.contacts or {}).get(party.id)
            if contact:
                post = f"; by post: {_plain(contact.postal)}" if contact.postal else ""
                clause = text.cite("contacts", party.id)
                yield f"- {_plain(party.name)}: {_plain(contact.privacy_officer)}{post} [{clause}]"
    for party in setting.agreement.text.parties:
        if setting.knows(party.jurisdiction):
            rows = setting.law[party.jurisdiction].facts.authorities
            row = next((row for row in rows if row.role == "supervisory"), None)
            if row:
                yield f"- If you are not content, complain to {row.name}{f', {row.url}' if row.url else ''}."
    for text in setting.texts:
        if text.text.rights and text.text.rights.redress:
            ways = ", ".join(word.replace("-", " ") for word in text.text.rights.redress)
            yield f"- Redress is open before: {ways}. [{text.cite('rights')}]"
    yield ""


def _source(setting: Setting) -> Iterator[str]:
    text = setting.agreement
    languages = ", ".join(text.text.instrument.authentic)
    yield "---"
    yield (
        f"Made from {text.id} version {text.text.version}, `{text.digest}`, and law pack {setting.law.version}. "
        f"Authentic in: {languages}."
    )


def _define(setting: Setting, word: str, family: str) -> str:
    try:
        return f"*{word.replace('-', ' ')}*: {setting.law.term(word, family).definition}"
    except UnknownTerm:
        return f"*{word.replace('-', ' ')}*."


def _country(setting: Setting, party: Party) -> str:
    return setting.law[party.jurisdiction].name if setting.knows(party.jurisdiction) else party.jurisdiction


def _day(day: dt.date | None) -> str:
    return f"{day:%-d %B %Y}" if day else ""


# What Markdown or HTML would read as anything but text.
_MARKUP = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def _plain(text: str) -> str:
    """A party's own words, so that nothing in them can pose as the notice's."""
    return " ".join(text.split()).translate(_MARKUP)

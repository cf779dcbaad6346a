"""Which file evaluates each term of the grammar, or why none does yet.

An agreement that uses a term without an evaluator does not compile (promise 1): a promise that nothing keeps must not
look like one. Terms that only people keep (`compiling/promises`) travel with every release and are explained; terms
that only a running node can keep are to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from comity.agreement.agreement import Agreement
from comity.agreement.clauses import FREE_NAMES
from comity.agreement.strict_yaml import Path

PLAN = "compiling/plan_for"
GRANTS = "compiling/grants"
RULES = "compiling/rules"
ANSWERS = "compiling/answers"
LIMITS = "compiling/limits"
PROMISES = "compiling/promises"
LAWFULNESS = "lawfulness"
NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The files, under `agreement/`, that give a term its effect; none, and a reason, when it is to come."""

    by: tuple[str, ...]
    reason: str = ""

    @property
    def to_come(self) -> bool:
        return not self.by


def _by(*files: str) -> Coverage:
    return Coverage(files)


def _check(name: str) -> str:
    return f"checks/{name}"


def _later(reason: str) -> Coverage:
    return Coverage((), reason)


_NODE = "only a running node can honour it"
_GRADES = "material carries no source grade that could be compared yet"
_INSIGHT = "the insight room is not built yet"

COVERAGE: dict[str, Coverage] = {
    # Form
    "comity": _by("reading"),
    "id": _by("agreement"),
    "version": _by("agreement", _check("baseline_text")),
    "title": _by(NOTICE),
    "extends": _by(_check("baseline_text")),
    "extends.agreement": _by(_check("baseline_text")),
    "extends.version": _by(_check("baseline_text")),
    "extends.digest": _by(_check("baseline_text")),
    "instrument": _by(LAWFULNESS, PROMISES),
    "instrument.binding": _by(LAWFULNESS),
    "instrument.prevails": _by(PROMISES),
    "instrument.text": _by("signing"),
    "instrument.authentic": _by(NOTICE),
    # Parties and authority
    "parties": _by(PLAN),
    "parties.id": _by(PLAN),
    "parties.name": _by(PLAN, NOTICE),
    "parties.legal-entity": _by(NOTICE, _check("same_parties")),
    "parties.form": _by(LAWFULNESS),
    "parties.jurisdiction": _by(LAWFULNESS, _check("unknown_jurisdictions")),
    "parties.capacity": _by(LAWFULNESS),
    "parties.constituency": _by(PLAN),
    "parties.hosting": _by(_check("hosting")),
    "parties.key": _by("signing", _check("keys")),
    "parties.url": _by(_check("hosting")),
    "parties.signatory": _by("signing", NOTICE),
    "parties.capability": _by(GRANTS, _check("capability")),
    "parties.certifications": _by(LAWFULNESS),
    "roles": _by(NOTICE),
    "roles.default": _by(NOTICE),
    "roles.insight": _later(_INSIGHT),
    "contacts": _by(_check("rights_served"), NOTICE),
    "contacts.duty-officer": _by(NOTICE),
    "contacts.privacy-officer": _by(NOTICE),
    "contacts.security": _by(NOTICE),
    "contacts.postal": _by(NOTICE),
    "contacts.escalation": _by(PROMISES),
    "purposes": _by(PLAN, _check("unknown_terms")),
    "authority": _by(LAWFULNESS, _check("legal_basis")),
    "authority.basis": _by(LAWFULNESS),
    "authority.rests-on": _by(LAWFULNESS),
    "authority.laid-down-in": _by(LAWFULNESS, _check("citations_of_law"), _check("public_tasks")),
    "authority.regime": _by(_check("regimes"), GRANTS, ANSWERS),
    "transfers": _by(LAWFULNESS, _check("transfer_instruments")),
    "transfers.from": _by(LAWFULNESS),
    "transfers.to": _by(LAWFULNESS),
    "transfers.instrument": _by(LAWFULNESS),
    "transfers.regime": _by(LAWFULNESS, _check("regimes")),
    "transfers.assessed": _by(_check("transfer_conditions")),
    "transfers.reassess": _by(_check("transfer_conditions")),
    "transfers.authorised": _by(LAWFULNESS),
    # Time
    "term": _by(PLAN, _check("sunset")),
    "term.from": _by(PLAN, _check("in_force")),
    "term.sunset": _by(PLAN, _check("sunset")),
    "term.notice": _by(PROMISES),
    "term.survives-end": _by(PROMISES),
    "review": _by(_check("reviews")),
    "review.every": _by(_check("reviews")),
    "review.last": _by(_check("reviews")),
    "review.when": _by(PROMISES),
    # What is shared
    "share": _by(GRANTS),
    "share.id": _by(GRANTS),
    "share.what": _by(GRANTS),
    "share.for": _by(GRANTS),
    "share.ceiling": _by(GRANTS),
    "share.release": _by(GRANTS, _check("automatic_victims")),
    "share.personal-data": _by(GRANTS),
    "share.on-detect": _by(GRANTS),
    "share.regime": _by(GRANTS),
    "share.consent": _by(GRANTS, _check("consents")),
    "share.collected": _by(GRANTS),
    "share.properties": _by(GRANTS),
    "never": _by(RULES),
    "never.id": _by(RULES),
    "never.data": _by(RULES),
    "never.marked": _by(PLAN),
    "never.unless": _by(ANSWERS),
    # What is protected
    "protect": _by(RULES),
    "protect.id": _by(RULES),
    "protect.data": _by(RULES),
    "protect.role": _by(RULES),
    "protect.for": _by(RULES),
    "protect.subject-in": _by(RULES),
    "protect.unless": _by(RULES),
    "protect.treatment": _by(RULES),
    "protect.expires": _by(RULES),
    "protect.attribution": _by(RULES),
    "protect.adaptable": _by(RULES, _check("loosening")),
    "subjects": _by(ANSWERS),
    "subjects.minors": _by(ANSWERS),
    "subjects.deceased": _by(ANSWERS),
    "subjects.legal-persons": _by(ANSWERS, LIMITS),
    "free_text": _by(LIMITS),
    "free_text.treatment": _by(LIMITS),
    "free_text.on-doubt": _by(LIMITS),
    "doubt": _by(LIMITS),
    "doubt.refer-below": _by(LIMITS),
    "doubt.adaptable": _by(LIMITS),
    "pseudonyms": _by(LIMITS),
    "pseudonyms.epoch": _by(LIMITS, PLAN),
    "pseudonyms.adaptable": _by(LIMITS),
    # How it is kept
    "proof": _by(LIMITS),
    "proof.witnessed-within": _by(LIMITS),
    "proof.adaptable": _by(LIMITS),
    "extensions": _by(PLAN),
    "extensions.allowed": _by(PLAN),
    "quality": _by(LIMITS),
    "quality.confidence-at-least": _by(LIMITS),
    "quality.grade": _later(_GRADES),
    "quality.kind": _later(_GRADES),
    "quality.adaptable": _by(LIMITS),
    "markings": _by(LIMITS),
    "markings.unmarked": _by(LIMITS),
    "retention": _by("setting", GRANTS, _check("retention_periods")),
    "formats": _by(PLAN),
    # What the parties promise
    "origin": _by(PLAN, PROMISES),
    "origin.control": _by(PROMISES),
    "origin.caveats": _by(PLAN),
    "origin.conceal-source": _by(PLAN),
    "onward": _by(PROMISES),
    "onward.to": _by(PROMISES),
    "onward.others": _by(PROMISES),
    "onward.then": _by(PROMISES),
    "use": _by(PROMISES),
    "use.report-within": _by(PROMISES),
    "use.feedback-within": _by(PROMISES),
    "use.forbid": _by(PROMISES),
    "use.evidence-via": _by(PROMISES),
    "automated": _by(PROMISES, _check("automated_decisions")),
    "automated.may": _by(PROMISES, _check("automated_decisions")),
    "automated.at-most": _by(PROMISES, _check("automated_decisions")),
    "automated.decisions-about-persons": _by(PROMISES, _check("automated_decisions")),
    "automated.appeal": _by(PROMISES),
    "rights": _by(PROMISES, NOTICE, _check("rights_served")),
    "rights.contact": _by(NOTICE, _check("rights_served")),
    "rights.answer-within": _by(PROMISES, _check("rights_deadline")),
    "rights.relay-within": _by(PROMISES, _check("rights_deadline")),
    "rights.redress": _by(NOTICE),
    "rights.supervised-by": _by(NOTICE, _check("rights_served")),
    "rights.answer": _by(PROMISES),
    "rights.defer-notice": _by(PROMISES, _check("deferral")),
    "compelled-access": _by(PROMISES),
    "compelled-access.notify-partner": _by(PROMISES),
    "compelled-access.challenge": _by(PROMISES),
    "public-records": _by(PROMISES),
    "public-records.exempt-under": _by(PROMISES),
    "public-records.consult-originator": _by(PROMISES),
    "breach": _by(PROMISES, _check("breach_notice")),
    "breach.tell-partner-within": _by(PROMISES, _check("breach_notice")),
    # What only a running node can honour
    "derogation": _later("a one-off transfer is recorded, counted and expired by a running node"),
    "crisis": _later(_NODE),
    "requests": _later(_NODE),
    "reciprocity": _later(_NODE),
    "insight": _later(_INSIGHT),
    "suspend-if": _later(_NODE),
}


def uses(text: Agreement) -> Iterator[tuple[str, Path]]:
    """Every term of the table that a text uses, and where."""
    for section, value in text.data.items():
        yield section, (section,)
        for path in _members(section, value):
            term = f"{section}.{path[-1]}"
            if term in COVERAGE:
                yield term, (section, *path)


def _members(section: str, value: object) -> Iterator[Path]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from ((index, name) for name in (item if isinstance(item, dict) else ()))
    elif isinstance(value, dict) and section in FREE_NAMES and section != "retention":
        for key, item in value.items():
            yield from ((key, *path) for path in _members("", item))
    elif isinstance(value, dict):
        yield from ((name,) for name in value)

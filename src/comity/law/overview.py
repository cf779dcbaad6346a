"""A jurisdiction on one page: what its law says on each subject, a line for each fact that can be cited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from comity.law.citations import Fact
from comity.law.facts import BreachDuty, Rights
from comity.law.law import Law
from comity.law.shapes import RIGHTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    subject: str  # "breach duties"
    cite: str  # the id to cite: of the jurisdiction itself where it changed what it inherits
    says: str
    fact: Fact  # as this jurisdiction has it: citation, confidence, the file it stands in


def overview(law: Law, code: str) -> tuple[Line, ...]:
    """Raises: UnknownJurisdiction."""
    return tuple(
        Line(subject=subject, cite=cite, says=says, fact=law.fact(name))
        for subject, cite, name, says in _lines(law, code)
        if law.has(name)
    )


def _lines(law: Law, code: str) -> Iterator[tuple[str, str, str, str]]:
    """(subject, id to cite, id as this jurisdiction has it, what it says)"""
    home, here = law[code], code.lower()
    facts = home.facts
    for statute in facts.statutes:
        since = f" since {statute.in_force_from}" if statute.in_force_from else ""
        says = f"{statute.title} (in force: {statute.in_force}{since})"
        yield "statutes", home.cite(statute), f"{here}.statutes.{statute.id}", says
    for role in dict.fromkeys(authority.role for authority in facts.authorities):
        own = f"{here}.authorities.{role}"
        first = next(authority for authority in facts.authorities if authority.role == role)
        yield "authorities", own, own, f"{_words(role)}: {first.name}"
    for basis in facts.legal_bases:
        uses = ", ".join(map(_words, basis.use))
        says = f"{basis.dpv.removeprefix('dpv:')}, {_words(basis.actor)}: {basis.availability} ({uses})"
        yield "legal bases", home.cite(basis), f"{here}.legal_bases.{basis.id}", says
    yield "transfers", home.cite_section("transfers"), f"{here}.transfers", f"model: {_words(facts.transfers.model)}"
    for tool in facts.transfers.mechanisms:
        says = f"{_words(tool.id)}, {_words(tool.actor)}: {tool.availability}"
        yield "transfers", home.cite(tool), f"{here}.transfers.{tool.id}", says
    onward = home.cite_section("transfers", "onward")
    yield "transfers", onward, f"{here}.transfers.onward", f"onward: {_words(facts.transfers.onward.rule)}"
    for row in law.recognitions:
        if row.by in home.lineage:
            says = f"recognises {row.recognises} ({row.regime}, {row.coverage}, {_words(row.status)})"
            yield "adequacy", row.id, row.id, says
    for duty in facts.breach_duties:
        yield "breach duties", home.cite(duty), f"{here}.breach_duties.{duty.id}", _duty(duty)
    says = f"answer within {facts.rights.response_deadline} of {_words(facts.rights.clock_start)}"
    yield "rights", home.cite_section("rights"), f"{here}.rights", says
    for name in RIGHTS:
        yield "rights", home.cite_section("rights", name), f"{here}.rights.{name}", _right(facts.rights, name)
    for gate in facts.restrictions:
        to = ", ".join(gate.to) or "nobody listed"
        says = f"{_words(gate.effect)} {gate.direction}: {', '.join(map(_words, gate.data))}, to {to} ({gate.status})"
        yield "restrictions", home.cite(gate), f"{here}.restrictions.{gate.id}", says
    for log in facts.retention.logs:
        cite = home.cite(log)
        says = f"keep {log.what} for {log.period} ({_words(log.who or 'any')})"
        yield "retention", cite, f"{here}.{cite.partition('.')[2]}", says
    for section in ("personal_data", "exemptions", "localisation", "retention", "governance", "cti_sharing"):
        name = f"{here}.{section}"
        yield _words(section), home.cite_section(section), name, law.fact(name).text if law.has(name) else ""


def _duty(duty: BreachDuty) -> str:
    count = f"{duty.deadline}, {_words(duty.calendar)} from {_words(duty.clock_start)}"
    return f"{_words(duty.regime)}: {_words(duty.who)} tells {duty.recipient}: {count} ({_words(duty.status)})"


def _right(rights: Rights, name: str) -> str:
    right = getattr(rights, name)
    within = f", within {right.deadline}" if right.deadline else ""
    return f"{_words(name)}: {right.available}{within}"


def _words(name: str) -> str:
    return name.replace("_", " ")

"""Chapter four: one victim's address, two partners, two purposes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from comity.agreement import Grounds
from comity.crossing import DetectionDecision
from comity.demo.chapter import Chapter, Check
from comity.demo.packaged import INCIDENT
from comity.demo.particular import particular
from comity.demo.release import as_it_left, decision_on
from comity.demo.stage import COUNTRIES, PURPOSE, Stage
from comity.law import Law
from comity.privacy import detect

NOTIFICATION = "victim-notification"
COUNTRY = "BR"  # where the victim is whose address is followed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What becomes of the address on one flow for one purpose."""

    purpose: str
    partner: str
    gets: str | None  # the address as the partner reads it; None when it stays home
    decision: DetectionDecision
    grounds: Grounds  # its own


def address(stage: Stage) -> Chapter:
    object_id, value = victims_address(stage)
    answers = [
        _answer(stage, object_id, partner, purpose) for purpose in (PURPOSE, NOTIFICATION) for partner in COUNTRIES
    ]
    table = Table(
        "", *(f"to {country}" for country in COUNTRIES.values()), title=f"The address {value} of a victim in Brazil"
    )
    for purpose in (PURPOSE, NOTIFICATION):
        row = [one for one in answers if one.purpose == purpose]
        table.add_row(Text(purpose, style="bold"), *(Text(one.gets or "stays home", style="bold") for one in row))
        table.add_row("treatment", *(one.decision.treatment for one in row))
        table.add_row("clauses", *(_lines(one.grounds.clauses) for one in row))
        table.add_row("law", *(_lines(_cited(stage.law, one.grounds.law)) for one in row))
        table.add_section()
    return Chapter(
        title="The same address, to two countries",
        intro="The partner who can warn the victim gets the whole address when that is the purpose; nobody else does.",
        body=(table,),
        checks=tuple(_checks(value, answers)),
        facts={
            "answers": [
                {
                    "purpose": one.purpose,
                    "to": one.partner,
                    "gets": one.gets,
                    "treatment": one.decision.treatment,
                    "clauses": list(one.grounds.clauses),
                    "law": list(one.grounds.law),
                }
                for one in answers
            ]
        },
    )


def victims_address(stage: Stage) -> tuple[str, str]:
    """The IPv4 address that the graph places with a victim in COUNTRY."""
    bundle = stage.material(INCIDENT).bundle
    ties = [obj.content for obj in bundle if obj.type == "relationship"]
    country = next(obj.id for obj in bundle if obj.type == "location" and obj.content.get("country") == COUNTRY)
    there = {
        tie["source_ref"] for tie in ties if (tie["relationship_type"], tie["target_ref"]) == ("located-at", country)
    }
    near = {tie["source_ref"] for tie in ties if tie["target_ref"] in there}
    found = next(obj for obj in bundle if obj.type == "ipv4-addr" and obj.id in near)
    return found.id, found.content["value"]


def _answer(stage: Stage, object_id: str, partner: str, purpose: str) -> _Answer:
    crossing = stage.approved(INCIDENT, partner, purpose)
    left = as_it_left(crossing, object_id)
    (decision,) = decision_on(crossing, object_id).detections
    obj = next(one for one in stage.material(INCIDENT).bundle if one.id == object_id)
    (detection,) = detect(obj, crossing.circumstances.neighbourhood)
    grounds = particular(crossing.plan, purpose, detection, decision)
    if not grounds.law:
        # Nothing but the agreement made it so; what lets it cross at all is the instrument of the transfer.
        instrument = tuple(fact for fact in decision.law if fact.startswith("adequacy."))
        grounds = Grounds(clauses=grounds.clauses, law=instrument)
    return _Answer(
        purpose=purpose,
        partner=partner,
        gets=left["value"] if left else None,
        decision=decision,
        grounds=grounds,
    )


def _cited(law: Law, facts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{law.fact(fact).citation} ({fact})" for fact in facts)


def _lines(lines: Iterable[str]) -> Text:
    return Text("\n".join(lines), overflow="fold")


def _checks(value: str, answers: list[_Answer]) -> Iterator[Check]:
    gets = {(one.purpose, one.partner): one.gets for one in answers}
    reduced = gets[PURPOSE, "cert-br"]
    yield Check(
        shown="the same address: its /24 to Brazil, nothing to Japan",
        held=reduced is not None
        and ipaddress.ip_network(reduced) == ipaddress.ip_network(f"{value}/24", strict=False)
        and gets[PURPOSE, "cert-jp"] is None,
        evidence=f"Brazil reads {reduced}, Japan reads {gets[PURPOSE, 'cert-jp'] or 'nothing'}",
    )
    whole = gets[NOTIFICATION, "cert-br"]
    yield Check(
        shown="to warn the victim, its own country's CSIRT gets the whole address",
        held=whole == value and gets[NOTIFICATION, "cert-jp"] is None,
        evidence=f"Brazil reads {whole}, Japan reads {gets[NOTIFICATION, 'cert-jp'] or 'nothing'}",
    )
    yield Check(
        shown="each of the four answers names its clause and the law",
        held=all(one.grounds.clauses and one.grounds.law for one in answers),
        evidence=", ".join(sorted({cited for one in answers for cited in (*one.grounds.clauses, *one.grounds.law)})),
    )

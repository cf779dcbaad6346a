"""Promise 1: no agreement, no crossing. Deny by default; the unknown is refused by name; every permit cites.

Unknown are, one test each: a term, a purpose, a marking, a party, a jurisdiction, a property, a type, an extension.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from comity.agreement import compile as compile_plan
from comity.agreement import parse
from comity.canon import Category, ComityError, InputError
from comity.crossing import Crossing, Reason
from comity.law import UnknownTerm
from promises.cti import (
    BR,
    JP,
    ON,
    annex,
    baseline,
    bundle,
    compiled,
    decision_on,
    hospital,
    ics_attack,
    indicator,
    law,
    misp,
    named,
    outgoing,
    plan,
    screened,
    sdo,
    some,
    text_of,
)

C2 = indicator("c2", "[domain-name:value = 'c2.attacker.example']")
UNREADABLE = {**C2, "object_marking_refs": [named("marking-definition", "nobody explained this")]}


def test_what_an_agreement_shares_crosses() -> None:
    """The promise is worth something only if the same material crosses where it may."""
    assert outgoing(screened([C2]), C2) == C2


# -- deny by default ------------------------------------------------------------------------------------------------


def test_without_a_share_clause_nothing_crosses() -> None:
    crossing = screened([C2], dataclasses.replace(plan(), grants=((),)))
    assert crossing.counts["crossed"] == 0
    assert Reason.NOT_SHARED in decision_on(crossing, C2).reasons


def test_a_class_that_no_clause_shares_stays_home() -> None:
    """A note is shared for detection and response; nothing says it is for telling victims, so then it is not."""
    note = sdo("note", "n", content="Install the update.", object_refs=[C2["id"]])
    assert outgoing(screened([C2, note]), note) == note
    crossing = screened([C2, note], purpose="victim-notification")
    assert outgoing(crossing, note) is None
    assert Reason.NOT_SHARED in decision_on(crossing, note).reasons


@pytest.mark.parametrize(
    "on", [dt.date(2026, 2, 28), dt.date(2028, 1, 1)], ids=["before its first day", "after its sunset"]
)
def test_an_agreement_out_of_force_lets_nothing_cross(on: dt.date) -> None:
    late = compiled(on=on)
    assert late.standing
    crossing = screened([C2], late, now=dt.datetime(on.year, on.month, on.day, tzinfo=dt.UTC))
    decision = decision_on(crossing, C2)
    assert decision.outcome == "deny"
    assert any(reason in decision.reasons for reason in (Reason.NO_AGREEMENT, Reason.FROM_THE_FUTURE))
    assert crossing.counts["crossed"] == 0


def test_a_flow_the_agreement_does_not_have_is_refused() -> None:
    """cert-jp is a party of the baseline, but not of the annex with Brazil."""
    lower = baseline()
    with pytest.raises(InputError, match="cert-jp"):
        compile_plan(annex(over=lower), law(), flow=JP, on=ON, baseline=lower)


# -- the unknown is refused by its name -----------------------------------------------------------------------------


def refusal_of(*edits: tuple[str, str], of_baseline: bool = False) -> str:
    """Everything the program says when it refuses the edited agreement."""
    with pytest.raises(InputError) as caught:
        compiled(*([] if of_baseline else edits), baseline_edits=edits if of_baseline else ())
    said = [caught.value.sentence, caught.value.remedy, *map(str, getattr(caught.value, "findings", ()))]
    return "\n".join(said)


def test_an_unknown_term_is_refused_with_its_line_and_a_near_match() -> None:
    with pytest.raises(InputError) as caught:
        parse(text_of("csirt-baseline", ("\nretention:", "\nretentoin:")), "csirt-baseline.yaml")
    said = f"{caught.value.sentence} {caught.value.remedy}"
    assert "retentoin" in said
    assert "retention" in said.replace("retentoin", "")
    line = text_of("csirt-baseline").decode().split("\nretention:")[0].count("\n") + 2
    assert f":{line}" in caught.value.sentence or f"line {line}" in caught.value.sentence


def test_an_unknown_purpose_in_an_agreement_is_refused() -> None:
    assert "world-domination" in refusal_of(
        ("victim-notification]\n\nauthority", "victim-notification, world-domination]\n\nauthority"), of_baseline=True
    )


def test_a_purpose_the_vocabulary_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownTerm, match="world-domination"):
        law().term("world-domination", "purpose")


def test_a_purpose_the_agreement_does_not_name_lets_nothing_cross() -> None:
    crossing = screened([C2], purpose="public-security")
    decision = decision_on(crossing, C2)
    assert decision.outcome == "deny"
    assert Reason.PURPOSE_NOT_AGREED in decision.reasons
    assert any("public-security" in sentence for sentence in decision.explanations)


def test_an_unknown_jurisdiction_is_refused() -> None:
    assert "ZZ" in refusal_of(("jurisdiction: BR", "jurisdiction: ZZ"))


def test_an_unknown_party_is_refused() -> None:
    lower = baseline()
    with pytest.raises(InputError, match="cert-xx"):
        compile_plan(annex(over=lower), law(), flow=("cert-ee", "cert-xx"), on=ON, baseline=lower)


def test_an_unknown_citation_is_refused() -> None:
    """Citations are ids that resolve in the law pack, never free words."""
    assert "ee.nosuchlaw" in refusal_of(("law: ee.nis2law", "law: ee.nosuchlaw"), of_baseline=True)


def test_a_marking_nobody_can_read_keeps_the_object_home() -> None:
    """Attack A17: a marking by reference that is not in the bundle ranks above RED."""
    decision = decision_on(screened([UNREADABLE]), UNREADABLE)
    assert decision.outcome == "deny"
    assert Reason.UNKNOWN_MARKING in decision.reasons


def test_a_marking_nobody_can_read_is_refused_by_name() -> None:
    decision = decision_on(screened([UNREADABLE]), UNREADABLE)
    assert any(UNREADABLE["object_marking_refs"][0] in sentence for sentence in decision.explanations)


def test_an_unknown_property_is_left_out_by_name() -> None:
    extra = {**C2, "x_ward": "Intensive care, bed 4"}
    crossing = screened([extra])
    decision = decision_on(crossing, extra)
    assert decision.dropped == ("/x_ward",)
    assert Reason.PROPERTY_UNKNOWN in decision.reasons
    reduced = outgoing(crossing, extra)
    assert reduced is not None
    assert "x_ward" not in reduced
    assert reduced["pattern"] == C2["pattern"]


def test_an_unknown_property_deep_inside_is_left_out_by_name() -> None:
    extra = {**C2, "external_references": [{"source_name": "report", "x_patient": "Mari Maasikas"}]}
    crossing = screened([extra])
    assert decision_on(crossing, extra).dropped == ("/external_references/0/x_patient",)
    assert "Maasikas" not in str(outgoing(crossing, extra))


def test_an_unknown_type_is_refused_by_name() -> None:
    odd = sdo("x-patient-file", "odd", content="Mari Maasikas")
    decision = decision_on(screened([odd]), odd)
    assert decision.outcome == "deny"
    assert any("x-patient-file" in sentence for sentence in decision.explanations)


def test_an_unknown_extension_is_refused_by_name() -> None:
    extension = named("extension-definition", "patients")
    extra = {**C2, "extensions": {extension: {"extension_type": "property-extension", "patient": "Mari Maasikas"}}}
    crossing = screened([extra])
    decision = decision_on(crossing, extra)
    assert any(extension in name for name in (*decision.dropped, *decision.explanations))
    assert "Maasikas" not in str(list(crossing.objects()))


# -- an agreement in which any term has no evaluator does not compile ----------------------------------------------

UNFINISHED = {
    "insight": "insight:\n  statistics: {epsilon: 1.0, per: P1M, unit: incident}\n",
    "requests": (
        "requests:\n  - {id: R1, asks: identity-of-victim, for: incident-response, answer-within: PT24H,"
        " approve: privacy-officer}\n"
    ),
    "crisis": (
        "crisis: {declared-by: duty-officer, confirmed-by: privacy-officer, within: PT24H, lasts: PT72H,"
        " speeds: [S1]}\n"
    ),
    "reciprocity": "reciprocity: {feedback-within: P14D, review-if: no-feedback-P90D}\n",
}


@pytest.mark.parametrize("term", UNFINISHED)
def test_a_term_without_an_evaluator_makes_compilation_refuse_by_name(term: str) -> None:
    """The whole grammar parses; what the program cannot keep yet is not promised."""
    said = refusal_of(("\nretention:", f"\n{UNFINISHED[term]}\nretention:"))
    assert term in said


# -- every permit names the clause and the law it rests on ----------------------------------------------------------


def crossings() -> list[Crossing]:
    return [
        screened(hospital()),
        screened(hospital(), plan(JP)),
        screened(some(ics_attack(), 300)),
        screened(misp("misp-turla-crutch-event")),
    ]


def test_every_permit_names_clause_and_law_and_both_resolve() -> None:
    lower = baseline()
    clauses = {*lower.clauses, *annex(over=lower).clauses, *annex(name="ee-jp-csirt", over=lower).clauses}
    permits = 0
    for crossing in crossings():
        for decision in crossing.decisions():
            if decision.outcome == "permit":
                permits += 1
                assert decision.clauses, f"{decision.id} is permitted by no clause"
                assert decision.law, f"{decision.id} ({decision.reasons}) is permitted by no law"
            said = {*decision.clauses, *(clause for one in decision.detections for clause in one.clauses)}
            assert said <= clauses, f"{decision.id} cites {said - clauses}"
            cited = {*decision.law, *(fact for one in decision.detections for fact in one.law)}
            unknown = [fact for fact in cited if not law().has(fact)]
            assert not unknown, f"{decision.id} cites {unknown}, which the law pack does not hold"
    assert permits > 150


def test_every_kept_detection_names_clause_and_law() -> None:
    kept = 0
    for crossing in crossings():
        for decision in crossing.decisions():
            for detection in decision.detections:
                if decision.crossed and detection.treatment == "keep":
                    kept += 1
                    assert detection.clauses, f"{decision.id}{detection.path} is kept by no clause"
                    # A host that is nobody's home is no personal data, and its crossing needs no law of its own.
                    nobodys = detection.role in ("attacker", "organisation", "unknown")
                    if not (nobodys and Category(detection.category).family == "host"):
                        assert detection.law, f"{decision.id}{detection.path} is kept by no law"
    assert kept > 10


def test_personal_data_needs_a_transfer_instrument_of_its_direction() -> None:
    """Without adequacy or another instrument the non-personal part crosses under law alone, the personal part not."""
    to_brazil = text_of("ee-br-csirt").decode().split("transfers:\n")[1].splitlines(keepends=True)[0]
    assert "to: cert-br" in to_brazil
    try:
        bare = compiled((to_brazil, ""))
    except ComityError as error:
        assert "cert-br" in f"{error.sentence} {getattr(error, 'findings', '')}"
        return
    assert bare.personal_data
    attacker = indicator("a", "[ipv4-addr:value = '203.0.113.77']")
    crossing = screened(bundle([C2, attacker]), bare)
    assert outgoing(crossing, C2) is not None
    assert "203.0.113.77" not in str(list(crossing.objects()))


def test_the_plan_names_both_parties_of_the_flow() -> None:
    assert (plan().origin.id, plan().destination.id) == BR

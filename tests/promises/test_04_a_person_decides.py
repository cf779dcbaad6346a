"""Promise 4: a person decides what a rule cannot, and only that.

Doubt is removed and the rest crosses at once; what an officer approves follows as a delta, and is exactly what was
asked. A crisis makes this faster, never absent. Every refusal has a ground.
"""

from __future__ import annotations

import dataclasses
import functools

import pytest

from comity.canon import dumps
from comity.crossing import Crossing, Decision, DetectionDecision, Keys, Reason
from promises.cti import (
    JP,
    KEYS,
    RED,
    Content,
    crossed,
    decision_on,
    hospital,
    indicator,
    misp,
    outgoing,
    plan,
    screened,
    sdo,
)

C2 = indicator("c2", "[domain-name:value = 'c2.attacker.example']")
# Of an account and of an address it is not certain that they are that; what stands beside them is certain.
UNSURE = sdo(
    "note",
    "unsure",
    content="The share haigla\\kask is a nurse's or the log server's; 10.4.0.11 in it is an address or a release.",
    authors=["Taavi Mändmaa"],
    object_refs=[C2["id"]],
)


@functools.cache
def first() -> Crossing:
    """The hospital incident, and one object that holds doubt, as screened before any officer has looked."""
    return screened(everything())


def everything() -> list[Content]:
    return [C2, UNSURE, *(dict(obj.content) for obj in hospital())]


def doubts(decision: Decision) -> list[DetectionDecision]:
    return [detection for detection in decision.detections if detection.outcome == "refer"]


# -- strip and go ---------------------------------------------------------------------------------------------------


def test_doubt_is_taken_out_and_the_rest_crosses_at_once() -> None:
    decision = decision_on(first(), UNSURE)
    assert decision.crossed
    assert Reason.DOUBT in decision.reasons
    assert len(doubts(decision)) == 2
    for detection in doubts(decision):
        assert detection.referral
        assert detection.treatment == "redact"
        assert detection.confidence < plan().refer_below
    sent = outgoing(first(), UNSURE)
    assert sent is not None
    assert "kask" not in sent["content"]
    assert "10.4.0.11" not in sent["content"]
    assert "nurse's or the log server's" in sent["content"]


def test_what_is_certain_is_not_asked() -> None:
    """The author's name is a name: it is redacted by a clause, and no officer is troubled with it."""
    names = [d for d in decision_on(first(), UNSURE).detections if d.path == "/authors/0"]
    assert [(d.treatment, d.outcome, d.referral) for d in names] == [("redact", "permit", None)]


def test_doubt_withholds_the_object_where_the_agreement_says_so() -> None:
    careful = dataclasses.replace(plan(), on_doubt="withhold")
    decision = decision_on(screened([C2, UNSURE], careful), UNSURE)
    assert (decision.outcome, decision.crossed) == ("refer", False)


def test_certain_material_does_not_wait_for_doubtful() -> None:
    sure = indicator("sure", "[domain-name:value = 'c2.attacker.example']")
    with_doubt = screened([sure, *(dict(obj.content) for obj in hospital())])
    assert outgoing(with_doubt, sure) == sure


# -- approval -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [0, 1])
def test_an_approved_referral_lets_exactly_that_span_through_as_a_delta(asked: int) -> None:
    """Of the two doubtful spans one is answered; the other still waits, and no other object moves."""
    words = ("haigla\\kask", "10.4.0.11")
    before = decision_on(first(), UNSURE)
    spans = doubts(before)
    assert [d.path for d in spans] == ["/content", "/content"]
    referral = spans[asked].referral
    assert referral is not None
    second = screened(everything(), approved=frozenset({referral}))
    old, new = crossed(first()), crossed(second)
    assert {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)} == {before.outgoing_id}
    was, now = outgoing(first(), UNSURE), outgoing(second, UNSURE)
    assert was is not None
    assert now is not None
    assert {name for name in was if was[name] != now[name]} == {"content"}
    assert words[asked].rpartition("\\")[2] in now["content"]
    assert words[1 - asked].rpartition("\\")[2] not in now["content"]
    after = decision_on(second, UNSURE)
    assert [d.referral for d in doubts(after)] == [spans[1 - asked].referral]
    answered = [d for d in after.detections if d.referral == referral]
    assert [d.treatment for d in answered] == ["keep"]
    assert Reason.APPROVED in answered[0].reasons


def test_approving_all_doubt_gives_the_object_without_the_rest_of_its_personal_data() -> None:
    every = frozenset(d.referral for d in doubts(decision_on(first(), UNSURE)) if d.referral)
    sent = outgoing(screened([C2, UNSURE], approved=every), UNSURE)
    assert sent is not None
    assert sent["content"] == UNSURE["content"]
    assert "Mändmaa" not in str(sent)


def test_a_clause_with_release_approved_waits_for_a_person_and_goes_when_one_says_yes() -> None:
    """S2 of the baseline: incidents, sightings and observed data are released by a person."""
    incident = sdo("incident", "i", name="Ransomware at a hospital")
    asked = decision_on(screened([incident], collected_by="victim-log"), incident)
    assert (asked.outcome, asked.crossed) == ("refer", False)
    assert asked.referral
    told = screened([incident], collected_by="victim-log", approved=frozenset({asked.referral}))
    assert outgoing(told, incident) == incident


def approved(content: Content, referral: str) -> Content | None:
    return outgoing(screened([content], collected_by="victim-log", approved=frozenset({referral})), content)


def test_an_approval_answers_for_the_content_it_was_asked_about_and_no_other() -> None:
    """Attack A76: approval of one text, release of another."""
    incident = sdo("incident", "i", name="Ransomware at a hospital")
    referral = decision_on(screened([incident], collected_by="victim-log"), incident).referral
    assert referral is not None
    assert approved(incident, referral) is not None
    assert approved({**incident, "name": "Ransomware at another hospital"}, referral) is None
    assert approved(sdo("incident", "j", name="Ransomware at a hospital"), referral) is None


def test_an_approval_under_one_agreement_says_nothing_under_another() -> None:
    incident = sdo("incident", "i", name="Ransomware at a hospital")
    theirs = Keys(KEYS.secret, "ee-jp-csirt")
    here = decision_on(screened([incident]), incident).referral
    there = decision_on(screened([incident], plan(JP), keys=theirs), incident).referral
    assert here != there


def test_no_approval_overrules_a_prohibition() -> None:
    """An officer answers what was asked; what is denied was not asked."""
    red = {**indicator("red", "[domain-name:value = 'c2.attacker.example']"), "object_marking_refs": [RED]}
    every = frozenset(
        referral
        for decision in first().decisions()
        for referral in (decision.referral, *(d.referral for d in decision.detections))
        if referral
    )
    assert outgoing(screened([red], approved=every), red) is None
    second = screened(everything(), approved=every)
    was = {d.id: d for d in first().decisions()}
    for decision in second.decisions():
        if was.get(decision.id) is not None and was[decision.id].outcome == "deny" and decision.crossed:
            assert Reason.REFERENCE_LOST in was[decision.id].reasons, f"{decision.id} was denied and is not any more"


# -- a crisis -------------------------------------------------------------------------------------------------------


def test_a_crisis_is_faster_and_never_absent() -> None:
    """What waits for a person waits in a crisis too; nothing is denied or permitted that was not before."""
    calm = screened(everything(), collected_by="victim-log")
    hurried = screened(everything(), collected_by="victim-log", crisis="crisis-2026-11-22")
    assert [(d.id, d.outcome) for d in calm.decisions()] == [(d.id, d.outcome) for d in hurried.decisions()]
    assert calm.counts["refer"] > 0
    assert [dumps(o) for o in calm.objects()] == [dumps(o) for o in hurried.objects()]


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("material", ["hospital", "misp"])
def test_every_refusal_has_a_ground_and_is_counted(material: str) -> None:
    objects = hospital() if material == "hospital" else misp("misp-turla-crutch-event")
    crossing = screened(objects)
    decisions = [d for d in crossing.decisions() if d.place != "added"]
    assert len(decisions) == len(objects)
    assert sum(crossing.counts[word] for word in ("permit", "refer", "deny")) == len(objects)
    for decision in decisions:
        if decision.outcome != "permit":
            assert set(decision.reasons) - {Reason.PERMITTED, Reason.CARRIED, Reason.REDUCED}, decision
            assert decision.explanations
            assert decision.clauses, f"{decision.id} is refused by no clause ({decision.reasons})"


def test_every_referral_can_be_named_by_an_officer() -> None:
    for decision in first().decisions():
        if decision.outcome == "refer" and Reason.REFERENCE_LOST not in decision.reasons:
            assert decision.referral, f"{decision.id} waits for a person who cannot answer: {decision.reasons}"

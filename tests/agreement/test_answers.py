"""What the examples answer: the table a practitioner would want to see, and the law that stands behind it."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.agreement.texts import (
    ALONE,
    BASELINE,
    BR,
    JP,
    ON,
    TO_BR,
    TO_JP,
    changed,
    example,
    law,
    plan,
    read,
)

from comity.agreement import Question, UnknownFlow, compile
from comity.canon import FAMILIES, KEEP, PSEUDONYMISE, REDACT, Category, Duration, Kind, Remains, Role, Tlp, Treatment

NETWORK = Treatment(Kind.GENERALISE, Remains(ipv4=24, ipv6=48))
IR, TD, VN = "incident-response", "threat-detection", "victim-notification"

# category, role, purpose, in the recipient's constituency: to Brazil, to Japan
WANTED = [
    # A victim's address: its network to Brazil, whole where the CSIRT must tell a victim of its own; never to Japan.
    ("ipv4-address", "victim", IR, False, NETWORK, REDACT),
    ("ipv4-address", "victim", IR, True, NETWORK, REDACT),
    ("ipv6-address", "victim", TD, False, NETWORK, REDACT),
    ("ipv4-address", "victim", VN, False, NETWORK, REDACT),
    ("ipv4-address", "victim", VN, True, KEEP, REDACT),
    ("hostname", "victim", VN, True, KEEP, REDACT),
    ("hostname", "victim", IR, True, REDACT, REDACT),
    ("ipv4-address", "bystander", IR, False, NETWORK, REDACT),
    ("username", "victim", IR, False, PSEUDONYMISE, REDACT),
    # The threat itself stays useful.
    ("ipv4-address", "attacker", TD, False, KEEP, KEEP),
    ("ipv6-address", "attacker", TD, False, KEEP, KEEP),
    ("domain-name", "attacker", TD, False, KEEP, KEEP),
    ("url", "attacker", IR, False, KEEP, KEEP),
    ("email-address", "attacker", IR, False, KEEP, KEEP),
    ("crypto-wallet", "attacker", IR, False, KEEP, KEEP),
    ("username", "attacker", IR, False, KEEP, KEEP),
    ("ipv4-address", "abused-host", TD, False, KEEP, KEEP),
    ("domain-name", "abused-host", TD, False, KEEP, KEEP),
    # A person's name is not an indicator, whoever it is.
    ("person-name", "attacker", IR, False, REDACT, REDACT),
    ("person-name", "victim", VN, True, REDACT, REDACT),
    ("email-address", "victim", IR, False, REDACT, REDACT),
    ("phone-number", "reporter", IR, False, REDACT, REDACT),
    ("email-address", "bystander", IR, False, REDACT, REDACT),
    ("person-name", "analyst", IR, False, REDACT, REDACT),
    ("person-name", "organisation", IR, False, KEEP, KEEP),
    ("domain-name", "organisation", IR, False, KEEP, KEEP),
    # Secrets, money, messages, what cannot be read, and what never crosses.
    ("password", "attacker", IR, False, REDACT, REDACT),
    ("iban", "attacker", IR, False, REDACT, REDACT),
    ("national-id", "victim", IR, False, REDACT, REDACT),
    ("message-content", "attacker", IR, False, REDACT, REDACT),
    ("unreadable", "unknown", IR, False, REDACT, REDACT),
    ("health", "victim", IR, False, REDACT, REDACT),
    ("offence", "attacker", IR, False, REDACT, REDACT),
    ("trade-secret", "organisation", IR, False, REDACT, REDACT),
    ("ipv4-address", "unknown", IR, False, REDACT, REDACT),
]


@pytest.mark.parametrize(("category", "role", "purpose", "inside", "brazil", "japan"), WANTED)
def test_the_examples_answer(category: str, role: str, purpose: str, inside: bool, brazil: Treatment, japan: Treatment):
    question = Question(Category(category), Role(role), purpose, inside)
    assert PLAN_BR.answers[question].treatment == brazil
    assert PLAN_JP.answers[question].treatment == japan


PLAN_BR = plan(BR, TO_BR)
PLAN_JP = plan(JP, TO_JP)


@pytest.mark.parametrize("made", [PLAN_BR, PLAN_JP], ids=["to Brazil", "to Japan"])
def test_the_table_is_total_and_every_question_is_ruled(made):
    assert len(made.answers) == len(Category) * len(Role) * 3 * 2
    assert all(answer.ruled for answer in made.answers.values())
    assert all(answer.grounds.clauses for answer in made.answers.values())


@pytest.mark.parametrize(("name", "made"), [(BR, PLAN_BR), (JP, PLAN_JP)])
def test_every_citation_resolves(name: str, made):
    clauses = {**example(BASELINE).clauses, **example(name).clauses}
    grounds = [answer.grounds for answer in made.answers.values()]
    grounds += [made.personal_grounds, made.term_grounds, *made.purposes.values()]
    grounds += [share.grounds for layer in made.grants for share in layer]
    grounds += [one for _, one in (*made.marked_never, *made.restrictions)]
    assert {clause for one in grounds for clause in one.clauses} <= set(clauses)
    assert all(law().has(fact) for one in grounds for fact in one.law)
    assert {promise.clause for promise in made.obligations} <= set(clauses)


def test_an_abused_host_expires_and_is_not_held_to_be_the_attacker():
    answer = PLAN_BR.answer(Category.IPV4_ADDRESS, Role.ABUSED_HOST, TD, False)
    assert (answer.expires, answer.attribution_forbidden) == (Duration("P30D"), True)


def test_being_a_crime_victim_is_special_in_japan_in_both_directions():
    """APPI art 2(3): whatever identifies a victim is at least redacted, and the fact is cited."""
    for flow in (TO_JP, tuple(reversed(TO_JP))):
        made = plan(JP, flow)
        for question, answer in made.answers.items():
            if question.role is Role.VICTIM:
                assert answer.treatment.at_least(REDACT), question
                assert "jp.personal_data.special_categories" in answer.grounds.law


def test_the_law_redacts_what_the_clauses_would_not():
    """Without any word of the annex on victims, and with a baseline that keeps them, the Japanese law still stands."""
    base = (
        ("role: victim, treatment: redact,\n     unless", "role: victim, treatment: keep,\n     unless"),
        (
            "adaptable: {treatment: {generalise: {ipv4: 24, ipv6: 48}}}}\n  - {id: P6",
            "attribution: allowed}\n  - {id: P6",
        ),
        ("release: automatic\n  - id: S2", "release: approved\n  - id: S2"),
    )
    made = plan(
        JP,
        TO_JP,
        (
            (
                "data: [contact, network-address, host, account, device], role: victim",
                "data: [contact, network-address, host, account, device], role: reporter",
            ),
        ),
        base,
    )
    assert made.answer(Category.IPV4_ADDRESS, Role.VICTIM, IR, False).treatment == REDACT


@pytest.mark.parametrize("category", FAMILIES["special-category"])
def test_special_categories_never_cross(category: Category):
    for made in (PLAN_BR, PLAN_JP):
        for question, answer in made.answers.items():
            if question.category is category:
                assert answer.treatment.at_least(REDACT)


def test_no_rule_is_withheld_and_says_so():
    answer = compile(read(ALONE), law(), flow=("one", "two"), on=ON).answer(Category.IBAN, Role.VICTIM, IR, False)
    assert not answer.ruled
    assert answer.treatment.kind is Kind.WITHHOLD


def test_an_exception_holds_only_if_it_is_provably_true_of_both_parties():
    """`unless: {capacity: law-enforcement, regime: led}` opens nothing between two CSIRTs, nor for one of the two."""
    never = (
        "{id: N2, data: criminal-offence}",
        "{id: N2, data: criminal-offence, unless: {capacity: law-enforcement, regime: led}}",
    )
    police = (
        ("jurisdiction: EE, capacity: csirt", "jurisdiction: EE, capacity: law-enforcement"),
        ("one: {basis: public-interest,", "one: {basis: official-authority, rests-on: eu.led8,"),
        ("section: x}, regime: gdpr}", "section: x}, regime: led}"),
    )
    made = compile(read(changed(ALONE, never)), law(), flow=("one", "two"), on=ON)
    offence = made.answer(Category.OFFENCE, Role.ATTACKER, IR, False)
    assert (offence.treatment, offence.grounds.clauses) == (REDACT, ("alone:N2",))
    from comity.agreement.compiling.answers import gives_way
    from comity.agreement.setting import Flow, Setting

    for source in (changed(ALONE, never), changed(ALONE, never, *police)):
        text = read(source)
        setting = Setting(agreement=text, baseline=None, law=law(), on=ON)
        flow = Flow(*text.text.parties)
        assert not gives_way(setting, flow, text.text.never[1].unless)


def test_organisations_are_not_people_unless_the_law_or_the_agreement_says_so():
    question = (Category.EMAIL_ADDRESS, Role.ORGANISATION, IR, False)
    assert PLAN_BR.answer(*question).treatment == KEEP
    assert "br.personal_data.legal_persons" in PLAN_BR.answer(*question).grounds.law
    like_people = plan(BR, TO_BR, (), (("legal-persons: as-law", "legal-persons: as-persons"),))
    assert like_people.answer(*question).treatment == REDACT


def test_outside_its_term_an_agreement_permits_nothing():
    for on, code in ((dt.date(2026, 2, 27), "agreement-not-begun"), (dt.date(2028, 3, 1), "agreement-ended")):
        standing = plan(BR, TO_BR, on=on).standing
        assert {refusal.code for refusal in standing} == {code}
        assert {clause for refusal in standing for clause in refusal.grounds.clauses} == {
            "csirt-baseline:term", "ee-br-csirt:term",
        }  # fmt: skip
    assert plan(BR, TO_BR, on=dt.date(2026, 3, 1)).standing == ()
    assert plan(BR, TO_BR, on=dt.date(2027, 12, 31)).standing == ()
    assert [one.code for one in plan(BR, TO_BR, on=dt.date(2028, 1, 1)).standing] == ["agreement-ended"]


def test_a_frame_without_transfer_clauses_lets_no_personal_data_cross():
    made = compile(example(BASELINE), law(), flow=("cert-br", "cert-jp"), on=ON)
    assert [refusal.code for refusal in made.personal_data] == ["no-transfer-instrument"]


def test_a_partner_that_cannot_prove_gets_a_lower_ceiling():
    """Promise 10: nothing is promised for a partner that cannot keep it."""
    weak = changed(ALONE, ("deletes: proved, witnesses: yes}}\ncontacts", "deletes: none, witnesses: no}}\ncontacts"))
    made = compile(read(weak), law(), flow=("one", "two"), on=ON)
    assert made.grants[0][0].ceiling is Tlp.GREEN
    assert [refusal.code for refusal in made.personal_data] == ["partner-cannot-prove"]
    back = compile(read(weak), law(), flow=("two", "one"), on=ON)
    assert back.grants[0][0].ceiling is Tlp.AMBER


def test_silence_is_the_strict_end():
    made = compile(read(ALONE), law(), flow=("one", "two"), on=ON)
    assert made.unmarked is Tlp.RED
    assert (made.free_text, made.on_doubt, made.refer_below) == ("withhold", "withhold", 1.0)
    assert made.extensions == frozenset()
    assert made.formats == {"stix-2.1"}
    assert made.epoch == Duration("P1M")
    assert made.witnessed_within == Duration("PT24H")
    assert made.conceal_source is True


def test_what_the_crossing_needs_of_the_example():
    assert PLAN_BR.origin.key.startswith("ed25519:")
    assert PLAN_BR.destination.constituency == {"BR"}
    assert PLAN_BR.unmarked is Tlp.AMBER
    assert PLAN_BR.caveats == ("REL-TO EE BR",)
    assert [level for level, _ in PLAN_BR.marked_never] == [Tlp.RED]
    assert {share.clause: share.approved for share in PLAN_BR.grants[0]} == {
        "csirt-baseline:S0": False,
        "csirt-baseline:S1": False,
        "csirt-baseline:S2": True,
        "csirt-baseline:S3": True,
    }
    assert "x_mitre_*" in PLAN_BR.extensions
    assert PLAN_BR.retention_personal == Duration("P60D")
    assert PLAN_BR.sunset == dt.date(2027, 12, 31)
    assert "use.forbid" in {promise.kind for promise in PLAN_BR.obligations}


def test_a_flow_is_between_two_parties():
    for flow in (("cert-ee", "cert-ee"), ("cert-ee", "cert-jp"), ("x", "cert-br")):
        with pytest.raises(UnknownFlow):
            compile(example(BR), law(), flow=flow, on=ON, baseline=example(BASELINE))

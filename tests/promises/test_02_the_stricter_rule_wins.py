"""Promise 2: the stricter rule wins. Grants are alternatives in one text and intersect across texts; limits join.

Adding a limit, a regime or an `unknown` never loosens an answer; a grant opens only what it names; `adaptable` names a
hard floor; where two duties collide nothing is picked.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from comity.agreement import Answer, Grounds, Plan, Refusal, Share
from comity.canon import (
    FAMILIES,
    KEEP,
    PSEUDONYMISE,
    REDACT,
    WITHHOLD,
    Category,
    ComityError,
    Duration,
    Kind,
    Outcome,
    Remains,
    Role,
    Tlp,
    Treatment,
    join_all,
)
from promises.cti import (
    AMBER,
    BR,
    GREEN,
    JP,
    KEYS,
    Content,
    compiled,
    decision_on,
    hospital,
    indicator,
    law,
    outgoing,
    plan,
    relationship,
    sco,
    screened,
    sdo,
)

# An example that compiles or crosses takes a good part of a second; what fails is small enough to read as it is.
NO_SHRINKING = (Phase.explicit, Phase.generate)

remains = st.builds(
    Remains,
    ipv4=st.integers(0, 32),
    ipv6=st.integers(0, 128),
    email=st.integers(0, 1),
    host=st.integers(0, 1),
    phone=st.integers(0, 1),
    date=st.integers(0, 1),
    place=st.integers(0, 1),
)
treatments = st.one_of(
    st.sampled_from([KEEP, PSEUDONYMISE, REDACT, WITHHOLD]),
    remains.map(lambda left: Treatment(Kind.GENERALISE, left)),
)
outcomes = st.sampled_from(Outcome)
elements = st.one_of(st.tuples(treatments, treatments, treatments), st.tuples(outcomes, outcomes, outcomes))


# -- the lattices (DESIGN section 6) --------------------------------------------------------------------------------


@given(elements)
def test_join_is_associative_commutative_and_idempotent(abc: Any) -> None:
    """`abc`: three treatments, or three outcomes; one law for both lattices."""
    a, b, c = abc
    assert a.join(b.join(c)) == a.join(b).join(c)
    assert a.join(b) == b.join(a)
    assert a.join(a) == a


@given(treatments, treatments, treatments)
def test_join_is_monotone(a: Treatment, b: Treatment, c: Treatment) -> None:
    """Raising one side never lowers the result."""
    assert b.join(c).at_least(b)
    assert a.join(b.join(c)).at_least(a.join(b))


@given(treatments)
def test_keep_is_the_bottom_and_withhold_the_top(a: Treatment) -> None:
    assert a.join(KEEP) == a
    assert a.join(WITHHOLD) == WITHHOLD
    assert a.at_least(KEEP)
    assert WITHHOLD.at_least(a)


def test_one_refusal_outweighs_every_permit() -> None:
    assert Outcome.PERMIT.join(Outcome.DENY) is Outcome.DENY
    assert Outcome.REFER.join(Outcome.DENY) is Outcome.DENY
    assert Outcome.PERMIT.join(Outcome.REFER) is Outcome.REFER


def test_generalising_and_pseudonymising_together_leave_neither() -> None:
    """One leaves part of the value and no link, the other the link and no value."""
    assert Treatment(Kind.GENERALISE, Remains(ipv4=24)).join(PSEUDONYMISE) == REDACT


def test_two_generalisations_leave_what_both_leave() -> None:
    left = Treatment(Kind.GENERALISE, Remains(ipv4=24, ipv6=48))
    right = Treatment(Kind.GENERALISE, Remains(ipv4=16, email=1))
    assert left.join(right) == Treatment(Kind.GENERALISE, Remains(ipv4=16))


@given(st.lists(treatments, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rules_does_not_matter(rules: list[Treatment], random: Random) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)
    assert join_all(rules) == join_all(shuffled)


# -- plans: a small world with everything that a limit could speak of ----------------------------------------------


@functools.cache
def world() -> tuple[Content, ...]:
    """An attacker's host, a victim's address and mailbox, a marked and a doubtful object, and what ties them."""
    victim = sdo("identity", "victim", name="Aktsiaselts Kannatanu", identity_class="organization", roles=["victim"])
    c2 = indicator("c2", "[ipv4-addr:value = '203.0.113.77']", confidence=60)
    amber = {**indicator("amber", "[domain-name:value = 'c2.attacker.example']"), "object_marking_refs": [AMBER]}
    malware = sdo(
        "malware", "m", name="KROONLUKK", is_family=True, description="Writes to mari.maasikas@kannatanu.example"
    )
    vulnerability = sdo("vulnerability", "v", name="CVE-2026-0001")
    home = sco("ipv4-addr", value="198.51.100.23")
    unmarked = indicator("unmarked", "[file:name = 'kroon.exe']")
    del unmarked["object_marking_refs"]
    uses = sdo("relationship", "uses", relationship_type="indicates", source_ref=c2["id"], target_ref=malware["id"])
    return victim, c2, amber, malware, vulnerability, home, unmarked, uses


def results(under: Plan, purpose: str = "incident-response") -> dict[str, tuple[Outcome, dict[str, str]]]:
    """Per object its outcome, and per detection the treatment."""
    crossing = screened(world(), under, purpose=purpose)
    return {
        decision.id: (
            Outcome[decision.outcome.upper()],
            {f"{d.path} {d.category}": d.treatment.split("(")[0] for d in decision.detections},
        )
        for decision in crossing.decisions()
        if decision.place != "added"
    }


def assert_no_looser(after: Plan, before: Plan, purpose: str = "incident-response") -> None:
    was, now = results(before, purpose), results(after, purpose)
    for object_id, (outcome, _) in was.items():
        assert now[object_id][0] >= outcome, f"{object_id}: {outcome.word} became {now[object_id][0].word}"


refusal = Refusal(code="agreement-ended", detail="it has ended", grounds=Grounds())
tlps = st.sampled_from([level for level in Tlp if level is not Tlp.UNKNOWN])


def joined_answers(base: Plan, category: Category, role: Role, extra: Treatment) -> Plan:
    """The plan with one more protect clause."""
    answers = {
        q: dataclasses.replace(a, treatment=a.treatment.join(extra)) if (q.category, q.role) == (category, role) else a
        for q, a in base.answers.items()
    }
    return dataclasses.replace(base, answers=answers)


def lowered(base: Plan, ceiling: Tlp) -> Plan:
    grants = tuple(
        tuple(dataclasses.replace(s, ceiling=min(s.ceiling, ceiling)) for s in layer) for layer in base.grants
    )
    return dataclasses.replace(base, grants=grants)


Limit = Callable[[Plan], Plan]
limits: st.SearchStrategy[Limit] = st.one_of(
    st.just(lambda p: dataclasses.replace(p, standing=(*p.standing, refusal))),
    st.just(lambda p: dataclasses.replace(p, personal_data=(*p.personal_data, refusal))),
    tlps.map(lambda level: lambda p: dataclasses.replace(p, marked_never=(*p.marked_never, (level, Grounds())))),
    tlps.map(lambda level: lambda p: dataclasses.replace(p, unmarked=max(p.unmarked, level))),
    tlps.map(lambda level: lambda p: lowered(p, level)),
    st.integers(0, 100).map(
        lambda least: lambda p: dataclasses.replace(p, confidence_at_least=max(p.confidence_at_least, least))
    ),
    st.tuples(st.sampled_from(Category), st.sampled_from(Role), treatments).map(
        lambda rule: lambda p: joined_answers(p, *rule)
    ),
    st.just(lambda p: dataclasses.replace(p, grants=(*p.grants, p.grants[0][:1]))),
)


@settings(max_examples=40, phases=NO_SHRINKING)
@given(st.lists(limits, min_size=1, max_size=3))
def test_adding_a_limit_never_loosens_a_result(added: list[Limit]) -> None:
    stricter = plan()
    for limit in added:
        stricter = limit(stricter)
    assert_no_looser(stricter, plan())


@settings(max_examples=15, phases=NO_SHRINKING)
@given(st.lists(limits, min_size=1, max_size=2), st.lists(limits, min_size=1, max_size=2))
def test_the_order_in_which_limits_are_added_does_not_matter(first: list[Limit], second: list[Limit]) -> None:
    one = functools.reduce(lambda p, limit: limit(p), [*first, *second], plan())
    other = functools.reduce(lambda p, limit: limit(p), [*second, *first], plan())
    assert results(one) == results(other)


# -- grants ---------------------------------------------------------------------------------------------------------


def grant(classes: Iterable[str], purposes: Iterable[str] = ("incident-response",), ceiling: Tlp = Tlp.AMBER) -> Share:
    return Share(
        clause="S9",
        classes=frozenset(classes),
        purposes=frozenset(purposes),
        ceiling=ceiling,
        approved=False,
        personal_data=True,
        on_detect="treat",
        consent=None,
        collected_by=frozenset(),
        collected_never=frozenset(),
        properties=None,
        retention=Duration("P30D"),
        grounds=Grounds(clauses=("test:S9",), law=("eu.gdpr",)),
    )


def test_a_grant_opens_only_what_it_names() -> None:
    """With the one clause, vulnerabilities cross and nothing else does."""
    only = dataclasses.replace(plan(), grants=((grant(["vulnerabilities"]),),))
    crossing = screened(world(), only)
    assert [d.type for d in crossing.decisions() if d.crossed and d.place != "added"] == ["vulnerability"]


def test_a_grant_opens_only_the_purpose_it_names() -> None:
    only = dataclasses.replace(plan(), grants=((grant(["vulnerabilities"], ["threat-detection"]),),))
    assert screened(world(), only, purpose="incident-response").counts["material"] == 0
    assert screened(world(), only, purpose="threat-detection").counts["material"] == 1


def test_grants_of_one_text_are_alternatives() -> None:
    either = dataclasses.replace(plan(), grants=((grant(["vulnerabilities"]), grant(["malware"])),))
    crossing = screened(world(), either)
    assert {d.type for d in crossing.decisions() if d.crossed and d.place != "added"} == {"vulnerability", "malware"}


def test_grants_of_two_texts_intersect() -> None:
    both = dataclasses.replace(
        plan(), grants=((grant(["vulnerabilities", "malware"]),), (grant(["malware", "indicators"]),))
    )
    crossing = screened(world(), both)
    assert {d.type for d in crossing.decisions() if d.crossed and d.place != "added"} == {"malware"}


def test_where_several_grants_match_the_stricter_release_and_retention_stand() -> None:
    approved = dataclasses.replace(grant(["vulnerabilities"]), approved=True, retention=Duration("P7D"))
    both = dataclasses.replace(plan(), grants=((grant(["vulnerabilities"]), approved),))
    vulnerability = world()[4]
    decision = decision_on(screened(world(), both), vulnerability)
    assert decision.outcome == "refer"
    lenient = dataclasses.replace(approved, approved=False)
    both = dataclasses.replace(plan(), grants=((grant(["vulnerabilities"]), lenient),))
    assert decision_on(screened(world(), both), vulnerability).expires == "2026-11-30T00:00:00.000Z"


def test_the_stricter_of_two_markings_stands() -> None:
    """Attack A14: a marking that is added by a relay never lowers what was there."""
    two = {**indicator("two", "[file:name = 'a']"), "object_marking_refs": [GREEN, AMBER]}
    assert decision_on(screened([two]), two).marking == "amber"


def test_one_value_in_two_roles_gets_the_stricter_treatment() -> None:
    """The address of a victim stays reduced also where another object calls it somebody else's."""
    crossing = screened(hospital())
    by_value: dict[str, set[str]] = {}
    for obj in hospital():
        for detection in decision_on(crossing, obj.content).detections:
            assert detection.treatment != "keep" or detection.role not in ("victim", "reporter", "bystander"), detection
            by_value.setdefault(detection.path, set()).add(detection.treatment)
    assert by_value


# -- agreements: layering -------------------------------------------------------------------------------------------


def answer(under: Plan, category: Category, role: Role) -> Answer:
    return under.answer(category, role, "incident-response", False)


def test_the_baseline_default_holds_where_the_annex_is_silent() -> None:
    """P5 of the baseline redacts a victim's address and lets an annex leave a /24."""
    silent = compiled(
        ("data: network-address, role: [victim, bystander], treatment: {generalise: {ipv4: 24, ipv6: 48}}",
         "data: crypto-wallet, role: victim, treatment: redact")
    )  # fmt: skip
    assert answer(silent, Category.IPV4_ADDRESS, Role.VICTIM).treatment == REDACT
    assert answer(plan(), Category.IPV4_ADDRESS, Role.VICTIM).treatment == Treatment(
        Kind.GENERALISE, Remains(ipv4=24, ipv6=48)
    )


def test_an_annex_may_be_stricter_than_its_floor() -> None:
    strict = compiled(("{generalise: {ipv4: 24, ipv6: 48}}", "withhold"))
    assert answer(strict, Category.IPV4_ADDRESS, Role.VICTIM).treatment == WITHHOLD


LOOSER = {
    "below a floor": (("{generalise: {ipv4: 24, ipv6: 48}}", "keep"), "P1", "P5"),
    "a rule that is not adaptable": (
        ("  - {id: P3, data: account, role: victim, treatment: pseudonymise}",
         "  - {id: P3, data: contact, role: victim, treatment: pseudonymise}"), "P3", "P1"),
    "longer retention": (("retention: {S2: P60D", "retention: {S2: P1Y"), "retention", "retention"),
    "later sunset": (("sunset: 2027-12-31", "sunset: 2028-12-31"), "term", "term"),
    "more doubt let through": (("\nretention:", "\ndoubt: {refer-below: 0.5}\nretention:"), "doubt", "doubt"),
    "longer epochs": (("\nretention:", "\npseudonyms: {epoch: P2Y}\nretention:"), "pseudonyms", "pseudonyms"),
    "staler proof": (("\nretention:", "\nproof: {witnessed-within: PT48H}\nretention:"), "proof", "proof"),
    "unmarked counts for less": (("\nretention:", "\nmarkings: {unmarked: green}\nretention:"), "markings", "markings"),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOSER)
def test_an_annex_that_loosens_is_refused_and_both_clauses_are_named(case: str) -> None:
    edit, upper, lower = LOOSER[case]
    with pytest.raises(ComityError) as caught:
        compiled(edit)
    said = "\n".join([caught.value.sentence, *map(str, getattr(caught.value, "findings", ()))])
    assert f"ee-br-csirt:{upper}" in said
    assert f"csirt-baseline:{lower}" in said


words = st.sampled_from([*FAMILIES, *(category.value for category in Category)])
rules = st.fixed_dictionaries(
    {
        "data": words,
        "role": st.sampled_from([role.value for role in Role]),
        "treatment": st.sampled_from(["redact", "withhold", "pseudonymise", "{generalise: {ipv4: 16}}"]),
    }
)


@settings(max_examples=12, phases=NO_SHRINKING)
@given(st.lists(rules, min_size=1, max_size=3))
def test_adding_a_protect_clause_never_loosens_an_answer(added: list[dict[str, str]]) -> None:
    """For every category, role, purpose and place at once. A clause that would loosen is refused as a whole."""
    lines = "".join(
        f"  - {{id: Q{n}, data: {rule['data']}, role: {rule['role']}, treatment: {rule['treatment']}}}\n"
        for n, rule in enumerate(added)
    )
    try:
        stricter = compiled(("\nprotect:\n", f"\nprotect:\n{lines}"))
    except ComityError as error:
        assert "Q" in "\n".join([error.sentence, *map(str, getattr(error, "findings", ()))])
        return
    for question, before in plan().answers.items():
        assert stricter.answers[question].treatment.at_least(before.treatment), question


@settings(max_examples=8, phases=NO_SHRINKING)
@given(words)
def test_adding_a_never_clause_never_loosens_an_answer(word: str) -> None:
    stricter = compiled(("\nprotect:\n", f"\nnever:\n  - {{id: Q1, data: {word}}}\n\nprotect:\n"))
    named = FAMILIES.get(word, (word,))
    for question, before in plan().answers.items():
        after = stricter.answers[question]
        assert after.treatment.at_least(before.treatment), question
        if question.category in named:
            assert after.treatment.at_least(REDACT), question


# -- law ------------------------------------------------------------------------------------------------------------


def test_another_regime_never_loosens_the_special_categories() -> None:
    """Being a crime victim is a special category in Japan; what Estonia alone would allow does not change that."""
    assert plan(BR).special <= {c for c in Category if c.family == "special-category"} | plan(JP).special
    assert Category.CRIME_VICTIM in plan(JP).special
    assert plan(BR).special & plan(JP).special >= {Category.HEALTH}


def test_a_collision_is_named_and_not_resolved() -> None:
    """A log that must be kept and an erasure that is due: both laws are named, and a person decides."""
    codes = [code for code in law().codes if len(code) == 2]
    collisions = law().collisions(codes)
    assert collisions
    for collision in collisions[:50]:
        assert law().has(collision.keep)
        assert law().has(collision.erase)
        assert collision.keep_law
        assert collision.erase_law
        assert "a person decides" in collision.sentence


def test_the_same_value_claimed_as_a_victims_and_an_attackers_goes_to_a_person() -> None:
    """Nobody can hide a C2 by claiming it: the claim of a less trusted source refers, it does not win."""
    csirt = sdo("identity", "csirt", name="CERT-EE", identity_class="organization")
    address = sco("ipv4-addr", value="203.0.113.77")
    c2 = indicator("c2", "[ipv4-addr:value = '203.0.113.77']", created_by_ref=csirt["id"], confidence=90)
    claims = sdo("identity", "claims", name="Aktsiaselts Kannatanu", identity_class="organization", roles=["victim"])
    tie = relationship(address, "related-to", claims, confidence=10)
    crossing = screened([csirt, address, c2, claims, tie])
    referred = any(d.outcome == "refer" for d in decision_on(crossing, c2).detections)
    assert outgoing(crossing, c2) == c2 or referred, "the indicator neither stayed useful nor went to a person"


def test_keys_differ_between_agreements() -> None:
    """A pseudonym under one agreement says nothing under another."""
    theirs = dataclasses.replace(KEYS, agreement="ee-jp-csirt")
    assert KEYS.outgoing_id("identity--a") != theirs.outgoing_id("identity--a")
    assert KEYS.tag("203.0.113.77") != theirs.tag("203.0.113.77")

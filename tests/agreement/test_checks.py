"""Each check: one small change to a worked example that triggers it, its place, and that the examples are clean."""

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
    Change,
    changed,
    example,
    findings,
    law,
    over,
    read,
)

from comity.agreement import CHECKS, CheckFailed, Finding, Severity, check, compile

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE


def _alone(*changes: Change, on: dt.date = ON) -> list[Finding]:
    return check(read(changed(ALONE, *changes), "alone.yaml"), law(), on)


@pytest.mark.parametrize("name", [BASELINE, BR, JP])
def test_the_examples_have_no_errors(name: str):
    baseline = None if name == BASELINE else example(BASELINE)
    assert [one for one in check(example(name), law(), ON, baseline) if one.severity is E] == []


def test_the_examples_warn_where_it_is_honest():
    """Whether Estonia's transposing law is in force is not known, and Japan's basis is open on conditions only."""
    found = {(one.code, one.severity, one.law) for one in findings(JP)}
    assert ("C105", W, ("ee.nis2law",)) in found
    assert ("C202", W, ("jp.27.protect",)) in found


def test_the_small_agreement_has_no_errors():
    assert [one for one in _alone() if one.severity is E] == []


# For each code: a change to an example (annex changes, baseline changes) or to the small agreement, and how severe.
TRIGGERS: dict[str, list[tuple[str, tuple[Change, ...], tuple[Change, ...], Severity]]] = {
    "C101": [
        (BR, (), (("victim-notification]\n\nauthority", "victim-notfication]\n\nauthority"),), E),
        (BR, (), (("basis: public-interest", "basis: public-intrest"),), E),
        (BR, (("instrument: adequacy, regime: gdpr", "instrument: adequcy, regime: gdpr"),), (), E),
        (BR, (("for: victim-notification", "for: marketing"),), (), E),
        (BR, (), (("ground: crime-investigation", "ground: convenience"),), E),
    ],
    "C102": [(BR, (("from: cert-ee, to: cert-br", "from: cert-ee, to: cert-xx"),), (), E)],
    "C103": [("alone", (("jurisdiction: BR", "jurisdiction: QQ"),), (), E)],
    "C104": [(BR, (("S2: P60D", "S9: P60D"),), (), E)],
    "C105": [
        (BR, (), (("law: br.lgpd", "law: br.lgpdx"),), E),
        (BR, (), (("law: br.lgpd", "law: jp.appi"),), E),
        (BR, (), (("law: ee.nis2law", "law: eu.omnibus"),), E),
    ],
    "C201": [
        (BR, (), (("{basis: public-interest", "{basis: legitimate-interest"),), E),  # a public authority cannot
        (BR, (), (("{basis: legitimate-interest", "{basis: public-interest"),), E),  # a private body cannot, in Brazil
        (JP, (), ((", rests-on: jp.27.protect", ""),), E),  # open on conditions, and not named
        ("alone", (("  two: {basis: legitimate-interest, regime: lgpd}\n", ""),), (), E),
    ],
    "C202": [(JP, (), (), W)],
    "C203": [(BR, (), ((', laid-down-in: {law: ee.nis2law, section: "tasks of the CSIRT"}', ""),), E)],
    "C204": [
        (BR, (), (("regime: lgpd}", "regime: gdpr}"),), E),
        (BR, (), (("regime: gdpr}", "regime: led}"),), E),
        (
            BR,
            (("to: cert-ee, instrument: adequacy, regime: lgpd", "to: cert-ee, instrument: adequacy, regime: gdpr"),),
            (),
            E,
        ),
    ],
    "C205": [
        ("alone", (('     key: "ed25519:H8czsSowXeoxt5E8Sf9cIcGSfZQ7W74PjgMc94DO5W0=",\n', ""),), (), E),
        (
            "alone",
            (("H8czsSowXeoxt5E8Sf9cIcGSfZQ7W74PjgMc94DO5W0=", "Hc+t76rKr7baCeukkeZoQZGBTyJtFiElXGnnANYKcog="),),
            (),
            E,
        ),
    ],
    "C206": [
        ("alone", (("deletes: proved, witnesses: yes}}\n  - ", "deletes: stated, witnesses: no}}\n  - "),), (), W)
    ],
    "C207": [
        (
            BR,
            (),
            (("hosting: {in: BR, operator: NIC.br, keys-in: BR}", "hosting: {in: US, operator: X, keys-in: BR}"),),
            W,
        ),
        (BR, (), (("https://comity.cert-br.example", "http://comity.cert-br.example"),), W),
    ],
    "C301": [
        ("alone", (("  - {from: two, to: one, instrument: adequacy}\n", ""),), (), E),
        (BASELINE, (), (), N),  # a frame for annexes
    ],
    "C302": [
        (JP, (("form: private-nonprofit", "form: public-authority"),), (), E),  # not public bodies
        ("alone", (("jurisdiction: BR", "jurisdiction: US"), ("regime: lgpd", "regime: national")), (), E),
    ],
    "C303": [(BR, (("to: cert-br, instrument: adequacy", "to: cert-br, instrument: statutory-exception"),), (), E)],
    "C304": [
        (BR, (("to: cert-br, instrument: adequacy", "to: cert-br, instrument: csirt-cooperation"),), (), E),
        (BR, (("to: cert-br, instrument: adequacy", "to: cert-br, instrument: public-instrument"),), (), E),
    ],
    "C305": [(BR, (("to: cert-br, instrument: adequacy", "to: cert-br, instrument: derog-public-interest"),), (), E)],
    "C306": [(BR, (("assessed: 2026-02-10", "assessed: 2025-02-10"),), (), W)],
    "C307": [(BR, (), (), N), ("alone", (("jurisdiction: BR", "jurisdiction: CN"), ("lgpd", "national")), (), E)],
    "C401": [
        (BR, (), (("  - {id: N1, data: special-category}\n", ""),), E),
        (
            "alone",
            (("data: network-address, role: attacker", "data: [network-address, health], role: attacker"),),
            (),
            E,
        ),
    ],
    "C402": [(JP, (("role: victim, treatment: redact", "role: victim, treatment: pseudonymise"),), (), E)],
    "C403": [
        ("alone", (("  - {id: N2, data: criminal-offence}\n", ""),), (), E),
        (BR, (), (("unless: {capacity: law-enforcement, regime: led}", "unless: {regime: led}"),), E),
    ],
    "C404": [("alone", (("treatment: {generalise: {ipv4: 24}}", "treatment: keep"),), (), E)],
    "C405": [],  # see test_law_that_is_not_known
    "C406": [("alone", (), (), W)],
    "C407": [("alone", (("{basis: legitimate-interest", "{basis: consent"),), (), E)],
    "C501": [
        ("alone", ((", sunset: 2027-12-31", ""),), (), E),
        ("alone", (("sunset: 2027-12-31", "sunset: 2025-12-31"),), (), E),
        ("alone", (("sunset: 2027-12-31", "sunset: 2037-12-31"),), (), W),
        (BR, (("sunset: 2027-12-31", "sunset: 2028-03-01"),), (), E),
    ],
    "C502": [("alone", (("from: 2026-03-01, s", "from: 2026-12-01, s"),), (), W)],
    "C503": [
        ("alone", (("review: {every: P1Y}", "review: {every: P1M}"),), (), W),
        ("alone", (("review: {every: P1Y}\n", ""),), (), W),
    ],
    "C504": [
        ("alone", (("retention: {S1: P90D, personal-data: P30D}", "retention: {personal-data: P30D}"),), (), E),
        ("alone", (("retention: {S1: P90D, personal-data: P30D}", "retention: {S1: P90D}"),), (), E),
        ("alone", (("personal-data: P30D", "personal-data: P3Y"),), (), W),
    ],
    "C601": [
        (BR, (), (("tell-partner-within: PT24H", "tell-partner-within: P3D"),), E),  # 72 hours: when it is all over
        ("alone", (("breach: {tell-partner-within: PT24H}\n", ""),), (), E),
    ],
    "C602": [
        ("alone", (("  two: {duty-officer: a, privacy-officer: b}\n", ""),), (), E),
        ("alone", (("supervised-by: [AKI, ANPD]", "supervised-by: [AKI]"),), (), E),
        ("alone", (("supervised-by: [AKI, ANPD]", "supervised-by: [AKI, ANPD, CNIL]"),), (), E),
        ("alone", (("rights: {contact: each, answer-within: P10D, supervised-by: [AKI, ANPD]}\n", ""),), (), E),
    ],
    "C603": [("alone", (("answer-within: P10D", "answer-within: P20D"),), (), E)],  # Brazil gives 15 days
    "C604": [
        (BR, (), (("defer-notice: {ground: crime-investigation", "defer-notice: {ground: disproportionate"),), W),
        (BR, (), (("at-most: P3M, review: P30D", "at-most: P3M, review: P1Y"),), W),
    ],
    "C605": [
        (BR, (), (("decisions-about-persons: forbidden", "decisions-about-persons: allowed"),), E),
        (BR, (), ((" at-most: P7D,", ""),), E),
    ],
    "C701": [("crisis", (("approval: one-person", "approval: afterwards"),), (), E)],
    "C801": [],  # see test_an_annex_over_another_baseline
    "C802": [
        (BR, (("form: private-nonprofit", "form: private-company"),), (), E),
        (
            BR,
            (("Z5sSiGG9IRR00DcpEUyhKOm8l00WTr8wzLbPS9zVMbY=", "hiLCTh/LCO6YRqCn7YeZo4DlkzgP9X1u715z1tx5WEQ="),),
            (),
            E,
        ),
    ],
    "C803": [
        (BR, (("{generalise: {ipv4: 24, ipv6: 48}}", "{generalise: {ipv4: 25, ipv6: 48}}"),), (), E),
        (BR, (("role: victim, treatment: pseudonymise", "role: [victim, reporter], treatment: pseudonymise"),), (), E),
        (BR, (("S2: P60D", "S2: P91D"),), (), E),
        (BR, (("retention:", "doubt: {refer-below: 0.5}\nretention:"),), (), E),
        (BR, (("retention:", "purposes: [fraud]\nretention:"),), (), E),
        (
            BR,
            (("retention:", "share:\n  - {id: S1, what: indicators, ceiling: red, release: automatic}\nretention:"),),
            (),
            E,
        ),
    ],
    "C901": [(JP, (), (), N)],
    "C902": [("crisis", (), (), W)],
}
CRISIS = (
    "breach: {tell",
    "crisis: {declared-by: duty-officer, confirmed-by: privacy-officer, within: PT24H, lasts: PT72H, speeds: [S1], "
    "approval: one-person}\nbreach: {tell",
)
CASES = [(code, *trigger) for code, triggers in TRIGGERS.items() for trigger in triggers]


@pytest.mark.parametrize(("code", "name", "changes", "base", "severity"), CASES)
def test_each_check_finds_what_it_is_for(
    code: str, name: str, changes: tuple[Change, ...], base: tuple[Change, ...], severity: Severity
):
    if name == "alone":
        found = _alone(*changes)
    elif name == "crisis":
        found = _alone(CRISIS, *changes)
    elif name == BASELINE:
        found = check(example(BASELINE), law(), ON)
    else:
        found = findings(name, changes, base)
    hits = [one for one in found if one.code == code and one.severity is severity]
    assert hits, [(one.code, one.text) for one in found]
    for one in hits:
        assert one.line >= 1
        assert one.text
        assert one.do
        assert all(law().has(fact) for fact in one.law), one.law


def test_every_check_has_a_trigger():
    assert set(TRIGGERS) == set(CHECKS)
    assert list(CHECKS) == sorted(CHECKS)


def test_an_error_stops_compilation_and_names_code_clause_and_place():
    upper, lower = over(BR, (("{generalise: {ipv4: 24, ipv6: 48}}", "keep"),))
    with pytest.raises(CheckFailed) as caught:
        compile(upper, law(), flow=TO_BR, on=ON, baseline=lower)
    assert "C803 at ee-br-csirt:P1" in str(caught.value)
    assert str(caught.value.at).startswith("ee-br-csirt.yaml:")


def test_loosening_names_both_clauses():
    found = findings(BR, (("{generalise: {ipv4: 24, ipv6: 48}}", "keep"),))
    texts = [one.text for one in found if one.code == "C803"]
    assert any("ee-br-csirt:P1" in text and "csirt-baseline:P5" in text for text in texts)
    assert any("ee-br-csirt:P1" in text and "csirt-baseline:P7" in text for text in texts)


def test_an_annex_over_another_baseline():
    """The digest of the baseline stands in the annex: another text under the same name is another baseline."""
    other = read(changed(ALONE, ("id: alone", "id: csirt-baseline")), "csirt-baseline.yaml")
    assert "C801" in {one.code for one in check(example(BR), law(), ON, other)}
    assert "C801" in {one.code for one in check(example(BR), law(), ON)}
    assert "C801" in {one.code for one in check(example(BR), law(), ON, example(JP))}
    assert "C801" in {one.code for one in check(read(ALONE), law(), ON, example(BASELINE))}


def test_law_that_is_not_known():
    """Unknown is never no: without knowing what Japan protects most, nothing personal goes there."""
    for fact in ("jp.personal_data.special_categories", "jp.personal_data.criminal_data"):
        found = findings(JP, under=law().without(fact))
        assert {one.severity for one in found if one.code == "C405"} == {E}


def test_adequacy_is_as_of_the_day():
    """Decision (EU) 2026/179 dates from 26 January 2026."""
    early = findings(BR, on=dt.date(2026, 1, 25))
    assert any(one.code == "C302" and "2026/179" in one.text for one in early)
    assert not any(one.code == "C302" for one in findings(BR, on=dt.date(2026, 3, 1)))


def test_a_ministry_in_japan_is_outside_the_partial_adequacy():
    """Decision (EU) 2019/419 covers business operators under APPI, not public bodies."""
    form = (("form: private-nonprofit\n    jurisdiction: JP", "form: public-authority\n    jurisdiction: JP"),)
    found = [one for one in findings(JP, form, form) if one.code == "C302"]
    assert found
    assert found[0].law == ("adequacy.eu.jp.gdpr",)


def test_without_personal_data_no_instrument_is_needed():
    none = ("release: automatic}", "release: automatic, personal-data: none}")
    transfers = ("  - {from: one, to: two, instrument: adequacy}\n  - {from: two, to: one, instrument: adequacy}\n", "")
    source = changed(ALONE, none, transfers, ("transfers:\n", ""))
    assert [one for one in check(read(source), law(), ON) if one.severity is E] == []


def test_breach_notice_is_judged_by_due_instant():
    """72 hours to the authority: a partner told after 71 can still keep the clock, after 72 it cannot."""
    in_time = findings(BR, (), (("tell-partner-within: PT24H", "tell-partner-within: PT71H"),))
    late = findings(BR, (), (("tell-partner-within: PT24H", "tell-partner-within: PT72H"),))
    assert "C601" not in {one.code for one in in_time}
    assert [one.law for one in late if one.code == "C601"] == [("eu.gdpr.art33",)]


def test_an_unknown_jurisdiction_is_named_and_stops_the_questions_of_law():
    found = _alone(("jurisdiction: BR", "jurisdiction: QQ"))
    assert any("QQ" in one.text for one in found if one.code == "C103")


def test_findings_come_in_the_order_of_the_text():
    found = [one for one in findings(JP) if one.file == "ee-jp-csirt.yaml"]
    assert [(one.line, one.column) for one in found] == sorted((one.line, one.column) for one in found)


def _inside_the_union(*changes: Change) -> str:
    """The small agreement between Estonia and Finland, whose law is one and the same."""
    frame = (
        ("jurisdiction: BR, capacity", "jurisdiction: FI, capacity"),
        ("regime: lgpd}", "regime: gdpr}"),
        ("transfers:\n", ""),
        ("  - {from: one, to: two, instrument: adequacy}\n", ""),
        ("  - {from: two, to: one, instrument: adequacy}\n", ""),
        ("supervised-by: [AKI, ANPD]", "supervised-by: [AKI, TSV]"),
    )
    return changed(ALONE, *frame, *changes)


def test_inside_the_union_nothing_is_transferred():
    text = read(_inside_the_union())
    assert "C301" not in {one.code for one in check(text, law(), ON)}
    assert "C301" in {one.code for one in check(text, law().without("eu.transfers"), ON)}
    made = compile(text, law(), flow=("one", "two"), on=ON)
    assert made.personal_data == ()
    assert "eu.transfers" in made.personal_grounds.law


def test_a_constituency_is_a_jurisdiction_too():
    found = _alone(
        ('capacity: csirt,\n     key: "ed25519:H8', 'capacity: csirt, constituency: [BR, QQ],\n     key: "ed25519:H8')
    )
    assert any("QQ" in one.text for one in found if one.code == "C103")

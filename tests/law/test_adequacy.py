"""Adequacy: directional, dated, under one regime, and no wider than its scope (promise 1: deny by default)."""

import datetime as dt

import pytest

from comity.law import Law, Standing

ON = dt.date(2026, 11, 23)


def standing(law: Law, from_: str, to: str, on: dt.date = ON, regime: str | None = None, **who: object) -> Standing:
    return law.adequacy(from_, to, on, regime, **who)[0].standing  # type: ignore[arg-type]


def test_estonia_may_send_to_brazil_under_the_decision_of_2026(law):
    (finding,) = law.adequacy("EE", "BR", ON, "gdpr", form="private-nonprofit", capacity="csirt")
    assert finding.covered
    assert finding.facts == ("adequacy.eu.br.gdpr",)
    assert finding.confidence == "verified"
    assert law.fact(finding.facts[0]).citation == "Implementing Decision (EU) 2026/179"


def test_a_decision_speaks_from_its_own_day_on(law):
    assert standing(law, "EE", "BR", dt.date(2026, 1, 25)) is Standing.NOT_YET
    assert standing(law, "EE", "BR", dt.date(2026, 1, 26)) is Standing.COVERED


def test_a_decision_that_expires_is_gone_on_the_day_itself(law):
    assert standing(law, "EE", "GB", dt.date(2031, 12, 26)) is Standing.COVERED
    assert standing(law, "EE", "GB", dt.date(2031, 12, 27)) is Standing.EXPIRED


def test_recognition_has_a_direction(law):
    assert standing(law, "EE", "KR", form="private-company") is Standing.COVERED
    assert standing(law, "US", "EE") is Standing.NOT_COVERED


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("private-company", Standing.COVERED),
        ("private-nonprofit", Standing.COVERED),
        ("public-authority", Standing.OUT_OF_SCOPE),
        (None, Standing.OUT_OF_SCOPE),
    ],
)
def test_japan_is_adequate_for_business_operators_only(law, form, expected):
    assert standing(law, "EE", "JP", form=form) is expected


@pytest.mark.parametrize("form", ["private-nonprofit", "public-authority", "international-organisation"])
def test_canada_is_adequate_for_commercial_organisations_only(law, form):
    assert standing(law, "EE", "CA", form="private-company") is Standing.COVERED
    assert standing(law, "EE", "CA", form=form) is Standing.OUT_OF_SCOPE


def test_the_united_states_need_a_certification_that_the_recipient_states(law):
    company = {"form": "private-company"}
    assert standing(law, "EE", "US", **company) is Standing.NEEDS_CERTIFICATION
    assert standing(law, "EE", "US", **company, certifications=["dpf-certification"]) is Standing.COVERED
    assert standing(law, "GB", "US", **company, certifications=["dpf-certification"]) is Standing.NEEDS_CERTIFICATION
    agency = {"form": "public-authority", "certifications": ["dpf-certification"]}
    assert standing(law, "EE", "US", **agency) is Standing.OUT_OF_SCOPE


def test_korea_is_partial_and_says_what_is_left_out(law):
    (finding,) = law.adequacy("EE", "KR", ON, form="public-authority")
    assert finding.covered
    assert "supervised-credit-information" in finding.excludes


def test_a_general_decision_does_not_cover_police_and_police_law_covers_only_police(law):
    police = {"form": "public-authority", "capacity": "law-enforcement"}
    assert standing(law, "EE", "GB", **police) is Standing.OUT_OF_SCOPE
    assert standing(law, "EE", "GB", regime="led", **police) is Standing.COVERED
    assert standing(law, "EE", "BR", regime="led", **police) is Standing.NOT_COVERED
    assert standing(law, "EE", "GB", regime="led", form="public-authority", capacity="csirt") is Standing.OUT_OF_SCOPE


def test_norway_waits_for_the_decision_on_brazil_that_estonia_has(law):
    (finding,) = law.adequacy("NO", "BR", ON)
    assert finding.standing is Standing.PENDING
    assert finding.facts == ("adequacy.eea.br.gdpr",)
    assert standing(law, "NO", "CH") is Standing.COVERED


def test_inside_the_union_and_the_eea_there_is_no_transfer(law):
    assert standing(law, "EE", "FR") is Standing.NO_TRANSFER
    assert standing(law, "EE", "NO") is Standing.NO_TRANSFER
    assert standing(law, "EE", "NO", regime="led", capacity="law-enforcement") is Standing.NOT_COVERED


def test_brazil_recognises_the_union_and_not_the_rest_of_the_eea(law):
    assert standing(law, "BR", "EE") is Standing.COVERED
    assert standing(law, "BR", "NO") is Standing.NOT_COVERED


def test_a_list_that_nobody_can_see_covers_nobody(law):
    assert law.expand("*list") == frozenset()
    assert standing(law, "GE", "EE") is Standing.NOT_COVERED


def test_eligibility_for_redress_is_no_finding_about_transfers(law):
    (finding,) = law.adequacy("US", "EE", ON, "eo14086")
    assert not finding.covered


def test_without_the_decision_there_is_no_recognition(law):
    assert standing(law.without("adequacy.eu.br.gdpr"), "EE", "BR") is Standing.NOT_COVERED
    assert standing(law.without("eu.transfers"), "EE", "FR") is Standing.NOT_COVERED

"""Every fact a decision can rest on has an id that resolves; deleting one leaves the unknown, never a permission."""

import datetime as dt

import pytest

from comity.canon import Category
from comity.law import Law, UnknownFact, overview

ON = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    "name",
    [
        "eu.gdpr", "eu.transfers.adequacy", "adequacy.eu.br.gdpr", "jp.personal_data.special_categories", "ee.rights",
        "eu.exemptions", "ee.rights.erasure", "br.lgpd.48.anpd", "ee.authorities.supervisory", "eu.csirtsnet",
        "br.retention.logs.incident_register", "ee.breach_duties.eu.nis2.art23", "adequacy.ge.list.dpl2023",
        "eu.transfers.onward", "in.localisation", "jp.secrecy",
    ],
)  # fmt: skip
def test_an_id_resolves_to_citation_and_confidence(law: Law, name):
    fact = law.fact(name)
    assert law.has(name)
    assert fact.citation
    assert fact.text
    assert fact.confidence in ("verified", "partly", "unverified")


def test_a_child_that_inherits_resolves_and_says_from_whom(law: Law):
    assert (law.fact("ee.rights").source, law.fact("ee.rights").inherited) == ("EU", True)
    assert law.fact("ee.rights").confidence == "verified"  # the Union file's, not the Estonian one's
    assert law.fact("ee.personal_data").source == "EE"
    assert law.fact("ee.personal_data.special_categories").source == "EU"
    assert law["EE"].cite_section("rights") == "eu.rights"
    assert law["EE"].cite_section("personal_data") == "ee.personal_data"


def test_a_row_that_a_child_changed_is_cited_as_the_childs(law: Law):
    row = next(row for row in law["EE"].facts.breach_duties if row.id == "eu.nis2.art23")
    assert law["EE"].cite(row) == "ee.breach_duties.eu.nis2.art23"
    assert law.fact("ee.breach_duties.eu.nis2.art23").confidence == "unverified"
    assert law.fact("eu.nis2.art23").confidence == "verified"


def test_one_id_for_a_statute_and_its_duty_names_both(law: Law):
    assert law.fact("eu.reg611").section == "statutes"
    assert law.fact("eu.reg611").also == ("breach_duties",)


@pytest.mark.parametrize(
    ("name", "near"),
    [("eu.gdrp", "eu.gdpr"), ("adequacy.eu.brr.gdpr", "adequacy.eu.br.gdpr"), ("br.lgpd.48", "br.lgpd.48")],
)
def test_an_id_that_does_not_resolve_names_a_near_one(law: Law, name, near):
    assert not law.has(name)
    with pytest.raises(UnknownFact, match=near):
        law.fact(name)


@pytest.mark.parametrize("name", ["", ".", "EU.gdpr", "xx.law", "\x1b[31m", "adequacy"])
def test_what_is_no_id_is_refused(law: Law, name):
    assert not law.has(name)
    with pytest.raises(UnknownFact) as refused:
        law.fact(name)
    assert "\x1b" not in str(refused.value)


def test_every_line_shown_of_every_jurisdiction_cites_an_id_that_resolves(law: Law):
    for code in law:
        for line in overview(law, code):
            assert law.has(line.cite), line.cite
            assert line.fact.citation, line.cite


def test_deleting_a_decision_a_tool_or_a_basis_closes_what_it_opened(law: Law):
    assert not law.without("adequacy.eu.br.gdpr").adequacy("EE", "BR", ON)[0].covered
    asked = ("EE", "public-instrument", "public-authority", "csirt", ON)
    assert law.mechanism(*asked).open
    assert not law.without("eu.transfers.public_authority_instrument").mechanism(*asked).open
    open_bases = [
        basis.fact for basis in law.bases("EE", "official-authority", "public-authority", "csirt") if basis.open
    ]
    assert open_bases == ["eu.oa.authority"]
    poorer = law.without("eu.oa.authority")
    assert not any(basis.open for basis in poorer.bases("EE", "official-authority", "public-authority", "csirt"))


def test_deleting_what_is_special_makes_everything_special(law: Law):
    unknown = law.without("jp.personal_data.special_categories").special_categories("JP").categories
    assert unknown == frozenset(Category)
    assert law.without("eu.personal_data").special_categories("EE").categories == frozenset(Category)


def test_a_deleted_fact_is_gone_for_those_who_inherit_it(law: Law):
    poorer = law.without("eu.rights", "eu.nis2.art23")
    assert not poorer.has("ee.rights")
    assert poorer["EE"].facts.rights.erasure.available == "unknown"
    assert "eu.nis2.art23" not in {row.id for row in poorer["EE"].facts.breach_duties}
    assert law.has("ee.rights")  # the pack it was copied from keeps it


def test_deleting_what_is_not_there_is_an_error(law: Law):
    with pytest.raises(UnknownFact):
        law.without("eu.gdrp")


def test_every_fact_of_a_few_jurisdictions_can_be_deleted_and_is_gone(law: Law):
    for code in ("EU", "EE", "JP", "IS"):
        for fact in law.facts(code)[::7]:
            assert not law.without(fact.id).has(fact.id)
            law.without(fact.id)[code]

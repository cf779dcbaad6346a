"""The vocabulary, and what its words open and close: bases, transfer tools, gates, special categories."""

import datetime as dt

import pytest

from comity.canon import FAMILIES, Category, Role, Tlp
from comity.law import Law, UnknownTerm

ON = dt.date(2026, 11, 23)


@pytest.mark.parametrize("word", [*Category, *FAMILIES])
def test_every_kind_of_data_has_its_concept(law: Law, word):
    concept = law.term(str(word), "data")
    assert concept.standard == "DPV" or concept.broader.startswith("https://w3id.org/dpv")


@pytest.mark.parametrize("role", Role)
def test_every_role_has_its_concept(law: Law, role):
    assert law.term(role.value, "subject_role").definition


@pytest.mark.parametrize("level", Tlp)
def test_every_tlp_label_has_its_concept(law: Law, level):
    assert law.term(level.word, "tlp").name == ("local:UnknownMarking" if level is Tlp.UNKNOWN else level.label)


@pytest.mark.parametrize(
    ("word", "family"),
    [
        ("threat-detection", "purpose"), ("incident-response", "purpose"), ("victim-notification", "purpose"),
        ("official-authority", "legal_basis"), ("public-instrument", "transfer_tool"), ("private-nonprofit", "form"),
        ("csirt", "capacity"), ("lgpd", "regime"), ("file-hashes", "material"), ("ransom-payment", "event"),
    ],
)  # fmt: skip
def test_words_that_agreements_use(law: Law, word, family):
    assert law.term(word, family).spelled == word


def test_an_unknown_word_names_the_nearest(law: Law):
    with pytest.raises(UnknownTerm, match="legitimate-interest`"):
        law.term("legitimate-interests", "legal_basis")


def test_a_word_that_could_be_two_is_refused(law: Law):
    with pytest.raises(UnknownTerm, match=r"tlp\.red or pap\.red"):
        law.term("red", "marking")
    assert law.term("red", "pap").id == "pap.red"


def test_every_transfer_mechanism_and_data_word_of_the_files_is_in_a_crosswalk(law: Law):
    tools = {name for concept in law.vocabulary.concepts for name in concept.mechanisms}
    words = {row.word for row in law._pack.vocabulary.crosswalk}
    for code in law:
        facts = law[code].facts
        assert {row.id for row in facts.transfers.mechanisms} <= tools
        assert {*facts.personal_data.special_categories, *facts.localisation.data} <= words
        assert {word for row in facts.restrictions for word in row.data} <= words


def test_a_public_authority_has_no_legitimate_interests(law: Law):
    """GDPR art 6(1), second subparagraph."""
    company = law.bases("EE", "legitimate-interest", "private-company", "operator")
    authority = law.bases("EE", "legitimate-interest", "public-authority", "csirt")
    assert [basis.fact for basis in company if basis.open] == ["eu.li.netsec", "eu.nis2.art29"]
    assert authority
    assert not any(basis.open for basis in authority)


def test_a_private_csirt_of_brazil_shares_on_legitimate_interest_and_not_on_official_authority(law: Law):
    assert any(basis.open for basis in law.bases("BR", "legitimate-interest", "private-nonprofit", "csirt"))
    assert not any(basis.open for basis in law.bases("BR", "official-authority", "private-nonprofit", "csirt"))


def test_a_basis_can_be_asked_for_by_its_dpv_term(law: Law):
    assert law.bases("EE", "dpv:PublicInterest", None, "csirt")[0].fact == "eu.pi.csirt"


def test_an_instrument_between_authorities_is_not_open_to_a_company(law: Law):
    assert law.mechanism("EE", "public-instrument", "public-authority", "csirt", ON).availability == "yes"
    refused = law.mechanism("EE", "public-instrument", "private-company", "operator", ON)
    assert (refused.availability, refused.facts) == ("no", ("eu.transfers.public_authority_instrument",))


def test_a_tool_that_is_not_listed_is_unknown_and_permits_nothing(law: Law):
    found = law.mechanism("BR", "unrestricted", "private-company", "operator", ON)
    assert (found.availability, found.open) == ("unknown", False)


def test_being_a_crime_victim_is_special_in_japan_and_not_in_estonia(law: Law):
    """APPI art 2(3)."""
    japan, estonia = law.special_categories("JP"), law.special_categories("EE")
    assert {Category.CRIME_VICTIM, Category.OFFENCE, Category.ETHNICITY} <= japan.categories
    assert "social_status" in japan.unreached
    assert Category.CRIME_VICTIM not in estonia.categories
    assert Category.TRADE_UNION in estonia.categories


def test_gates_stand_where_they_are_in_force_or_unknown(law: Law):
    secrecy = next(gate for gate in law.restrictions("JP", "out", "EE") if gate.fact == "jp.secrecy")
    assert secrecy.stands
    assert {Category.MESSAGE_CONTENT, Category.TRAFFIC_DATA} == secrecy.categories
    assert not law.restrictions("JP", "in", "EE")
    sanctions = next(gate for gate in law.restrictions("US", "out", "KP") if gate.fact == "us.sanctions")
    assert (sanctions.standing, sanctions.stands) == ("assumed", True)
    assert "us.dsp" not in {gate.fact for gate in law.restrictions("US", "out", "EE")}


def test_localisation_that_nobody_knows_is_strict(law: Law):
    assert not law.localisation("EE").strict
    assert law.localisation("CN").strict
    unknown = law.without("jp.localisation").localisation("JP")
    assert unknown.strict
    assert unknown.categories == frozenset(Category)


def test_regimes_of_a_jurisdiction(law: Law):
    assert law.regimes("EE") == ("gdpr", "led")
    assert law.regimes("NO") == ("gdpr", "led")
    assert law.regimes("BR") == ("lgpd",)
    assert law.regimes("CN") == ("national",)

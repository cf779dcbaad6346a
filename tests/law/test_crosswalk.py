"""The crosswalk: every jurisdiction's own words, the shared ones they map to, and the command that explains both."""

from __future__ import annotations

import json

import pytest

from comity.cli import main
from comity.law import Law, UnknownJurisdiction, UnknownTerm, crosswalk

LAW = Law.load()


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["comity", "vocabulary", *arguments])
        monkeypatch.setenv("COLUMNS", "100")
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def shared(code: str, family: str) -> dict[str, tuple[str, ...]]:
    return {line.own: line.shared for line in crosswalk(LAW, [code]) if line.family == family}


def test_every_shared_word_of_it_is_in_the_vocabulary_and_every_fact_can_be_cited():
    lines = crosswalk(LAW, LAW.codes)
    known = {concept.id for concept in LAW.vocabulary.concepts} | {"data.*"}
    assert {line.jurisdiction for line in lines} == set(LAW.codes)
    assert {word for line in lines for word in line.shared} <= known
    assert all(LAW.has(line.fact.id) for line in lines)


def test_every_legal_basis_and_transfer_tool_of_every_jurisdiction_has_a_shared_word():
    """A law's own word that nothing maps to could be cited by no agreement."""
    lines = [one for one in crosswalk(LAW, LAW.codes) if one.family in ("regime", "legal_basis", "transfer_tool")]
    assert [line for line in lines if not line.shared] == []


def test_japans_own_words():
    """APPI arts 2(3), 27, 28: being a crime victim is special; the tools have their own names."""
    assert shared("JP", "data")["crime_victim"] == ("data.crime_victim",)
    assert shared("JP", "transfer_tool")["equivalent_system"] == ("transfer.safeguards",)
    assert shared("JP", "legal_basis")["APPI arts 27(1), 28(1)"] == ("basis.consent",)
    assert shared("JP", "regime") == {"Act on the Protection of Personal Information": ("regime.appi",)}


def test_what_is_inherited_is_a_word_of_the_heir_too():
    assert shared("EE", "transfer_tool") == shared("EU", "transfer_tool")


def test_a_fact_that_is_unknown_has_no_line():
    without = LAW.without("jp.transfers.equivalent_system")
    assert "equivalent_system" not in {line.own for line in crosswalk(without, ["JP"])}


def test_a_jurisdiction_that_is_none_is_refused():
    with pytest.raises(UnknownJurisdiction):
        crosswalk(LAW, ["ZZ"])


@pytest.mark.parametrize(
    ("word", "concept"),
    [
        ("basis.official_authority", "basis.official_authority"),
        ("official-authority", "basis.official_authority"),
        ("contract_clauses", "transfer.sccs"),
        ("dpv:Consent", "basis.consent"),
        ("crime_victim", "data.crime_victim"),
    ],
)
def test_a_word_is_found_by_its_id_its_spelling_and_what_jurisdictions_call_it(word: str, concept: str):
    assert concept in {one.id for one in LAW.vocabulary.find(word)}


def test_a_word_that_nobody_uses_is_refused_with_the_nearest():
    with pytest.raises(UnknownTerm, match="legitimate-interest"):
        LAW.vocabulary.find("legitimate-intrest")


def test_a_term_is_explained_with_its_standard_and_its_own_part_of_the_crosswalk(run):
    status, out, _ = run("sccs", "--in", "EE,BR")
    assert status == 0
    assert "DPV, https://w3id.org/dpv/legal/eu/gdpr#A46-2-c" in out
    assert all(title in out for title in ("EE: transfer tool", "BR: transfer tool"))
    said = json.loads(run("sccs", "--in", "EE,BR", "--json")[1])
    assert {one["fact"] for one in said["crosswalk"]} == {"eu.transfers.sccs", "br.transfers.sccs"}


def test_the_crosswalk_for_programs(run):
    status, out, _ = run("--crosswalk", "--in", "JP", "--json")
    said = json.loads(out)
    assert status == 0
    assert said["concepts"] == []
    assert len(said["crosswalk"]) == len(crosswalk(LAW, ["JP"]))
    (line,) = [one for one in said["crosswalk"] if one["own"] == "equivalent_system"]
    assert line == {
        "jurisdiction": "JP",
        "family": "transfer_tool",
        "own": "equivalent_system",
        "shared": ["transfer.safeguards"],
        "there": "any: yes",
        "fact": "jp.transfers.equivalent_system",
        "citation": "APPI art 28(1), (3); Enforcement Rules 16-18",
        "confidence": "partly",
    }


def test_without_a_word_all_are_listed(run):
    status, out, _ = run("--json")
    said = json.loads(out)
    assert status == 0
    assert [one["id"] for one in said["concepts"]] == [one.id for one in LAW.vocabulary.concepts]
    assert said["crosswalk"] == []
    assert run()[0] == 0


@pytest.mark.parametrize("wrong", [("legitimate-intrest",), ("sccs", "--in", "ZZ"), ("sccs", "--crosswalk")])
def test_bad_input_is_refused_with_what_to_do(run, wrong):
    status, out, err = run(*wrong)
    assert (status, out) == (2, "")
    assert "do" in err or "use" in err

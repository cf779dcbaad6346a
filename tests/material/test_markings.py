"""How widely content may travel: published definitions only, the stricter wins, the unknown above RED (A14 to A17)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.material.samples import UUID, indicator, stix, vectors

from comity.canon import Tlp
from comity.material import (
    TLP1_IDS,
    TLP2_IDS,
    TLP_DEFINITIONS,
    ForgedMarking,
    InvalidObject,
    breaches,
    check_definition,
    effective_marking,
    marking_at,
    object_marking,
    tlp_definition,
    validate,
    value_markings,
)

STATEMENT = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": "marking-definition--4a0042fe-8b88-40fe-9600-dfa128ce6fbd",
    "created": "2016-08-01T00:00:00.000Z",
    "definition_type": "statement",
    "definition": {"statement": "Copyright 2019, Example Corp"},
}
DEFINITIONS = {str(STATEMENT["id"]): STATEMENT}
EFFECTIVE = vectors("attacks/effective_markings.json")["cases"]
WORDS = {"unknown": Tlp.UNKNOWN, **{level.word: level for level in Tlp}}
AMBER2 = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
RED2 = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def test_the_nine_published_definitions() -> None:
    """OASIS: TLP 1.0 of STIX 2.1 section 7.2.1.4, and the TLP 2.0 extension."""
    published = [*vectors("tlp/tlp1_markings.json"), *vectors("tlp/tlp2_markings.json")]
    assert {one["id"]: dict(TLP_DEFINITIONS[one["id"]]) for one in published} == {one["id"]: one for one in published}
    assert len(TLP_DEFINITIONS) == 9
    assert {level: tlp_definition(level)["id"] for level in TLP2_IDS.values()} == {v: k for k, v in TLP2_IDS.items()}
    assert sorted(TLP1_IDS.values()) == [Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.RED]


@pytest.mark.parametrize("case", [c for c in EFFECTIVE if "_object" not in c["expect"]], ids=lambda c: c["case"])
def test_the_effective_marking_of_each_value(case: dict[str, Any]) -> None:
    """A14, A17."""
    for selector, expected in case["expect"].items():
        assert marking_at(case["object"], DEFINITIONS, f"/{selector}") == WORDS[expected]
    assert effective_marking(case["object"], DEFINITIONS) == max(WORDS[word] for word in case["expect"].values())


@pytest.mark.parametrize("case", [c for c in EFFECTIVE if "_object" in c["expect"]], ids=lambda c: c["case"])
def test_objects_with_malformed_markings_are_refused_and_rank_above_red(case: dict[str, Any]) -> None:
    assert breaches(case["object"])
    if case["case"] not in {"empty-refs", "both-lang-and-ref"}:
        assert effective_marking(case["object"], DEFINITIONS) is Tlp.UNKNOWN


def test_no_marking_is_none_so_that_the_agreement_s_default_holds() -> None:
    assert effective_marking(indicator(), {}) is None
    assert effective_marking(indicator(object_marking_refs=[STATEMENT["id"]]), DEFINITIONS) is None


def test_a17_a_statement_that_is_not_at_hand_could_be_anything() -> None:
    assert effective_marking(indicator(object_marking_refs=[STATEMENT["id"]]), {}) is Tlp.UNKNOWN


def test_a14_a_marking_on_the_id_binds_the_whole_object() -> None:
    marked = indicator(granular_markings=[{"marking_ref": RED2, "selectors": ["id"]}], object_marking_refs=[AMBER2])
    assert object_marking(marked, {}) is Tlp.RED


def test_a_marking_of_a_list_covers_its_members() -> None:
    marked = indicator(labels=["a", "b"], granular_markings=[{"marking_ref": RED2, "selectors": ["labels"]}])
    assert value_markings(marked, {}) == {"/labels": Tlp.RED}
    assert marking_at(marked, {}, "/labels/1") is Tlp.RED
    assert marking_at(marked, {}, "/pattern") is None


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("tlp:amber+strict", Tlp.AMBER_STRICT),
        ("TLP:White", Tlp.CLEAR),
        ('tlp="red"', Tlp.RED),
        ("tlp:ex:chr", Tlp.UNKNOWN),
    ],
)
def test_a_tlp_tag_among_the_labels_counts(label: str, level: Tlp) -> None:
    """Converters leave tags of MISP's taxonomy there."""
    assert effective_marking(indicator(labels=["malicious", label]), {}) is level


@given(st.lists(st.sampled_from([*TLP1_IDS, *TLP2_IDS]), min_size=1), st.sampled_from([*TLP1_IDS, *TLP2_IDS]))
def test_a14_one_more_marking_never_lowers(refs: list[str], another: str) -> None:
    before = effective_marking(indicator(object_marking_refs=refs), {})
    for content in (
        indicator(object_marking_refs=[*refs, another]),
        indicator(object_marking_refs=refs, granular_markings=[{"marking_ref": another, "selectors": ["pattern"]}]),
    ):
        after = effective_marking(content, {})
        assert before is not None
        assert after is not None
        assert after >= before


@pytest.mark.parametrize("case", vectors("attacks/forged_markings.json")["cases"], ids=lambda c: c["case"])
def test_a15_forged_definitions_are_refused(case: dict[str, Any]) -> None:
    content = case["object"]
    if case["case"] == "changed-statement":
        with pytest.raises(ForgedMarking, match="already held"):
            check_definition(content, held=DEFINITIONS)
    elif case["accept"]:
        check_definition(content)
        validate(stix(content))
    else:
        with pytest.raises(InvalidObject):
            validate(stix(content))


def test_a15_what_a_definition_says_of_a_tlp_id_is_never_read() -> None:
    forged = {RED2: {**STATEMENT, "id": RED2}}
    assert effective_marking(indicator(object_marking_refs=[RED2]), forged) is Tlp.RED


@pytest.mark.parametrize("case", vectors("attacks/selectors.json")["cases"], ids=lambda c: c["case"])
def test_a16_selectors(case: dict[str, Any]) -> None:
    content = vectors("attacks/selectors_object.json")
    marked = {**content, "granular_markings": [{"marking_ref": RED2, "selectors": [case["selector"]]}]}
    assert (breaches(marked) == ()) is case["valid"]
    if not case["valid"]:
        assert effective_marking(marked, {}) is Tlp.UNKNOWN


def test_pap_is_kept_as_data_and_says_nothing_of_how_far() -> None:
    pap = {**STATEMENT, "id": f"marking-definition--{UUID}", "definition": {"statement": "PAP:AMBER"}}
    assert effective_marking(indicator(object_marking_refs=[pap["id"]]), {str(pap["id"]): pap}) is None

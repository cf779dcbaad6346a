"""Inheritance and group tokens, as pack/SCHEMA.md says."""

import hashlib
import json
from pathlib import Path

import pytest

from comity.law import Law, UnknownJurisdiction
from comity.law.inheritance import merge

EXPECTED = dict(line.split() for line in (Path(__file__).parent / "resolved.txt").read_text().splitlines())


@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_every_file_resolves_as_the_reference_implementation_of_the_schema_does(law: Law, code):
    """resolved.txt: the digest of each resolved file by the reference implementation that came with the facts."""
    text = json.dumps(law._table(code), sort_keys=True, default=str, ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == EXPECTED[code]


def test_all_files_are_compared(law: Law):
    assert set(law) == set(EXPECTED)
    assert len(EXPECTED) == 74


def test_scalars_of_the_child_win_and_tables_merge():
    assert merge({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}}) == {"a": {"x": 1, "y": 3}, "b": 1}


def test_rows_with_an_id_are_overridden_field_by_field_and_new_ones_are_added():
    parent = {"rows": [{"id": "p", "status": "in_force", "note": "n"}]}
    child = {"rows": [{"id": "p", "status": "unknown"}, {"id": "c", "status": "in_force"}]}
    assert merge(parent, child)["rows"] == [
        {"id": "p", "status": "unknown", "note": "n"},
        {"id": "c", "status": "in_force"},
    ]


def test_rows_without_an_id_come_before_the_parents():
    assert merge({"rows": [{"name": "p"}]}, {"rows": [{"name": "c"}]})["rows"] == [{"name": "c"}, {"name": "p"}]


def test_plain_arrays_are_replaced():
    assert merge({"list": ["p"]}, {"list": ["c"]}) == {"list": ["c"]}
    assert merge({"list": ["p"]}, {"list": []}) == {"list": []}


def test_headline_unverified_and_changes_are_not_inherited(law: Law):
    assert law["EE"].facts.headline != law["EU"].facts.headline
    assert law["EE"].facts.unverified == ("exact commencement of the NIS2 law",)
    assert law["EE"].facts.changes == ()
    assert law["EU"].facts.changes


def test_iceland_takes_from_the_eea_what_the_eea_takes_from_the_union(law: Law):
    assert law["IS"].lineage == ("IS", "EEA", "EU")
    assert "BR" not in law["IS"].facts.transfers.adequacy_full
    assert law["IS"].facts.rights.response_deadline == "P1M"


def test_group_tokens_expand(law: Law):
    assert len(law.expand("EU")) == 27
    assert law.expand("EEA") - law.expand("EU") == {"IS", "LI", "NO"}
    assert {"EE", "UY", "MA"} <= law.expand("*108")
    assert not {"EU", "US", "BR", "JP"} & law.expand("*108")
    assert law.expand("AD") == {"AD"}
    assert law.expand(["EU", "GB"]) == law.expand("EU") | {"GB"}


def test_a_list_not_enumerated_is_never_satisfied(law: Law):
    assert law.expand("*list") == frozenset()


def test_an_unknown_code_names_what_is_near(law: Law):
    with pytest.raises(UnknownJurisdiction, match="EE"):
        law["Estonia"]
    with pytest.raises(UnknownJurisdiction, match="GB"):
        law["gb"]

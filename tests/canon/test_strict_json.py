"""Strict JSON against nst/JSONTestSuite and the attacks on parsers (A01, A04, A05, A06)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import StrictJsonError, dumps, loads

SUITE = json.loads((Path(__file__).parents[1] / "vectors" / "json" / "json_test_suite.json").read_text("utf-8"))[
    "cases"
]

# Valid by RFC 8259 and refused here on purpose (RFC 7493, and what a database can keep).
REFUSED_BY_POLICY = {
    "y_object_duplicated_key.json": "a name is given twice",
    "y_object_duplicated_key_and_value.json": "a name is given twice",
    "y_string_null_escape.json": "U+0000",
    "y_object_escaped_null_in_key.json": "U+0000",
}
# Where RFC 8259 lets a parser choose, this one reads; every other choice is a refusal.
READ_BY_CHOICE = {"i_number_double_huge_neg_exp.json", "i_number_real_underflow.json"}


# Two cases that the suite only describes, for they are long.
DESCRIBED = {
    "n_structure_100000_opening_arrays.json": b"[" * 100_000,
    "n_structure_open_array_object.json": b'[{"":' * 50_000,
}


def _data(case: dict[str, str]) -> bytes:
    return DESCRIBED[case["case"]] if "described" in case else base64.b64decode(case["base64"])


def _reads(data: bytes) -> bool:
    try:
        loads(data)
    except StrictJsonError:
        return False
    return True


@pytest.mark.parametrize("case", [c for c in SUITE if c["expect"] == "reject"], ids=lambda c: c["case"])
def test_what_is_not_json_is_refused(case: dict[str, str]) -> None:
    assert not _reads(_data(case))


@pytest.mark.parametrize("case", [c for c in SUITE if c["expect"] == "accept"], ids=lambda c: c["case"])
def test_what_is_json_is_read_but_for_the_named_exceptions(case: dict[str, str]) -> None:
    assert _reads(_data(case)) is (case["case"] not in REFUSED_BY_POLICY)


@pytest.mark.parametrize("case", [c for c in SUITE if c["expect"] == "either"], ids=lambda c: c["case"])
def test_where_a_parser_may_choose_the_choice_is_written_down(case: dict[str, str]) -> None:
    assert _reads(_data(case)) is (case["case"] in READ_BY_CHOICE)


@pytest.mark.parametrize(("depth", "read"), [(63, True), (64, True), (65, False), (1_000_000, False)])
def test_a01_depth(depth: int, read: bool) -> None:
    """Refused at 65 before any recursive code runs, however deep."""
    assert _reads(b"[" * depth + b"]" * depth) is read


@pytest.mark.parametrize(("length", "read"), [(20_000, True), (20_001, False)])
@pytest.mark.parametrize("around", [b"%s", b'{"a":[{"b":%s}]}'], ids=["alone", "inside"])
def test_a28_a_long_list(length: int, read: bool, around: bytes) -> None:
    assert _reads(around % (b"[" + b",".join([b"1"] * length) + b"]")) is read


@pytest.mark.parametrize(("length", "read"), [(10_000, True), (10_001, False)])
def test_a28_an_object_with_many_members(length: int, read: bool) -> None:
    assert _reads(b"{" + b",".join(b'"%d":0' % number for number in range(length)) + b"}") is read


def test_many_short_lists_are_no_long_one() -> None:
    assert _reads(b"[" + b",".join([b"[1,2,3]"] * 10_000) + b"]")
    assert _reads(b'"' + b"," * 30_000 + b'"')


NAMES = st.text("abé\U0001f600\uff5e", max_size=3)  # the last two sort differently as UTF-8 and as UTF-16
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_what_is_written_canonically_is_read_back(value: Any) -> None:
    canonical = dumps(value)
    assert loads(canonical) == value
    assert dumps(loads(canonical)) == canonical


def test_a_double_that_is_a_whole_number_beyond_2_53_is_refused_too() -> None:
    """Up to 10^21 its canonical form is a plain integer, which no strict reader takes: what was written is lost."""
    assert not _reads(b"[9007199254740992.0]")
    assert not _reads(b"[1e20]")
    assert _reads(b"[1e21]")  # written with an exponent, and so read again


@pytest.mark.parametrize("number", [-1, -180, 0, 7, 2**53 - 1, -(2**53) + 1])
def test_integers_keep_their_sign(number: int) -> None:
    assert loads(str(number).encode()) == number

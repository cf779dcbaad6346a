"""Canonical JSON against the published vectors of RFC 8785."""

from __future__ import annotations

import datetime as dt
import json
import struct
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import pytest

from comity.canon import NotCanonical, StrictJsonError, dumps, loads

JCS = Path(__file__).parents[1] / "vectors" / "jcs"
OWN = json.loads((JCS / "own_cases.json").read_text("utf-8"))["cases"]
CANONICAL = [case for case in OWN if not case.get("reject")]
REJECTED = [case for case in OWN if case.get("reject")]

# Refused on purpose, though RFC 8785 itself could write them: what two readers may see differently does not travel.
REFUSED_BY_POLICY = {
    "escape-set": "a text holds U+0000",
    "sort-control": "a name holds U+0000, which PostgreSQL and C strings cannot keep",
    "numbers-int": "an integer is beyond 2^53 - 1 (I-JSON, RFC 7493 section 2.2)",
    "numbers-big": "an integer is beyond 2^53 - 1",
    "numbers-precision": "an integer is beyond 2^53 - 1 and would be rounded",
    "exp-boundary": "an integer is beyond 2^53 - 1",
}


@pytest.mark.parametrize("name", ["arrays", "structures", "unicode", "weird"])
def test_the_published_documents(name: str) -> None:
    """cyberphone/json-canonicalization, testdata."""
    value = loads((JCS / "input" / f"{name}.json").read_bytes())
    canonical = dumps(value)
    assert canonical == (JCS / "output" / f"{name}.json").read_bytes()
    assert canonical.hex() == (JCS / "outhex" / f"{name}.txt").read_text().replace("\n", "").replace(" ", "")


def test_the_first_thousand_published_numbers() -> None:
    """RFC 8785 appendix B: doubles by their bits, and what ECMAScript writes for each."""
    for line in (JCS / "es6_numbers_1000.txt").read_text("ascii").splitlines():
        bits, written = line.split(",")
        number = struct.unpack(">d", bytes.fromhex(bits.rjust(16, "0")))[0]
        assert dumps(number).decode() == written


@pytest.mark.parametrize("case", CANONICAL, ids=lambda case: case["case"])
def test_own_documents(case: dict[str, str]) -> None:
    if case["case"] in REFUSED_BY_POLICY:
        with pytest.raises(StrictJsonError):
            loads(case["input"].encode())
        return
    assert dumps(loads(case["input"].encode())) == bytes.fromhex(case["canonical_hex"])


@pytest.mark.parametrize("case", REJECTED, ids=lambda case: case["case"])
def test_what_has_no_canonical_form_is_refused(case: dict[str, str]) -> None:
    """A04, A05, A06: refused before anything is signed or hashed."""
    data = bytes.fromhex(case["input_hex"]) if "input_hex" in case else case["input"].encode("utf-8", "surrogatepass")
    with pytest.raises((StrictJsonError, NotCanonical)):
        dumps(loads(data))


def test_every_policy_exception_is_a_case() -> None:
    assert REFUSED_BY_POLICY.keys() <= {case["case"] for case in CANONICAL}


@pytest.mark.parametrize(
    "foreign",
    [
        dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
        dt.date(2026, 11, 23),
        dt.time(10, 0),
        make_dataclass("Point", ["x"])(1),
        {1, 2},
        b"bytes",
        float("nan"),
    ],
    ids=lambda foreign: type(foreign).__name__,
)
@pytest.mark.parametrize("beside", ["", 0.5], ids=["fast", "slow"])
def test_what_json_has_no_form_for_is_refused(foreign: Any, beside: Any) -> None:
    """A date has many spellings: who signs it has to choose one first."""
    with pytest.raises(NotCanonical):
        dumps({"value": foreign, "beside": beside})

"""A01, A04, A05, A06: every document that strict JSON refuses is refused at the prompt, and nothing is written.

The cases are JSONTestSuite's and our own for canonical JSON; each once as the whole file and once as a property deep
inside an object of a bundle, where a lazy reader would not look.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attacks.desk import BUNDLE, Desk, _read_once, desk, refused

__all__ = ["_read_once", "desk"]

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


# The two cases that the vectors describe because they are large.
DESCRIBED = {
    "n_structure_100000_opening_arrays.json": b"[" * 100_000,
    "n_structure_open_array_object.json": b'[{"":' * 50_000 + b"\n",
}


def rejects() -> dict[str, bytes]:
    suite = json.loads((VECTORS / "json" / "json_test_suite.json").read_bytes())["cases"]
    own = json.loads((VECTORS / "jcs" / "own_cases.json").read_bytes())["cases"]
    return {
        **{c["case"]: base64.b64decode(c["base64"]) for c in suite if c["expect"] == "reject" and "base64" in c},
        **DESCRIBED,
        **{f"jcs {c['case']}": c["input"].encode("utf-8", "surrogatepass") for c in own if c.get("reject")},
    }


REJECTS = rejects()
INDICATOR = (
    b'{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",'
    b'"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern_type":"stix",'
    b'"pattern":"[file:size = 1]","valid_from":"2026-01-01T00:00:00Z","x_case":'
)


def whole(case: bytes) -> bytes:
    return case


def inside(case: bytes) -> bytes:
    return b'{"type":"bundle","id":"' + BUNDLE.encode() + b'","objects":[' + INDICATOR + case + b"}]}"


FORMS: dict[str, Callable[[bytes], bytes]] = {"whole": whole, "inside": inside}


def test_the_cases_are_there():
    assert len(REJECTS) > 190


@pytest.mark.parametrize("form", FORMS)
def test_screen_refuses_every_case(desk: Desk, form: str):
    wrong = {name: bad for name, case in REJECTS.items() if (bad := refused(desk, desk.screen(FORMS[form](case))))}
    assert wrong == {}


def test_detect_refuses_every_case_inside_a_bundle(desk: Desk):
    """A file that is no JSON at all is a text like any other to `detect`; a bundle that is none is refused."""
    wrong = {name: bad for name, case in REJECTS.items() if (bad := refused(desk, desk.detect(inside(case))))}
    assert wrong == {}


def test_detect_never_fails_otherwise(desk: Desk):
    wrong = {}
    for name, case in REJECTS.items():
        said = desk.detect(case)
        if said.status != 0:
            wrong[name] = refused(desk, said)
    assert {name: bad for name, bad in wrong.items() if bad} == {}

"""Which of an agreement's words cover an object; none, and so no clause, for what nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
import stix2.registry
from tests.material.samples import indicator as made
from tests.material.samples import sco, sdo, stix

from comity.material import classes, kind, structural

STIX2 = stix2.registry.STIX2_OBJ_MAPS["2.1"]


@pytest.mark.parametrize("stix_type", sorted(STIX2["observables"]))
def test_observables_are_what_the_reference_library_calls_observables(stix_type: str) -> None:
    assert kind(stix_type) == "sco"


@pytest.mark.parametrize("stix_type", sorted(set(STIX2["objects"]) - {"bundle"}))
def test_every_other_type_has_a_kind(stix_type: str) -> None:
    assert kind(stix_type) in {"sdo", "sro", "meta"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (made(), {"indicators"}),
        (made(pattern="[file:hashes.MD5 = '" + "0" * 32 + "']"), {"indicators", "file-hashes"}),
        (made(pattern="[file:hashes.MD5 = '" + "0" * 32 + "' AND file:name = 'a']"), {"indicators"}),
        (made(pattern="[EXISTS file:hashes]"), {"indicators"}),
        (made(pattern="[broken"), {"indicators"}),
        (made(pattern_type="sigma", pattern="title: x"), {"indicators", "detection-rules"}),
        (sco("file", hashes={"MD5": "0" * 32}, size=3), {"observables", "file-hashes"}),
        (sco("file", hashes={"MD5": "0" * 32}, name="cv-novak.doc"), {"observables"}),
        (sdo("attack-pattern"), {"techniques"}),
        (sdo("intrusion-set"), {"threat-actors"}),
        (sdo("x-mitre-tactic"), set()),
        (sdo("relationship"), set()),
    ],
)
def test_the_words_that_cover_an_object(content: dict[str, Any], words: set[str]) -> None:
    assert classes(stix(content)) == words


@pytest.mark.parametrize(
    "stix_type", ["relationship", "marking-definition", "extension-definition", "language-content"]
)
def test_what_ties_others_is_structural(stix_type: str) -> None:
    assert structural(stix_type)
    assert not structural("indicator")

"""Bundles are written canonically and as a stream, byte for byte what one canonical document would be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.material.samples import UUID, document, indicator

from comity.canon import NotCanonical, dumps
from comity.material import read_bundle, write_bundle

OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(-9, 9) | st.floats(-9, 9)))


@given(st.lists(OBJECTS.filter(bool).map(lambda found: found[0]), min_size=1))
def test_the_stream_equals_the_whole(objects: list[dict[str, Any]]) -> None:
    identifier = f"bundle--{UUID}"
    assert b"".join(write_bundle(objects, identifier)) == dumps(
        {"type": "bundle", "id": identifier, "objects": objects}
    )


def test_a_bundle_without_objects_has_no_list() -> None:
    """STIX 2.1 section 2.8: lists are not empty."""
    identifier = f"bundle--{UUID}"
    assert b"".join(write_bundle([], identifier)) == dumps({"type": "bundle", "id": identifier})


def test_real_objects_survive_writing_and_reading() -> None:
    objects = [obj.content for obj in read_bundle(document("attack/ics-attack-18.1.json.gz"))][:200]
    written = b"".join(write_bundle(objects, f"bundle--{UUID}"))
    assert [obj.content for obj in read_bundle(written)] == objects


def test_what_has_no_canonical_form_stops_the_stream() -> None:
    with pytest.raises(NotCanonical):
        list(write_bundle([indicator(confidence=2**60)], f"bundle--{UUID}"))

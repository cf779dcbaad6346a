"""Bundles are read strictly, twice alike, and hostile ones end in a clear error (A01, A02, A04, A05, A06, A08)."""

from __future__ import annotations

import dataclasses
import json
import mmap
from pathlib import Path
from typing import Any

import pytest
from tests.material.samples import UUID, bundle, document, documents, indicator, vectors

from comity.canon import InputError, StrictJsonError
from comity.material import LIMITS, ConflictingObjects, NotABundle, OlderStix, bundles, read_bundle, write_bundle

STIX = [name for folder in ("mvt-indicators", "oasis-examples", "oasis-incident") for name in documents(folder)]


@pytest.mark.parametrize("name", ["attack/ics-attack-18.1.json.gz", *STIX, *documents("stix-idioms")])
def test_real_bundles_are_read_and_iterated_twice_alike(name: str) -> None:
    data = document(name)
    read = read_bundle(data)
    first = [obj.content for obj in read]
    assert first == json.loads(data)["objects"]
    assert [obj.content for obj in read] == first
    assert len(read) == len(first)


def test_objects_keep_their_place_for_messages() -> None:
    assert [obj.place for obj in read_bundle(bundle(indicator(), indicator(modified="2026-02-01T00:00:00.000Z")))] == [
        "objects/0",
        "objects/1",
    ]


def test_a_memory_map_is_read_like_bytes(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(bundle(indicator()))
    with path.open("rb") as file:
        read = read_bundle(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        assert [obj.id for obj in read] == [f"indicator--{UUID}"]


def test_a_bundle_may_have_no_objects() -> None:
    """Section 8: `objects` is optional. What `write_bundle` makes of nothing is read again."""
    read = read_bundle(b"".join(write_bundle([], f"bundle--{UUID}")))
    assert (read.id, len(read), list(read)) == (f"bundle--{UUID}", 0, [])


def test_one_object_counts_as_a_bundle_of_one() -> None:
    read = read_bundle(json.dumps(indicator()).encode())
    assert (read.id, [obj.type for obj in read]) == (None, ["indicator"])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[]", "list named objects"),
        (b"3", "list named objects"),
        (b"{}", "neither a bundle nor an object"),
        (json.dumps({"type": "bundle", "id": f"bundle--{UUID}", "objects": []}).encode(), "list objects is empty"),
        (json.dumps({"type": "bundle", "id": f"bundle--{UUID}", "objects": None}).encode(), "list named objects"),
        (json.dumps({"type": "bundle", "id": "bundle--1"}).encode(), "not a bundle ident"),
        (json.dumps({"type": "bundle", "spec_version": "2.0", "id": f"bundle--{UUID}"}).encode(), "STIX 2.0"),
        (json.dumps({"type": "bundle", "id": "bundle--1", "objects": [indicator()]}).encode(), "not a bundle ident"),
        (json.dumps({"type": "report", "id": f"bundle--{UUID}", "objects": []}).encode(), "type is not bundle"),
        (bundle(indicator(id=None)), "no type or no id"),
        (json.dumps({"type": "bundle", "id": f"bundle--{UUID}", "objects": [3]}).encode(), "not a JSON object"),
    ],
)
def test_what_is_no_bundle_is_refused_with_its_reason(data: bytes, says: str) -> None:
    with pytest.raises(NotABundle, match=says):
        list(read_bundle(data))


def test_stix_2_0_is_refused_with_what_to_do() -> None:
    with pytest.raises(OlderStix, match=r"STIX 2\.0, not STIX 2\.1") as caught:
        read_bundle(document("unit42-stix/2024-06-10-OriginLogger.json"))
    assert "stix2-elevator" in caught.value.remedy


def test_names_beside_the_bundle_s_own_are_told_and_not_passed_on() -> None:
    assert read_bundle(bundle(indicator(), created="2026-01-01", x_note="hello")).ignored == ("created", "x_note")


@pytest.mark.parametrize(("depth", "read"), [(59, True), (62, False), (1_000_000, False)])
def test_a01_depth_counts_from_the_document(depth: int, read: bool) -> None:
    """63, 64 and 65 levels of the whole document, and a million: the worker lives."""
    nested = b"[" * depth + b"1" + b"]" * depth
    data = bundle(indicator()).replace(b'"stix"', b'"stix", "x_deep": ' + nested)
    if read:
        assert len(list(read_bundle(data))) == 1
        return
    with pytest.raises(InputError, match="nested deeper"):
        list(read_bundle(data))


@pytest.mark.parametrize(("depth", "read"), [(63, True), (64, True), (65, False)])
def test_a01_at_the_limit(depth: int, read: bool) -> None:
    inside = depth - 3  # the bundle, its list and the object are three levels
    data = bundle(indicator()).replace(b'"stix"', b'"stix", "x_deep": ' + b"[" * inside + b"]" * inside)
    if read:
        assert len(list(read_bundle(data))) == 1
        return
    with pytest.raises(StrictJsonError, match="nested deeper"):
        list(read_bundle(data))


def test_a02_too_many_objects() -> None:
    objects = b",".join([b'{"type":"x-y","id":"x-y--1"}'] * 20_001)
    with pytest.raises(NotABundle, match="20001 objects, more than the 20000"):
        read_bundle(b'{"type":"bundle","id":"bundle--%s","objects":[%s]}' % (UUID.encode(), objects))


def test_a02_too_many_bytes_before_anything_is_parsed() -> None:
    with pytest.raises(StrictJsonError, match="more than the 100 that are read"):
        read_bundle(b"x" * 101, limits=dataclasses.replace(LIMITS, max_bytes=100))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bundle(indicator()).replace(b'"type"', b'"type": "bundle", "type"', 1), id="in the envelope"),
        pytest.param(bundle(indicator()).replace(b'"objects"', b'"objects": [], "objects"'), id="the list itself"),
        pytest.param(bundle(indicator()).replace(b'"pattern"', b'"pattern": "x", "pattern"'), id="in an object"),
        pytest.param(bundle(indicator()).replace(b'"id": "indicator', b'"id": "x", "id": "indicator'), id="an id"),
    ],
)
def test_a04_a_name_given_twice_is_refused_wherever_it_stands(data: bytes) -> None:
    with pytest.raises(StrictJsonError, match="given twice"):
        list(read_bundle(data))


def test_a04_the_list_is_found_even_where_its_text_stands_twice() -> None:
    """Another value with the very text of the list must not be taken for it."""
    listed = json.dumps([indicator()])
    data = f'{{"x_copy": {listed}, "type": "bundle", "id": "bundle--{UUID}", "objects": {listed}}}'.encode()
    read = read_bundle(data)
    assert (len(read), read.ignored) == (1, ("x_copy",))


def test_a28_a_list_hidden_among_its_copies_costs_a_few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look is a pass over the envelope, so thousands of copies would cost the square of its length."""
    looks, strict = 0, bundles.loads

    def counting(*args: Any, **limits: Any) -> Any:
        nonlocal looks
        looks += 1
        return strict(*args, **limits)

    monkeypatch.setattr(bundles, "loads", counting)
    copies = ",".join(["[{}]"] * 5000)
    with pytest.raises(NotABundle):
        read_bundle(f'{{"x_copies": [{copies}], "type": "bundle", "id": "bundle--{UUID}", "objects": [{{}}]}}'.encode())
    assert looks <= 16


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"1e400", b"9007199254740993", b"1" * 5000])
def test_a05_numbers_that_readers_see_differently(value: bytes) -> None:
    with pytest.raises(StrictJsonError):
        list(read_bundle(bundle(indicator(confidence=12345)).replace(b"12345", value)))


@pytest.mark.parametrize("text", [b"\\ud800", b"\\u0000", b"\xff", b"\xed\xa0\x80"])
def test_a06_texts_that_are_not_unicode(text: bytes) -> None:
    with pytest.raises(StrictJsonError):
        list(read_bundle(bundle(indicator(name="NAME")).replace(b"NAME", text)))


def test_a06_a_byte_order_mark() -> None:
    with pytest.raises(StrictJsonError, match="byte order mark"):
        read_bundle(b"\xef\xbb\xbf" + bundle(indicator()))


def test_a08_one_version_with_two_contents_is_a_conflict() -> None:
    """attacks/version_sequences.json, bundle-same-id-twice: never one of them silently."""
    case = next(c for c in vectors("attacks/version_sequences.json")["cases"] if c["case"] == "bundle-same-id-twice")
    (step,) = case["steps"]
    assert step["expect"] == "conflict"
    with pytest.raises(ConflictingObjects, match="objects/0 and objects/1"):
        read_bundle(bundle(*step["object"]))


def test_a08_the_same_content_twice_is_read_once_however_it_is_written() -> None:
    turned = dict(reversed(indicator().items()))
    assert len(read_bundle(bundle(indicator(), turned))) == 1


def test_a08_two_versions_of_one_object_are_both_read() -> None:
    assert len(read_bundle(bundle(indicator(), indicator(modified="2026-02-01T00:00:00.000Z")))) == 2

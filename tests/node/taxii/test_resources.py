"""Resources: read strictly, written without a single empty list (sections 3.6.1, 3.7, 4 and 5)."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.node.taxii.cases import cases, fixture

from comity.canon import InputError, StrictJsonError
from comity.node.exchange.taxii import (
    MEDIA_TYPE,
    ApiRoot,
    Collection,
    Collections,
    Discovery,
    ErrorMessage,
    InvalidResource,
    Manifest,
    ManifestRecord,
    Resource,
    Status,
    StatusDetails,
    Versions,
    read,
    read_envelope,
    write,
)

KINDS: dict[str, type[Resource]] = {
    "discovery": Discovery,
    "api-root": ApiRoot,
    "status": Status,
    "collection": Collection,
    "collections": Collections,
    "manifest": Manifest,
    "versions": Versions,
    "error": ErrorMessage,
}
UUID = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
COLLECTION = {"id": UUID, "title": "t", "can_read": True, "can_write": False}
STATUS = {
    "id": UUID,
    "status": "complete",
    "total_count": 1,
    "success_count": 1,
    "failure_count": 0,
    "pending_count": 0,
}
RECORD = {"id": "indicator--x", "date_added": "2016-11-03T12:30:59.000000Z", "version": "2016-11-03T12:30:59.000Z"}
API_ROOT = {"title": "t", "versions": [MEDIA_TYPE], "max_content_length": 1}


def decoded(value: Any, name: str) -> object:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_envelope(data) if name == "envelope" else read(data, KINDS[name])


@pytest.mark.parametrize("case", cases("resource"), ids=lambda case: case["case"])
def test_published_case(case: Any):
    if case["valid"]:
        decoded(case["value"], case["resource"])
    else:
        with pytest.raises(InvalidResource):
            decoded(case["value"], case["resource"])


def test_the_fixtures_api_root_and_its_first_status_are_read():
    assert decoded({k: v for k, v in fixture()["api_root"].items() if k != "path"}, "api-root")
    status = decoded(fixture()["status"][0], "status")
    assert isinstance(status, Status)
    assert [d.message for d in status.failures] == ["Unable to process object"]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("collection", COLLECTION | {"can_read": None}, "can_read"),  # as a public server does
        ("collection", COLLECTION | {"can_read": "true"}, "can_read"),
        ("collection", COLLECTION | {"media_types": []}, "media_types"),
        ("collection", COLLECTION | {"id": UUID.replace("-a", "-c")}, "id"),  # not the variant of RFC 4122
        ("collection", COLLECTION | {"id": UUID + "\n"}, "id"),
        ("collection", COLLECTION | {"description": None}, "description"),
        ("collection", {k: v for k, v in COLLECTION.items() if k != "can_write"}, "can_write"),
        ("collections", {"collections": [COLLECTION, COLLECTION]}, "one id"),
        (
            "collections",
            {"collections": [COLLECTION | {"alias": "x"}, COLLECTION | {"alias": "x", "id": UUID.replace("9", "8")}]},
            "alias",
        ),
        ("status", STATUS | {"status": "done"}, "status"),
        ("status", STATUS | {"total_count": 2}, "sum"),
        ("status", STATUS | {"total_count": 0}, "sum"),
        ("status", STATUS | {"failure_count": -1, "total_count": 0}, "failure_count"),
        ("status", STATUS | {"success_count": 1.0}, "success_count"),
        ("status", STATUS | {"failures": []}, "failures"),
        ("status", STATUS | {"failures": [{"id": "x"}]}, "version"),
        ("status", STATUS | {"request_timestamp": "2016-11-02T12:34:34.12345Z"}, "request_timestamp"),
        ("status", STATUS | {"request_timestamp": "2016-02-30T12:34:34.123456Z"}, "moment"),
        ("manifest", {"objects": [RECORD | {"date_added": "2016-02-30T12:30:59.000000Z"}]}, "moment"),
        ("manifest", {"objects": [RECORD], "more": "true"}, "more"),
        ("manifest", [RECORD], "array"),
        ("versions", {"versions": [1]}, "versions"),
        ("api-root", API_ROOT | {"max_content_length": 2.5}, "max_content_length"),
        ("api-root", API_ROOT | {"max_content_length": True}, "max_content_length"),
        ("api-root", API_ROOT | {"versions": []}, "versions"),
        ("error", {"title": "t", "http_status": 400}, "http_status"),
        ("error", {"title": "t", "http_status": "abc"}, "http_status"),
        ("discovery", {"title": "t", "default": "/a/"}, "default"),
    ],
)
def test_a_resource_that_breaks_a_rule_is_refused_with_its_place(name: str, value: Any, reason: str):
    with pytest.raises(InvalidResource) as refused:
        decoded(value, name)
    assert reason in str(refused.value)


@pytest.mark.parametrize("root", ["https://taxii.example.com:443/", "https://example.net/a/b/", "/someapiroot/", "/"])
def test_an_api_root_is_an_https_url_or_a_path(root: str):
    assert decoded({"title": "t", "api_roots": [root]}, "discovery")


@pytest.mark.parametrize(
    "root",
    [
        "http://example.com/a/",
        "//example.com/a/",
        "../a/",
        "a/",
        "",
        "/a/?b",
        "/a/?",
        "/a/#b",
        "/a/../b/",
        "https://example.com/../a/",
        "https://foo.example/bar?baz",
        "https:///a/",
        "https://user@example.com/a/",
        "https://example.com:99999/a/",
        "https://example.com:x/a/",
        "https://[::1/a/",
        "https:\\\\example.com\\a",
        "/\\example.com/a/",
        "/a b/",
        "/a\n/",
        "ftp://example.com/a/",
        "javascript:alert(1)",
    ],
)
def test_whatever_else_is_no_api_root(root: str):
    with pytest.raises(InvalidResource):
        decoded({"title": "t", "api_roots": [root]}, "discovery")


def test_a_name_given_twice_is_refused():
    with pytest.raises(StrictJsonError):
        read(b'{"title": "t", "title": "u"}', Discovery)


def test_an_integer_beyond_the_safe_ones_is_refused():
    with pytest.raises(StrictJsonError):
        decoded(json.dumps(API_ROOT).replace("1}", f"{2**53}}}").encode(), "api-root")


def test_custom_properties_are_let_be():
    assert decoded(COLLECTION | {"x_example_com_field": {"a": []}}, "collection") == decoded(COLLECTION, "collection")


def test_what_a_collection_holds_when_it_does_not_say():
    collection = decoded(COLLECTION, "collection")
    assert isinstance(collection, Collection)
    assert collection.media_types == ("application/stix+json",)


def test_what_is_left_out_is_not_written():
    assert write(Collections()) == write(Manifest()) == write(Versions()) == b"{}"
    assert json.loads(write(Discovery(title="t"))) == {"title": "t"}
    assert json.loads(write(ErrorMessage(title="t", details={}))) == {"title": "t"}
    status = Status(id=UUID, status="pending", total_count=0, success_count=0, failure_count=0, pending_count=0)
    assert set(json.loads(write(status))) == set(STATUS)


@pytest.mark.parametrize(
    "wrong",
    [
        Collection(id="365fed99-08fa-fdcd-a1b3-fb247eb41d01", title="t", can_read=True, can_write=True),
        ApiRoot(title="t", versions=(MEDIA_TYPE,), max_content_length=0),
        ErrorMessage(title="t", http_status="4000"),
        Versions(versions=("",)),
    ],
)
def test_what_we_could_not_read_ourselves_is_not_sent(wrong: Resource):
    with pytest.raises(msgspec.ValidationError):
        write(wrong)


TEXTS = st.text(max_size=12).filter(lambda t: "\0" not in t)
NAMES = TEXTS.filter(bool)
IDS = st.uuids(version=4).map(str)
STAMPS = st.just("2016-11-03T12:30:59.001000Z")
DETAILS = st.lists(st.builds(StatusDetails, id=NAMES, version=NAMES, message=TEXTS), max_size=3).map(tuple)


def counted(status: str, id: str, ok: int, bad: int, left: int, details: tuple[StatusDetails, ...]) -> Status:
    return Status(
        id=id,
        status=status,
        total_count=ok + bad + left,
        success_count=ok,
        failure_count=bad,
        pending_count=left,
        failures=details,
    )


COUNTS = st.integers(0, 2**40)
COLLECTIONS = st.builds(Collection, id=IDS, title=TEXTS, can_read=st.booleans(), can_write=st.booleans())
RECORDS = st.builds(ManifestRecord, id=NAMES, date_added=STAMPS, version=NAMES, media_type=TEXTS)
RESOURCES = st.one_of(
    st.builds(Discovery, title=TEXTS, contact=TEXTS, api_roots=st.sampled_from([(), ("/a/",), ("/a/", "/b/")])),
    st.builds(ApiRoot, title=TEXTS, versions=st.just((MEDIA_TYPE,)), max_content_length=st.integers(1, 2**53 - 1)),
    st.builds(counted, st.sampled_from(["complete", "pending"]), IDS, COUNTS, COUNTS, COUNTS, DETAILS),
    st.builds(Collections, collections=st.lists(COLLECTIONS, max_size=3, unique_by=lambda c: c.id).map(tuple)),
    st.builds(Manifest, more=st.booleans(), objects=st.lists(RECORDS, max_size=3).map(tuple)),
    st.builds(Versions, more=st.booleans(), versions=st.lists(NAMES, max_size=3).map(tuple)),
    st.builds(ErrorMessage, title=TEXTS, description=TEXTS, http_status=st.sampled_from(["", "404", "500"])),
)


def _empty_lists(value: Any) -> bool:
    if isinstance(value, list):
        return not value or any(map(_empty_lists, value))
    return isinstance(value, dict) and any(map(_empty_lists, value.values()))


@given(RESOURCES)
def test_what_is_written_is_read_back_and_holds_no_empty_list(resource: Resource):
    written = write(resource)
    assert read(written, type(resource)) == resource
    assert not _empty_lists(json.loads(written))


@given(st.binary(max_size=60) | st.sampled_from([b"[" * 9999, b'{"a":' * 9999, b"null", b'"x"', b"\xff", b"{}"]))
def test_no_bytes_do_worse_than_be_refused(data: bytes):
    for name in (*KINDS, "envelope"):
        with contextlib.suppress(InputError):
            decoded(data, name)

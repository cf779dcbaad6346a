"""What of the published HTTP cases is decided before any data is looked at: 400, 406, 413, 415 and 422.

Who asks, what exists and which method is answered are the server's to decide; its tests walk the same cases.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from tests.node.taxii.cases import cases, fixture

from comity.canon import StrictJsonError
from comity.node.exchange.taxii import (
    Endpoint,
    TaxiiError,
    Walk,
    check_content_type,
    negotiate,
    open_cursor,
    parse_query,
    read_added,
    status_of,
)

DECIDED = {400, 406, 413, 415, 422}
MAX_CONTENT_LENGTH = fixture()["api_root"]["max_content_length"]
# Answered by TLS, before there is a request.
CASES = [case for case in cases("http") if case["status"] != ["refused"]]
# A POST to what takes none is a 405, whatever its body is.
NOT_OURS = {"post-collections", "options"}

PATHS = [
    (re.compile(r"/taxii2/"), {"GET": Endpoint.DISCOVERY}),
    (re.compile(r"/[^/]+/"), {"GET": Endpoint.API_ROOT}),
    (re.compile(r"/[^/]+/status/[^/]+/"), {"GET": Endpoint.STATUS}),
    (re.compile(r"/[^/]+/collections/"), {"GET": Endpoint.COLLECTIONS}),
    (re.compile(r"/[^/]+/collections/[^/]+/?"), {"GET": Endpoint.COLLECTION}),
    (re.compile(r"/[^/]+/collections/[^/]+/manifest/"), {"GET": Endpoint.MANIFEST}),
    (re.compile(r"/[^/]+/collections/[^/]+/objects/"), {"GET": Endpoint.OBJECTS, "POST": Endpoint.ADD_OBJECTS}),
    (
        re.compile(r"/[^/]+/collections/[^/]+/objects/[^/]+/"),
        {"GET": Endpoint.OBJECT, "DELETE": Endpoint.DELETE_OBJECT},
    ),
    (re.compile(r"/[^/]+/collections/[^/]+/objects/[^/]+/versions/"), {"GET": Endpoint.VERSIONS}),
]


def body_of(request: Any) -> bytes:
    body = request["body"]
    if body == "@max_content_length+1":
        return b" " * (MAX_CONTENT_LENGTH + 1)
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def protocol_refuses(request: Any) -> int | None:
    """The status this layer gives to the request, or None when it lets the server go on."""
    path, _, query = request["path"].partition("?")
    endpoint = next(methods[request["method"]] for form, methods in PATHS if form.fullmatch(path))
    try:
        negotiate(request["accept"])
        if endpoint is Endpoint.ADD_OBJECTS:
            check_content_type(request["content_type"])
        asked = parse_query(query, endpoint)
        if asked.next:
            walk = Walk(client="c", collection="c", endpoint=endpoint, query=asked)
            open_cursor(asked.next, walk, key=b"k" * 32, now=dt.datetime(2026, 11, 23, tzinfo=dt.UTC))
        if endpoint is Endpoint.ADD_OBJECTS:
            read_added(body_of(request), max_content_length=MAX_CONTENT_LENGTH)
    except (TaxiiError, StrictJsonError) as error:
        return status_of(error)
    return None


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["case"] not in NOT_OURS], ids=lambda case: case["case"]
)
def test_published_case(case: Any):
    allowed, status = set(case["status"]), protocol_refuses(case["request"])
    if status is None:
        assert allowed - DECIDED, "only a refusal by the protocol is right here"
    else:
        assert status in allowed


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("query-unknown-parameter", 400),
        ("query-unknown-match-field", 400),
        ("discovery-no-accept", 406),
        ("add-bundle-in-taxii-type", 422),
        ("add-empty-envelope", 422),
        ("add-not-json", 400),
        ("add-too-large", 413),
    ],
)
def test_where_the_standard_leaves_a_choice_the_stricter_is_ours(name: str, status: int):
    (case,) = (case for case in CASES if case["case"] == name)
    assert protocol_refuses(case["request"]) == status


def test_a_bad_object_in_an_envelope_is_left_to_the_status_of_the_post():
    (case,) = (case for case in CASES if case["case"] == "add-invalid-object")
    assert protocol_refuses(case["request"]) is None

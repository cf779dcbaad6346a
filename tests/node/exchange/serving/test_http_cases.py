"""Every published HTTP case, over TLS against the live server.

The fixture's collections are ours by what may be done with them. Nobody here can both read and write one collection, so
what the fixture asks of such a one is asked of the outward one for reading, and of the inward one for writing. Four
cases cannot be as published, and the nearest is tried: `NEAREST` says which, and why.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from tests.node.taxii.cases import cases, fixture

from comity.node.exchange.models import Post
from comity.node.exchange.serving.bodies import MAX_CONTENT_LENGTH
from comity.node.exchange.serving.taking import take_work
from comity.node.exchange.taxii import (
    DATE_ADDED_FIRST,
    DATE_ADDED_LAST,
    MEDIA_TYPE,
    ApiRoot,
    Collections,
    Discovery,
    ErrorMessage,
    Manifest,
    Status,
    Versions,
    read,
    read_envelope,
)

from .live import Got, LiveNode
from .partners import Partner, objects_of, shelve
from .test_query_cases import ROWS, dates

FIXTURE = {
    (each["can_read"], each["can_write"]): each["id"]
    for each in fixture()["collections"]
    if each["title"] != "This data collection is for testing adding objects"
}
BOTH, READ, WRITE, NEITHER = (FIXTURE[kind] for kind in ((True, True), (True, False), (False, True), (False, False)))
NEAREST = {
    "delete-one-version": (403, "deletes from a collection that it reads and writes; the nearest one only reads"),
    "delete-unknown": (403, "likewise: the answer must not say whether an object is there"),
    "add": (202, "an indicator comes with its bill here: the envelope is taken, and its status tells what is missing"),
    "add-duplicate": (202, "likewise: the duplicate has the status of the first"),
}
CASES = [case for case in cases("http") if case["status"] != ["refused"]]


@pytest.fixture
def stocked(br: Partner, jp: Partner, node_live: Any) -> Partner:
    shelve(br.material, [row["object"] for row in ROWS], node_live.now, dates=dates())
    return br


def ours(request: Any, br: Partner, jp: Partner) -> str:
    """The path of a case, on this node."""
    path = request["path"].replace("/trustgroup1/", "/exchange/")
    path = path.replace(BOTH, str((br.theirs if request["method"] == "POST" else br.material).pk))
    path = path.replace(READ, str(br.outbox.pk)).replace(WRITE, str(br.inbox.pk))
    path = path.replace(NEITHER, str(jp.material.pk))
    return quote(path, safe="/?&=%:,@+")  # a signed target is a URL, where a square bracket is encoded


def body_of(request: Any) -> bytes:
    body = request["body"]
    if body is None:
        return b""
    if body == "@max_content_length+1":
        return b" " * (MAX_CONTENT_LENGTH + 1)
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def ask(server: LiveNode, partner: Partner, case: Any, path: str) -> Got:
    request = case["request"]
    headers = {"Accept": request["accept"], "Content-Type": request["content_type"]}
    given = {name: value for name, value in headers.items() if value is not None}
    if request["auth"] != "ok":
        if request["auth"] == "bad":
            given["Authorization"] = "Basic Og=="
        return server.ask(request["method"], path, headers=given)
    signed = partner.signed(server, request["method"], path, body=body_of(request), headers=given)
    # What the case does not send is not sent, signed or not.
    lines = {name: value for name, value in signed.headers if name in given or name.startswith(("Sig", "Content-D"))}
    return server.ask(request["method"], path, headers=lines, body=body_of(request) or None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_published_case(case: Any, server: LiveNode, stocked: Partner, jp: Partner):
    path = ours(case["request"], stocked, jp)
    if "@other-users-status" in path:
        posted = jp.ask(server, "POST", objects_of(jp.inbox), body=b'{"objects":[{"type":"x","id":"x--1"}]}')
        path = path.replace("@other-users-status", posted.json["id"])
    got = ask(server, stocked, case, path)
    allowed = [NEAREST[case["case"]][0]] if case["case"] in NEAREST else case["status"]
    assert got.status in allowed, got.body
    assert got.content_type == case["response_content_type"]
    if got.status >= 400:
        told = read(got.body, ErrorMessage)
        assert told.http_status == str(got.status)
    if got.status == 401:
        assert got.headers["www-authenticate"]
    if got.status == 405:
        assert got.headers["allow"]
    if case["payload"] and got.status < 300:
        PAYLOADS[re.sub(r" (of|with) .*", "", case["payload"])](case["payload"], got, server, stocked)


def discovery(_payload: str, got: Got, *_: Any) -> None:
    assert read(got.body, Discovery).api_roots


def api_root(_payload: str, got: Got, *_: Any) -> None:
    assert MEDIA_TYPE in read(got.body, ApiRoot).versions


def collections(_payload: str, got: Got, *_: Any) -> None:
    listed = read(got.body, Collections).collections
    assert {(one.can_read, one.can_write) for one in listed} == {(True, False), (False, True)}


def envelope(payload: str, got: Got, *_: Any) -> None:
    objects = read_envelope(got.body).objects
    assert len(objects) == int(payload.rpartition(" ")[2]) if " of " in payload else objects
    assert {DATE_ADDED_FIRST.lower(), DATE_ADDED_LAST.lower()} <= got.headers.keys()


def empty_envelope(_payload: str, got: Got, *_: Any) -> None:
    assert got.body == b"{}"
    assert not {DATE_ADDED_FIRST.lower(), DATE_ADDED_LAST.lower()} & got.headers.keys()


def manifest(_payload: str, got: Got, *_: Any) -> None:
    assert read(got.body, Manifest).objects
    assert {DATE_ADDED_FIRST.lower(), DATE_ADDED_LAST.lower()} <= got.headers.keys()


def versions(payload: str, got: Got, *_: Any) -> None:
    assert len(read(got.body, Versions).versions) == int(payload.rpartition(" ")[2])
    assert {DATE_ADDED_FIRST.lower(), DATE_ADDED_LAST.lower()} <= got.headers.keys()


def status(_payload: str, got: Got, server: LiveNode, partner: Partner) -> None:
    """Pending, then complete; every object is counted, with its name where it failed."""
    posted = read(got.body, Status)
    assert posted.status == "pending"
    post = Post.objects.get()
    take_work({"post": str(post.pk)}, post.posted_at)
    done = read(partner.ask(server, "GET", f"/exchange/status/{posted.id}/").body, Status)
    assert done.status == "complete"
    assert done.total_count == posted.total_count == done.success_count + done.failure_count
    assert all(one.id and one.version and one.message for one in done.failures)


PAYLOADS: dict[str, Callable[..., None]] = {
    "discovery": discovery,
    "api-root": api_root,
    "collections": collections,
    "envelope": envelope,
    "empty envelope": empty_envelope,
    "manifest": manifest,
    "versions": versions,
    "status": status,
    "failure reported": status,
}


def test_every_case_and_payload_is_known():
    assert {case["case"] for case in cases("http")} - {case["case"] for case in CASES} == {"tls11", "plain-http"}
    assert NEAREST.keys() <= {case["case"] for case in CASES}
    asked = {re.sub(r" (of|with) .*", "", case["payload"]) for case in CASES if case["payload"]}
    assert asked <= PAYLOADS.keys()


def test_a_duplicate_has_the_status_of_the_first(server: LiveNode, stocked: Partner, jp: Partner):
    """Case add-duplicate: 202 with a status that has no failure more than the first."""
    (case,) = (case for case in CASES if case["case"] == "add-duplicate")
    first, second = (ask(server, stocked, case, ours(case["request"], stocked, jp)) for _ in range(2))
    assert (first.status, second.status) == (202, 202)
    assert first.json["id"] == second.json["id"]
    assert Post.objects.count() == 1


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")  # that is what it is about
def test_tls11_is_refused(server: LiveNode):
    """Case tls11."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(server.trust)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", server.port)) as plain, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls12_and_tls13_are_accepted(version: ssl.TLSVersion, server: LiveNode):
    context = server.client_context()
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.version() == version.name.replace("v1_", "v1.")


def test_plain_http_is_refused(server: LiveNode):
    """Case plain-http: no answer at all, and so no redirect that would leak credentials."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain:
        plain.sendall(f"GET /taxii2/ HTTP/1.1\r\nHost: localhost\r\nAccept: {MEDIA_TYPE}\r\n\r\n".encode())
        received = b""
        try:
            while piece := plain.recv(4096):
                received += piece
        except OSError:
            pass
    assert b"HTTP/" not in received

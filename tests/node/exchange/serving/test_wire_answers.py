"""How partners' routes answer: no cookie, no page, one form of error, and HEAD as GET."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from comity.node.exchange.serving import authenticating, objects, signing
from comity.node.exchange.taxii import MEDIA_TYPE, ErrorMessage, read

from .live import ACCEPT, LiveNode
from .partners import Partner, indicator, objects_of, shelve

NOWHERE = [
    "/taxii2/x/",
    "/exchange/x/",
    "/exchange/collections",
    "/exchange/status/",
    "/exchange/collections/x/y/",
    "/exchange//collections/",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_a_path_that_is_none_is_answered_as_what_is_not_there(path: str, server: LiveNode, br: Partner):
    unknown = br.ask(server, "GET", "/exchange/collections/00000000-0000-4000-8000-000000000000/")
    for method in ("GET", "POST", "PUT"):
        got = server.ask(method, path, headers=ACCEPT)
        assert (got.status, got.content_type, got.body) == (404, MEDIA_TYPE, unknown.body)


@pytest.mark.parametrize("path", ["/ledger/x", "/ledger/", "/witness/", "/witness/x", "/.well-known/comity.jsonx"])
def test_other_paths_that_are_none_are_silent(path: str, server: LiveNode):
    got = server.ask("GET", path)
    assert (got.status, got.body) == (404, b"")


def test_no_answer_sets_a_cookie_or_may_be_kept(server: LiveNode, br: Partner, node_live: Any):
    shelve(br.material, [indicator()], node_live.now)
    answers = [
        br.ask(server, "GET", objects_of(br.material)),
        br.ask(server, "GET", "/exchange/collections/"),
        server.ask("GET", "/taxii2/"),
        server.ask("GET", "/exchange/nowhere/"),
    ]
    for got in answers:
        assert "set-cookie" not in got.headers
        assert got.headers["cache-control"] == "no-store"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in got.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/taxii2/", "/exchange/", "/exchange/collections/", "objects", "/exchange/nowhere/"])
def test_a_head_has_the_headers_of_the_get_and_no_body(path: str, server: LiveNode, br: Partner, node_live: Any):
    shelve(br.material, [indicator() for _ in range(3)], node_live.now)
    target = objects_of(br.material, "limit=2") if path == "objects" else path
    get, head = br.ask(server, "GET", target), br.ask(server, "HEAD", target)
    of_the_moment = {"date", "signature", "signature-input", "content-digest"}
    assert head.body == b""
    assert head.status == get.status
    assert {name: value for name, value in head.headers.items() if name not in of_the_moment} == {
        name: value for name, value in get.headers.items() if name not in of_the_moment
    }


def test_a_fault_of_ours_is_told_as_one_and_by_no_word_of_it(
    server: LiveNode, br: Partner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """What the log calls it stands in both; the error's own words, which may be somebody's data, in neither (A25)."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("jane.doe@example.org")

    monkeypatch.setattr(objects.door, "read", broken)
    got = br.ask(server, "GET", objects_of(br.material))
    told = read(got.body, ErrorMessage)
    assert (got.status, told.http_status) == (500, "500")
    assert "signature" in got.headers
    logged = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert told.error_id in {each.get("error_id") for each in logged}
    assert "jane.doe" not in got.body.decode() + repr(logged)


@pytest.mark.parametrize("signed", [True, False])
def test_a_database_that_is_away_is_told_as_a_fault_that_passes(
    signed: bool, server: LiveNode, br: Partner, monkeypatch: pytest.MonkeyPatch
):
    """Also to who is nobody yet: which schemes are in use is asked of the database too."""

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("could not connect to server: postgres.internal")

    monkeypatch.setattr(signing, "verify_request", away)
    monkeypatch.setattr(authenticating.Tool.objects, "filter", away)
    got = br.ask(server, "GET", "/taxii2/") if signed else server.ask("GET", "/taxii2/")
    assert (got.status, got.content_type) == (503, MEDIA_TYPE)
    assert int(got.headers["retry-after"]) > 0
    assert read(got.body, ErrorMessage).http_status == "503"
    assert b"postgres" not in got.body


def test_only_what_the_door_made_becomes_part_of_an_envelope(
    server: LiveNode, br: Partner, monkeypatch: pytest.MonkeyPatch, node_live: Any
):
    """Promise 9: bytes that did not come through the door stop here, wherever they are from."""

    class Forged:
        body = b'{"type":"indicator"}'

    real = objects.door.read

    def slipped(*args: Any, **kwargs: Any) -> Any:
        page = real(*args, **kwargs)
        object.__setattr__(page, "items", (*page.items, Forged()))
        return page

    shelve(br.material, [indicator()], node_live.now)
    monkeypatch.setattr(objects.door, "read", slipped)
    got = br.ask(server, "GET", objects_of(br.material))
    assert got.status == 500
    assert b"indicator" not in got.body

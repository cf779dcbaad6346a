"""What a client may not see cannot be told from what does not exist: same bytes, same headers, same work (A47).

No wall time is measured: that the same statements reach the database, in the same order, is what can be asserted.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from comity.node import wire
from comity.node.border.models import Shelved
from comity.node.exchange.serving import authenticating, endpoint, signing
from comity.node.exchange.serving.clients import Client

from .asking import basic, new_tool
from .live import LiveNode
from .partners import Partner, indicator, objects_of, shelve

UNKNOWN = "00000000-0000-4000-8000-000000000000"
OF_THE_MOMENT = {"date", "signature", "signature-input"}
PATHS = ["", "manifest/", "objects/", "objects/{object}/", "objects/{object}/versions/"]


def comparable(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in OF_THE_MOMENT}


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_collection_is_answered_as_one_that_does_not_exist(
    path: str, server: LiveNode, br: Partner, jp: Partner, node_live: Any
):
    (row,) = shelve(jp.material, [indicator()], node_live.now)
    said = path.format(object=row.object_id)
    foreign = br.ask(server, "GET", f"/exchange/collections/{jp.material.pk}/{said}")
    unknown = br.ask(server, "GET", f"/exchange/collections/{UNKNOWN}/{said}")
    malformed = br.ask(server, "GET", f"/exchange/collections/nonsense/{said}")
    for other in (unknown, malformed):
        assert (foreign.status, foreign.body) == (other.status, other.body) == (404, foreign.body)
        assert comparable(foreign.headers) == comparable(other.headers)


HIDDEN = {
    "withdrawn": {"withdrawn_at": True},
    "expired": {"expires": True},
    "not published": {"date_added": None},
    "without its content": {"box": None},
}


@pytest.mark.parametrize("why", HIDDEN)
@pytest.mark.parametrize("path", PATHS[3:])
def test_a_hidden_object_is_answered_as_one_that_does_not_exist(
    why: str, path: str, server: LiveNode, br: Partner, node_live: Any
):
    (row,) = shelve(br.material, [indicator()], node_live.now)
    shown = br.ask(server, "GET", f"/exchange/collections/{br.material.pk}/{path.format(object=row.object_id)}")
    assert shown.status == 200
    changes = {name: node_live.now if value is True else value for name, value in HIDDEN[why].items()}
    Shelved.objects.filter(pk=row.pk).update(**changes)
    hidden = br.ask(server, "GET", f"/exchange/collections/{br.material.pk}/{path.format(object=row.object_id)}")
    missing = br.ask(server, "GET", f"/exchange/collections/{br.material.pk}/{path.format(object=indicator()['id'])}")
    assert (hidden.status, hidden.body) == (missing.status, missing.body) == (404, hidden.body)
    assert comparable(hidden.headers) == comparable(missing.headers)
    assert br.ask(server, "GET", objects_of(br.material)).body == b"{}"


def test_an_object_of_which_no_version_matches_is_there_all_the_same(server: LiveNode, br: Partner, node_live: Any):
    """An empty page of what is there is 200; only what is not there is 404."""
    (row,) = shelve(br.material, [indicator()], node_live.now)
    for query in ("match%5Bversion%5D=1999-01-01T00:00:00.000Z", "added_after=2090-01-01T00:00:00.000000Z"):
        got = br.ask(server, "GET", f"/exchange/collections/{br.material.pk}/objects/{row.object_id}/?{query}")
        assert (got.status, got.body) == (200, b"{}")
    versions = f"/exchange/collections/{br.material.pk}/objects/{row.object_id}/versions/"
    got = br.ask(server, "GET", versions + "?added_after=2090-01-01T00:00:00.000000Z")
    assert (got.status, got.body) == (200, b"{}")


def statements(path: str, partner: Partner, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches both databases for one request of this partner's, with its values left out."""
    proved = authenticating.Proved(client=Client(party=partner.party.pk))
    monkeypatch.setattr(endpoint, "authenticate", lambda _request: proved)
    request = RequestFactory().get(path, headers={"Accept": "application/taxii+json;version=2.1"}, secure=True)
    with CaptureQueriesContext(connections["default"]) as data, CaptureQueriesContext(connections["keys"]) as keys:
        assert wire._answer(request).status_code == 404
    values = re.compile(r"'[^']*'|\b[0-9a-f]{32}\b|\b\d+\b")
    return [values.sub("?", each["sql"]) for each in [*data.captured_queries, *keys.captured_queries]]


@pytest.mark.parametrize("path", PATHS)
def test_missing_and_forbidden_cost_the_same_work(
    path: str, br: Partner, jp: Partner, node_live: Any, monkeypatch: pytest.MonkeyPatch
):
    (row,) = shelve(jp.material, [indicator()], node_live.now)
    said = path.format(object=row.object_id)
    foreign = statements(f"/exchange/collections/{jp.material.pk}/{said}", br, monkeypatch)
    unknown = statements(f"/exchange/collections/{UNKNOWN}/{said}", br, monkeypatch)
    assert foreign == unknown
    assert foreign, "and it is asked of the database"


@pytest.mark.parametrize("path", PATHS[3:])
def test_a_hidden_object_and_a_missing_one_cost_the_same_work(
    path: str, br: Partner, node_live: Any, monkeypatch: pytest.MonkeyPatch
):
    (row,) = shelve(br.material, [indicator()], node_live.now, withdrawn_at=node_live.now)
    own = f"/exchange/collections/{br.material.pk}/"
    hidden = statements(own + path.format(object=row.object_id), br, monkeypatch)
    missing = statements(own + path.format(object=indicator()["id"]), br, monkeypatch)
    assert hidden == missing
    assert hidden


ODD = ["%00", "%0d%0a", "%2e%2e", "a" * 121, "%E2%82%AC", "indicator--x%00y", "%20", "'%20OR%201=1--"]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_names_of_nothing(name: str, server: LiveNode, br: Partner):
    """No database is asked for characters that it cannot take, and no error tells of one."""
    paths = (
        f"/exchange/collections/{name}/",
        f"/exchange/collections/{br.material.pk}/objects/{name}/",
        f"/exchange/collections/{br.material.pk}/objects/{name}/versions/",
        f"/exchange/status/{name}/",
    )
    for path in paths:
        got = br.ask(server, "GET", path)
        # A signature covers the target as it was sent: where WSGI has no longer that text, nobody is let in.
        assert got.status in (401, 404), path
        assert b"error_id" not in got.body


def test_the_next_of_another_client_is_no_ones(server: LiveNode, br: Partner, jp: Partner, node_live: Any):
    """Attack A46: bound to client, collection, list and filters; and it says nothing to who reads it."""
    for partner in (br, jp):
        shelve(partner.material, [indicator() for _ in range(3)], node_live.now)
    token = br.ask(server, "GET", objects_of(br.material, "limit=1")).json["next"]
    tool = basic("siem", new_tool(node_live, "cert-br"))
    assert br.ask(server, "GET", objects_of(br.material, f"limit=1&next={token}")).status == 200
    refused = [
        jp.ask(server, "GET", objects_of(jp.material, f"limit=1&next={token}")),
        br.ask(server, "GET", objects_of(br.outbox, f"limit=1&next={token}")),
        br.ask(server, "GET", objects_of(br.material, f"next={token}&added_after=2020-01-01T00:00:00.000000Z")),
        br.ask(server, "GET", f"/exchange/collections/{br.material.pk}/manifest/?next={token}"),
        br.ask(server, "GET", objects_of(br.material, f"limit=1&next={token[:-1]}")),
        server.ask("GET", objects_of(br.material, f"limit=1&next={token}"), headers=tool),
    ]
    assert [got.status for got in refused] == [400] * len(refused)
    assert len({got.body for got in refused}) == 1


def test_a_target_is_what_this_node_calls_itself_whatever_the_host_header_says(rf: RequestFactory):
    """Attack A36."""
    request = rf.get("/taxii2/?a=%5B", headers={"Host": "evil.example"})
    assert signing.target_uri(request) == "https://localhost:9441/taxii2/?a=%5B"

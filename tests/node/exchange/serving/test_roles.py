"""Every route of partners, asked by everybody who may and everybody who may not (attacks A41 and A43).

The table is the specification. A route that is not in it fails the test.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from comity.node import wire_urls
from comity.node.exchange.taxii import MEDIA_TYPE

from .asking import basic, bearer, new_tool
from .live import Got, LiveNode
from .partners import Partner, indicator, objects_of, shelve

POSTED = b'{"objects":[{"type":"x","id":"x--1"}]}'
# What each route answers its own: (the partner's node, its tool). Everybody else: see the tests.
READS = {
    "taxii2/": ("GET", "/taxii2/", 200, 200),
    "exchange/": ("GET", "/exchange/", 200, 200),
    "exchange/status/<str:status_id>/": ("GET", "/exchange/status/{post}/", 200, 404),
    "exchange/collections/": ("GET", "/exchange/collections/", 200, 200),
    "exchange/collections/<str:collection_id>/": ("GET", "{material}", 200, 200),
    "exchange/collections/<str:collection_id>/manifest/": ("GET", "{material}manifest/", 200, 200),
    "exchange/collections/<str:collection_id>/objects/": ("GET", "{material}objects/", 200, 200),
    "exchange/collections/<str:collection_id>/objects/<str:object_id>/": (
        "GET", "{material}objects/{object}/", 200, 200,
    ),
    "exchange/collections/<str:collection_id>/objects/<str:object_id>/versions/": (
        "GET", "{material}objects/{object}/versions/", 200, 200,
    ),
}  # fmt: skip
WRITES = {
    "post to what they write": ("POST", "{inbox}objects/", 202, 404),
    "post to what they send": ("POST", "{theirs}objects/", 202, 404),
    "post to what they read": ("POST", "{material}objects/", 403, 403),
    "post to the messages that they read": ("POST", "{outbox}objects/", 403, 403),
    "delete what they read": ("DELETE", "{material}objects/{object}/", 403, 403),
    "delete what they write": ("DELETE", "{inbox}objects/{object}/", 403, 404),
    "read what they write": ("GET", "{inbox}objects/", 403, 404),
    "its manifest": ("GET", "{inbox}manifest/", 403, 404),
    "one object of it": ("GET", "{inbox}objects/{object}/", 403, 404),
    "its versions": ("GET", "{inbox}objects/{object}/versions/", 403, 404),
}
# Everybody's: public by their nature, and no word about any partner.
PUBLIC = {
    "ledger/checkpoint": 404,  # before there is one
    "ledger/tile/<path:path>": 404,
    "witness/add-checkpoint": 405,
    "witness/<str:origin_hash>/checkpoint": 404,
    ".well-known/comity.json": 200,
}
ROUTES = {**READS, **WRITES}
OWN = {"taxii2/", "exchange/", "exchange/collections/"}  # where every partner has an answer of its own


def test_every_route_is_in_the_table():
    assert {str(each.pattern) for each in wire_urls.urlpatterns} == {*READS, *PUBLIC}


class Asked:
    """The places that the table names, and everybody who asks."""

    def __init__(self, server: LiveNode, br: Partner, jp: Partner, node: Any) -> None:
        self._server, self._partners = server, {"br": br, "jp": jp}
        (row,) = shelve(br.material, [indicator()], node.now)
        shelve(jp.material, [indicator()], node.now)
        posted = br.ask(server, "POST", objects_of(br.inbox), body=b'{"objects":[{"type":"x","id":"x--0"}]}')
        inside = {name: getattr(br, name).pk for name in ("material", "theirs", "inbox", "outbox")}
        places = {name: f"/exchange/collections/{each}/" for name, each in inside.items()}
        self._places = {**places, "object": row.object_id, "post": posted.json["id"]}
        self.headers: dict[str, dict[str, str]] = {
            "nobody": {"Accept": MEDIA_TYPE},
            "bad password": basic("siem", "wrong"),
            "unknown user": basic("nobody", "wrong"),
            "bad token": bearer("wrong"),
            "tool": basic("siem", new_tool(node, "cert-br")),
        }

    def ask(self, who: str, method: str, path: str) -> Got:
        target = path.format(**self._places)
        body = POSTED if method == "POST" else None
        if who in ("br", "jp"):
            return self._partners[who].ask(self._server, method, target, body=body or b"")
        headers = {**self.headers[who], **({"Content-Type": MEDIA_TYPE} if body else {})}
        return self._server.ask(method, target, headers=headers, body=body)


@pytest.fixture
def asked(server: LiveNode, br: Partner, jp: Partner, node_live: Any) -> Asked:
    return Asked(server, br, jp, node_live)


@pytest.mark.parametrize("who", ["nobody", "bad password", "unknown user", "bad token"])
@pytest.mark.slow
def test_who_proves_nothing_gets_one_answer_everywhere(who: str, asked: Asked):
    answers = [asked.ask(who, method, path) for method, path, *_ in ROUTES.values()]
    assert {got.status for got in answers} == {401}
    assert len({got.body for got in answers}) == 1


def test_who_it_is_for(asked: Asked):
    found = {
        name: (asked.ask("br", m, p).status, asked.ask("tool", m, p).status) for name, (m, p, *_) in ROUTES.items()
    }
    assert found == {name: tuple(statuses) for name, (_, _, *statuses) in ROUTES.items()}


def test_another_partner_is_told_of_nothing(asked: Asked):
    """The bytes are those for what does not exist at all."""
    nothing = asked.ask("jp", "GET", "/exchange/collections/00000000-0000-4000-8000-000000000000/")
    assert nothing.status == 404
    for name, (method, path, *_) in ROUTES.items():
        got = asked.ask("jp", method, path)
        if name in OWN:
            assert got.status == 200
        else:
            assert (got.status, got.body) == (404, nothing.body), name


@pytest.mark.parametrize("who", ["nobody", "bad password", "tool", "br", "jp"])
def test_what_is_public_is_everybodys(who: str, asked: Asked):
    paths = {route: re.sub(r"<[^>]*>", "0", f"/{route}") for route in PUBLIC}
    assert {route: asked.ask(who, "GET", path).status for route, path in paths.items()} == PUBLIC


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "DELETE", "POST"])
def test_no_other_method_is_answered(method: str, asked: Asked):
    """Only who may ask at all is told which are; nobody else is told even that."""
    for route, (_, path, *_) in READS.items():
        offered = {"POST", "GET", "HEAD"} if route.endswith("<str:collection_id>/objects/") else {"GET", "HEAD"}
        offered |= {"DELETE"} if route.endswith("<str:object_id>/") else set()
        if method not in offered:
            assert asked.ask("nobody", method, path).status == 401
            got = asked.ask("br", method, path)
            assert got.status == 405, route
            assert set(got.headers["allow"].split(", ")) == offered

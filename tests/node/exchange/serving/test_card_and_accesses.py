"""The node's card, and what stands in the ledger of who read what."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import OperationalError

from comity.messages import verify_card
from comity.node import keyring
from comity.node.exchange.serving import accesses
from comity.node.exchange.serving import card as cards
from comity.node.journal.models import Entry

from .asking import basic, new_tool
from .live import LiveNode
from .partners import Partner, indicator, objects_of, shelve

CARD = "/.well-known/comity.json"
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_card_yet() -> None:
    cards.signed_card.cache_clear()


def test_the_card_is_ours_and_holds(server: LiveNode, node_live: Any):
    got = server.ask("GET", CARD)
    assert (got.status, got.content_type) == (200, "application/json")
    own = keyring.held()
    card = verify_card(got.body, own.signing.public_key(), "cert-ee", node_live.now, url=server.url, development=True)
    assert card.log == own.log.verifier
    assert card.witness == own.witness.verifier
    assert card.issued_at <= node_live.now < card.valid_until


def test_every_process_shows_the_same_card_for_an_hour_and_then_a_newer_one(server: LiveNode, node_live: Any):
    """Serials rise with business time, and no two processes need to agree on one."""
    first = server.ask("GET", CARD).body
    cards.signed_card.cache_clear()  # as another process
    assert server.ask("GET", CARD).body == first
    node_live.move(HOUR - dt.timedelta(minutes=1))
    assert server.ask("GET", CARD).body == first
    node_live.move(dt.timedelta(minutes=1))
    later = server.ask("GET", CARD).body
    assert json.loads(later)["serial"] == json.loads(first)["serial"] + 3600
    key = keyring.held().signing.public_key()
    verify_card(
        later, key, "cert-ee", node_live.now, last_serial=json.loads(first)["serial"], development=True, url=server.url
    )


def test_the_card_is_read_and_nothing_else(server: LiveNode):
    got = server.ask("HEAD", CARD)
    assert (got.status, got.body) == (200, b"")
    assert int(got.headers["content-length"]) == len(server.ask("GET", CARD).body)
    for method in ("POST", "PUT", "DELETE"):
        refused = server.ask(method, CARD)
        assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")


def entries() -> list[dict[str, Any]]:
    rows = Entry.objects.filter(event="exchange:page:read").order_by("pk")
    return [json.loads(bytes(row.body).split(b"\n", 1)[1]) for row in rows]


def test_every_page_that_left_is_in_the_ledger_once(server: LiveNode, br: Partner, node_live: Any):
    rows = shelve(br.material, [indicator() for _ in range(3)], node_live.now)
    first = br.ask(server, "GET", objects_of(br.material, "limit=2"))
    br.ask(server, "GET", objects_of(br.material, f"limit=2&next={first.json['next']}"))
    br.ask(server, "GET", f"/exchange/collections/{br.material.pk}/objects/{rows[0].object_id}/")
    told = entries()
    assert [each["objects"] for each in told] == [2, 1, 1]
    assert {each["partner"] for each in told} == {"cert-br"}
    assert {each["collection"] for each in told} == {str(br.material.pk)}
    assert told[0]["first"] == first.headers["x-taxii-date-added-first"]
    assert told[0]["last"] == first.headers["x-taxii-date-added-last"]
    assert not any(rows[0].object_id in json.dumps(each) for each in told), "no id that could tell a value"


def test_a_tool_is_told_from_its_partners_node(server: LiveNode, br: Partner, node_live: Any):
    shelve(br.material, [indicator()], node_live.now)
    headers = basic("siem", new_tool(node_live, "cert-br"))
    server.ask("GET", objects_of(br.material), headers=headers)
    br.ask(server, "GET", objects_of(br.material))
    assert ["tool" in each for each in entries()] == [True, False]


def test_what_gives_no_material_is_no_access(server: LiveNode, br: Partner, jp: Partner, node_live: Any):
    shelve(br.material, [indicator()], node_live.now)
    br.ask(server, "HEAD", objects_of(br.material))
    br.ask(server, "GET", f"/exchange/collections/{br.material.pk}/manifest/")
    br.ask(server, "GET", objects_of(br.outbox))
    br.ask(server, "GET", objects_of(br.material, "limit=0"))
    jp.ask(server, "GET", objects_of(br.material))
    assert entries() == []


def test_what_cannot_be_recorded_does_not_leave(
    server: LiveNode, br: Partner, node_live: Any, monkeypatch: pytest.MonkeyPatch
):
    """INVARIANT of `accesses`: a full disk stops reading, not the ledger."""

    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("database or disk is full")

    shelve(br.material, [indicator()], node_live.now)
    monkeypatch.setattr(accesses, "record", full)
    got = br.ask(server, "GET", objects_of(br.material))
    assert got.status == 503
    assert b"indicator" not in got.body
    assert "signature" in got.headers

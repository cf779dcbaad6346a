"""Requests of partners' nodes: signed, verified whole or refused, used once; and our answers to them (RFC 9421)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError
from django.urls import path
from tests.node.wire.keys import NODE, NOW, published_ed25519
from tests.node.wire.test_node_cases import REASONS, as_sent, unsigned

from comity.canon import dumps
from comity.ledger import public_key_text
from comity.node import clock, keyring, wire, wire_urls
from comity.node.border.models import Collection
from comity.node.config import current
from comity.node.exchange.models import Nonce, Post
from comity.node.exchange.serving import nonces, signing
from comity.node.exchange.signatures import Answer, Request, SigningKey, nonce_of, sign_request, verify_answer
from comity.node.treaties.models import Flow, Party

from .live import Got, LiveNode
from .partners import Partner, indicator, objects_of, partner, send, shelve

NODE_B = "https://node-b.example"
CASE_COLLECTION = UUID("52892447-4d7e-4f70-b94d-d7f22742ff63")


CASE_URLS = ModuleType("case_urls", "The routes, under the API root that the published cases name.")
CASE_URLS.urlpatterns = [  # type: ignore[attr-defined]
    path(f"api1/{str(each.pattern).removeprefix('exchange/')}", each.callback)
    for each in wire_urls.urlpatterns
    if str(each.pattern).startswith("exchange/")
]


@pytest.fixture
def node_b(server: LiveNode, node_live: Any, monkeypatch: pytest.MonkeyPatch) -> LiveNode:
    """This node as the cases know it: its name, its API root, its collection, the sender's key, and the time."""
    sender = partner("test-key-ed25519", node_live.now)
    Party.objects.filter(pk=sender.party.pk).update(key=public_key_text(published_ed25519().private.public_key()))
    for collection in (sender.inbox, sender.outbox):
        Collection.objects.filter(pk=collection.pk).delete()
    Collection.objects.create(
        id=CASE_COLLECTION, partner=sender.party.pk, kind="messages", outward=False, title="messages"
    )
    named = dataclasses.replace(current(), url=NODE_B)
    monkeypatch.setattr(signing, "current", lambda: named)
    monkeypatch.setattr(clock, "real", lambda: NOW)
    monkeypatch.setattr(wire, "PREFIXES", (*wire.PREFIXES, "/api1/"))
    monkeypatch.setattr(wire, "URLCONF", CASE_URLS)
    return server


def deliver(server: LiveNode, request: Request) -> Got:
    """Whatever server it was signed for: these bytes, to this one."""
    target = "/" + request.target_uri.split("/", 3)[3]
    lines: dict[str, str] = {"Accept": "application/taxii+json;version=2.1"}
    for name, value in request.headers:
        lines[name] = f"{lines[name]}, {value}" if name in lines else value
    return server.ask(request.method, target, headers=lines, body=request.body or None)


@pytest.mark.parametrize("case", NODE["cases"], ids=lambda case: case["case"])
def test_a_published_case_is_refused_and_nothing_is_said_of_why(
    case: Any, node_b: LiveNode, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """Two are valid but for a nonce that is too short; each reason is in the log, and in the log alone."""
    reached = "/".join(case["message"]["uri"].split("/")[:3])  # one case reaches node-c, signed for node-b
    monkeypatch.setattr(signing, "current", lambda: dataclasses.replace(current(), url=reached))
    got = deliver(node_b, as_sent(case))
    assert got.status == 401
    assert got.body == deliver(node_b, unsigned(case)).body, "as without any signature"
    assert not {"signature", "signature-input"} & got.headers.keys()
    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [each["reason"] for each in said if "reason" in each] == [REASONS[case["case"]].name.lower()]
    assert not Nonce.objects.exists()
    assert not Post.objects.exists()


@pytest.mark.parametrize("case", [case for case in NODE["cases"] if case["valid"]], ids=lambda case: case["case"])
def test_the_valid_cases_are_let_in_with_a_whole_nonce(case: Any, node_b: LiveNode):
    request = unsigned(case)
    if request.method == "GET":
        Collection.objects.filter(pk=CASE_COLLECTION).update(outward=True)
    lines = tuple(line for line in request.headers if line[0] != "Content-Digest")
    again = dataclasses.replace(request, headers=lines)
    signed = sign_request(again, key=published_ed25519(), now=NOW, nonce=nonce_of(bytes(range(16))))
    got = deliver(node_b, signed)
    assert got.status == (200 if request.method == "GET" else 422), "the POST's list of objects is empty"
    assert {"signature", "signature-input", "content-digest"} <= got.headers.keys()
    assert deliver(node_b, signed).status == 401, "and only once"


def test_of_two_who_send_the_same_request_at_once_one_is_let_in(server: LiveNode, br: Partner, node_live: Any):
    """Attack A34: a replay at the same instant; whoever comes first wins, exactly one."""
    shelve(br.material, [indicator()], node_live.now)
    for _ in range(5):
        request = br.signed(server, "GET", objects_of(br.material))
        together = threading.Barrier(2)

        def one(request: Request = request, together: threading.Barrier = together) -> int:
            together.wait(20)
            return send(server, request).status

        with ThreadPoolExecutor(2) as threads:
            statuses = [future.result() for future in [threads.submit(one) for _ in range(2)]]
        assert sorted(statuses) == [200, 401]


def test_a_posted_envelope_that_is_replayed_has_no_second_effect(server: LiveNode, br: Partner):
    request = br.signed(server, "POST", objects_of(br.inbox), body=dumps({"objects": [{"type": "x", "id": "x--1"}]}))
    assert [send(server, request).status for _ in range(2)] == [202, 401]
    assert Post.objects.count() == 1


def test_a_nonce_is_kept_as_long_as_its_request_could_be_sent_again(node: Any):
    ledger, real = nonces.StoredNonces(), clock.real()
    expires = real + dt.timedelta(seconds=60)
    assert ledger.use("cert-br", "a", expires)
    nonces.forget(expires)
    assert not ledger.use("cert-br", "a", expires)
    assert ledger.use("cert-jp", "a", expires), "each key has its own"
    nonces.forget(expires + nonces.MARGIN + dt.timedelta(seconds=1))
    assert not Nonce.objects.exists()


def test_nonces_that_cannot_be_kept_let_nobody_in(
    server: LiveNode, br: Partner, node_live: Any, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("database or disk is full")

    shelve(br.material, [indicator()], node_live.now)
    monkeypatch.setattr(nonces.Nonce.objects, "create", full)
    got = br.ask(server, "GET", objects_of(br.material))
    assert got.status == 503
    assert got.headers["retry-after"]
    assert b"indicator" not in got.body
    assert b"disk" not in got.body


SIGNED_TARGETS = {
    "a page": ("GET", "objects", 200),
    "an error": ("GET", "nowhere", 404),
    "a bad query": ("GET", "malformed", 400),
    "no right": ("POST", "objects", 403),
    "no such method": ("PUT", "objects", 405),
    "a head": ("HEAD", "objects", 200),
}


@pytest.mark.parametrize("kind", SIGNED_TARGETS)
def test_every_answer_to_a_signed_request_is_signed(kind: str, server: LiveNode, br: Partner, node_live: Any):
    """Also a refusal: else somebody in the middle could put one in the place of an answer."""
    shelve(br.material, [indicator() for _ in range(3)], node_live.now)
    method, what, status = SIGNED_TARGETS[kind]
    target = {
        "objects": objects_of(br.material),
        "nowhere": "/exchange/collections/00000000-0000-4000-8000-000000000000/",
        "malformed": objects_of(br.material, "limit=0"),
    }[what]
    request = br.signed(server, method, target, body=b'{"objects":[{}]}' if method == "POST" else b"")
    got = send(server, request)
    assert got.status == status
    answer = Answer(status=got.status, headers=got.lines, body=got.body)
    own = keyring.held().signing.public_key()
    proof = verify_answer(answer, to=request, keys={"cert-ee": own}.get, now=clock.real())
    assert proof.keyid == "cert-ee", "the keyid is the party's id in the agreements"
    other = br.signed(server, method, target, body=request.body)
    with pytest.raises(Exception, match="not accepted"):
        verify_answer(answer, to=other, keys=lambda _: own, now=clock.real())


def test_who_no_agreement_binds_to_us_is_nobody(server: LiveNode, br: Partner, node_live: Any):
    request = br.signed(server, "GET", "/taxii2/")
    Collection.objects.filter(partner=br.party.pk).delete()
    Flow.objects.filter(partner=br.party).delete()
    assert send(server, request).status == 401


def test_a_partner_with_another_key_than_the_pinned_one_is_nobody(server: LiveNode, br: Partner, jp: Partner):
    impostor = dataclasses.replace(br, key=SigningKey(keyid=br.party.pk, private=jp.key.private))
    assert impostor.ask(server, "GET", "/taxii2/").status == 401
    assert br.ask(server, "GET", "/taxii2/").status == 200


def test_a_new_key_counts_from_the_next_request_on(server: LiveNode, br: Partner, jp: Partner):
    """The agreement's new version pins another key: it is asked for each time, and never remembered."""
    assert br.ask(server, "GET", "/taxii2/").status == 200
    Party.objects.filter(pk=br.party.pk).update(key=jp.party.key)
    assert br.ask(server, "GET", "/taxii2/").status == 401


def test_messages_can_still_be_fetched_after_the_agreement_has_ended(server: LiveNode, br: Partner, node_live: Any):
    """So that receipts and retractions flow; what is material is gone with the agreement."""
    for collection in (br.material, br.outbox):
        shelve(collection, [indicator()], node_live.now)
    Flow.objects.filter(partner=br.party).update(ends=node_live.now.date() - dt.timedelta(days=1))
    assert br.ask(server, "GET", objects_of(br.material)).body == b"{}"
    assert len(br.ask(server, "GET", objects_of(br.outbox)).json["objects"]) == 1


MOVED = {
    "another path": lambda r: dataclasses.replace(r, target_uri=r.target_uri.replace("limit=1", "limit=2")),
    "another method": lambda r: dataclasses.replace(r, method="HEAD"),
    "a method that is not answered": lambda r: dataclasses.replace(r, method="PUT"),
    "only one header of the two": lambda r: dataclasses.replace(
        r, headers=tuple(line for line in r.headers if line[0] != "Signature")
    ),
    "only the other": lambda r: dataclasses.replace(
        r, headers=tuple(line for line in r.headers if line[0] != "Signature-Input")
    ),
    "a password beside it": lambda r: dataclasses.replace(r, headers=(*r.headers, ("Authorization", "Basic YTpi"))),
}


@pytest.mark.parametrize("how", MOVED)
def test_a_signature_is_good_for_its_own_request_alone(how: str, server: LiveNode, br: Partner):
    request = br.signed(server, "GET", objects_of(br.material, "limit=1"))
    assert send(server, MOVED[how](request)).status == 401
    assert send(server, request).status == 200, "nothing of it was used up"


RESPELT = {
    "a slash": ("/exchange/collections/", "/exchange%2Fcollections/"),
    "a semicolon": ("/exchange/status/a;b/", "/exchange/status/a;b/"),
    "a semicolon, escaped": ("/exchange/status/a;b/", "/exchange/status/a%3Bb/"),
    "a percent sign": ("/exchange/status/a%2541/", "/exchange/status/a%2541/"),
    "no ASCII": ("/exchange/status/%C3%A4/", "/exchange/status/%C3%A4/"),
    "a line end": ("/exchange/status/a%0A/", "/exchange/status/a%0A/"),
    "a question mark": ("/exchange/status/a%3Fb/", "/exchange/status/a%3Fb/"),
}


@pytest.mark.parametrize("how", RESPELT)
def test_a_path_that_could_be_written_in_two_ways_is_nobodys(how: str, server: LiveNode, br: Partner):
    """Attack A36: what arrives here is the path without its percent signs, so what was signed cannot be told.

    The slash arrives as any other; what was verified is what is answered then, and it is what was signed.
    """
    signed, sent = RESPELT[how]
    request = br.signed(server, "GET", signed)
    got = send(server, dataclasses.replace(request, target_uri=server.url + sent))
    assert got.status == (200 if how == "a slash" else 401)
    if got.status == 200:
        assert got.body == br.ask(server, "GET", signed).body


def test_the_reason_is_the_path_and_is_in_the_log_alone(server: LiveNode, br: Partner, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    monkeypatch.setattr(signing.log, "warning", lambda _event, **fields: said.append(fields["reason"]), raising=False)
    odd = br.ask(server, "GET", "/exchange/status/a;b/")
    assert odd.body == server.ask("GET", "/exchange/status/a;b/").body
    assert said == ["path"]


@pytest.mark.parametrize(("age", "status"), [(-61, 401), (-55, 200), (0, 200), (4, 200), (7, 401)])
def test_a_signature_is_good_for_a_minute_of_real_time(age: int, status: int, server: LiveNode, br: Partner):
    """Business time has no say: an exercise that moves it neither revives a signature nor ends one."""
    request = br.signed(server, "GET", "/taxii2/", at=clock.real() + dt.timedelta(seconds=age))
    assert send(server, request).status == status


def test_a_body_that_was_changed_on_its_way_is_not_looked_at(server: LiveNode, br: Partner):
    request = br.signed(server, "POST", objects_of(br.inbox), body=dumps({"objects": [{"type": "x", "id": "x--1"}]}))
    changed = dataclasses.replace(request, body=request.body.replace(b"x--1", b"x--2"))
    assert send(server, changed).status == 401
    assert not Post.objects.exists()


def test_who_asks_is_the_signer_whatever_else_the_request_says(
    server: LiveNode, br: Partner, jp: Partner, node_live: Any
):
    """Attack A43: one load, one check, one use; no header, query or body names the party."""
    shelve(br.material, [indicator()], node_live.now)
    request = jp.signed(server, "GET", objects_of(br.material), headers={"X-Party": "cert-br", "From": "cert-br"})
    assert send(server, request).status == 404

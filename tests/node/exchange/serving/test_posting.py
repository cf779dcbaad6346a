"""What a partner's node posts: kept before the 202, sealed, taken once, and told of to its owner alone."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from comity.node.border.models import Shelved
from comity.node.due.actions import Again
from comity.node.due.models import Due
from comity.node.exchange.models import Post
from comity.node.exchange.serving import posting, statuses, taking, tidying
from comity.node.exchange.serving.bodies import CODED_MORE, MAX_CONTENT_LENGTH, without_coding
from comity.node.exchange.serving.taking import take_work
from comity.node.exchange.taxii import MEDIA_TYPE, Status, TooLarge, read
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, BoxKey

from .live import Got, LiveNode
from .partners import Partner, indicator, objects_of

HOUR = dt.timedelta(hours=1)
OBJECTS = [indicator(name="planted-value"), indicator()]
BODY = json.dumps({"objects": OBJECTS}).encode()


def post(server: LiveNode, partner: Partner, body: bytes = BODY, **headers: str) -> Got:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return partner.ask(server, "POST", objects_of(partner.inbox), body=body, headers=named)


def status_of(server: LiveNode, partner: Partner, post_id: str) -> Got:
    return partner.ask(server, "GET", f"/exchange/status/{post_id}/")


def test_an_envelope_is_kept_sealed_with_its_work_before_the_202(server: LiveNode, br: Partner, node_live: Any):
    got = post(server, br)
    assert got.status == 202
    told = read(got.body, Status)
    assert (told.status, told.total_count, told.pending_count) == ("pending", 2, 2)
    row = Post.objects.get(pk=told.id)
    assert row.box is not None
    assert vault.opened(row.box) == BODY
    assert row.box.expires == row.posted_at + posting.TAKEN_WITHIN
    assert Due.objects.get(kind="take").facts == {"post": told.id}
    with connections["default"].cursor() as cursor:
        for table in connections["default"].introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 -- its own tables
            assert b"planted-value" not in repr(cursor.fetchall()).encode()


def test_what_cannot_be_scheduled_is_not_kept(server: LiveNode, br: Partner, monkeypatch: pytest.MonkeyPatch):
    """All of it or nothing: an answer of 500, and no envelope that nobody would ever look at."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("somebody's words")

    monkeypatch.setattr(posting, "schedule", broken)
    got = post(server, br)
    assert got.status == 500
    assert b"somebody" not in got.body
    assert not Post.objects.exists()
    assert not Box.objects.exists()


def test_the_same_body_again_has_the_same_effect_and_status(server: LiveNode, br: Partner):
    first, again = post(server, br), post(server, br)
    assert first.json["id"] == again.json["id"]
    take_work({"post": first.json["id"]}, Post.objects.get().posted_at)
    assert post(server, br).json["status"] == "complete"
    assert Post.objects.count() == 1
    assert not Box.objects.exists()


def test_of_two_that_come_at_once_one_is_kept(server: LiveNode, br: Partner):
    together = threading.Barrier(2)

    def one() -> Got:
        together.wait(20)
        return post(server, br)

    with ThreadPoolExecutor(2) as threads:
        answers = [future.result() for future in [threads.submit(one) for _ in range(2)]]
    assert {got.status for got in answers} == {202}
    assert len({got.json["id"] for got in answers}) == 1
    assert Post.objects.count() == Box.objects.count() == 1


def test_a_status_is_its_owners_and_is_kept_for_a_day(server: LiveNode, br: Partner, jp: Partner, node_live: Any):
    told = post(server, br).json
    assert status_of(server, jp, told["id"]).status == 404
    take_work({"post": told["id"]}, node_live.now)
    done = read(status_of(server, br, told["id"]).body, Status)
    assert (done.status, done.failure_count, done.pending_count) == ("complete", 2, 0)
    assert [(one.id, one.version) for one in done.failures] == [(each["id"], each["modified"]) for each in OBJECTS]
    tidying.tidy(node_live.now + tidying.STATUS_KEPT)
    assert status_of(server, br, told["id"]).status == 200
    tidying.tidy(node_live.now + tidying.STATUS_KEPT + dt.timedelta(seconds=1))
    assert status_of(server, br, told["id"]).status == 404


def test_what_was_taken_is_destroyed_also_when_the_worker_is_killed_in_between(
    server: LiveNode, br: Partner, node_live: Any, monkeypatch: pytest.MonkeyPatch
):
    told = post(server, br).json
    with monkeypatch.context() as killed:
        killed.setattr(taking.vault, "destroy", lambda _boxes: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            take_work({"post": told["id"]}, node_live.now)
    assert Post.objects.get().done_at == node_live.now
    take_work({"post": told["id"]}, node_live.now + HOUR)
    assert Post.objects.get().done_at == node_live.now, "it was done when it was done"
    assert not Box.objects.exists()
    assert not BoxKey.objects.exclude(destroyed_at=None, wrapped=b"").filter(destroyed_at=None).exists()


def test_what_is_not_taken_in_time_is_told_as_failed(server: LiveNode, br: Partner, node_live: Any):
    told = post(server, br).json
    late = node_live.now + posting.TAKEN_WITHIN + HOUR
    vault.sweep(late)
    take_work({"post": told["id"]}, late)
    done = status_of(server, br, told["id"]).json
    assert (done["status"], done["failure_count"]) == ("complete", 2)
    assert done["failures"][0] == {"id": statuses.UNSAID, "version": statuses.UNSAID, "message": taking.GONE}


def test_work_for_what_is_no_longer_there_is_done(node_live: Any):
    take_work({"post": "00000000-0000-4000-8000-000000000000"}, node_live.now)


def test_what_may_still_come_is_waited_for_and_not_for_ever(
    server: LiveNode, br: Partner, node_live: Any, monkeypatch: pytest.MonkeyPatch
):
    """A retraction can overtake its release: it is tried again, less and less often, for an hour."""

    def overtaken(*_: Any, **__: Any) -> list[Any]:
        return [taking.Taken(id="x--1", version="", code=taking.ON_ITS_WAY)] * 2

    monkeypatch.setattr(taking, "take", overtaken)
    told, now, tries = post(server, br).json, node_live.now, 0
    while now < node_live.now + taking.WAITED:
        with pytest.raises(Again) as again:
            take_work({"post": told["id"]}, now)
        assert again.value.at > now
        now, tries = again.value.at, tries + 1
    take_work({"post": told["id"]}, now)
    assert Post.objects.get().done_at == now
    assert tries < 12


@pytest.mark.parametrize("limit", ["MOST_WAITING", "MOST_KEPT"])
def test_a_partner_cannot_fill_the_node(
    limit: str, server: LiveNode, br: Partner, jp: Partner, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(posting, limit, 2)
    bodies = [json.dumps({"objects": [indicator()]}).encode() for _ in range(4)]
    assert [post(server, br, body).status for body in bodies] == [202, 202, 429, 429]
    assert Post.objects.count() == 2
    assert post(server, br, bodies[0]).status == 202, "what is kept already is told of"
    assert post(server, jp, bodies[3]).status == 202, "another partner is not held up"


def padded(size: int) -> bytes:
    """An envelope of exactly so many bytes."""
    frame = b'{"objects":[{"type":"x","id":"x--1","name":"%s"}]}'
    return frame % (b"a" * (size - len(frame) + 2))


SIZES = {"at the limit": (0, 202), "beyond it": (1, 413)}


@pytest.mark.parametrize("which", SIZES)
def test_the_limit_is_what_the_api_root_says(which: str, server: LiveNode, br: Partner):
    more, status = SIZES[which]
    most = br.ask(server, "GET", "/exchange/").json["max_content_length"]
    assert most == MAX_CONTENT_LENGTH
    assert post(server, br, padded(most + more)).status == status


CODED = {
    "gzip": (lambda: gzip.compress(BODY), "gzip", 202),
    "in capitals": (lambda: gzip.compress(BODY), "GZIP", 202),
    "identity": (lambda: BODY, "identity", 202),
    "at the limit after decoding": (lambda: gzip.compress(noise(MAX_CONTENT_LENGTH)), "gzip", 202),
    "beyond it after decoding": (lambda: gzip.compress(noise(MAX_CONTENT_LENGTH + 1)), "gzip", 413),
    "a bomb": (lambda: gzip.compress(padded(MAX_CONTENT_LENGTH // 2)), "gzip", 413),
    "too long before decoding": (lambda: b"x" * (MAX_CONTENT_LENGTH + CODED_MORE + 1), "gzip", 413),
    "twice": (lambda: gzip.compress(gzip.compress(BODY)), "gzip, gzip", 415),
    "another": (lambda: BODY, "br", 415),
    "not what it says": (lambda: BODY, "gzip", 400),
    "broken off": (lambda: gzip.compress(BODY)[:-4], "gzip", 400),
    "with something behind it": (lambda: gzip.compress(BODY) + b"{}", "gzip", 400),
}


def noise(size: int) -> bytes:
    """An envelope of exactly so many bytes that compresses only a little."""
    frame = b'{"objects":[{"type":"x","id":"x--1","name":"%s"}]}'
    text = random.Random(1).randbytes(size).hex()[: size - len(frame) + 2]
    return frame % text.encode()


@pytest.mark.parametrize("how", CODED)
def test_a_body_may_be_coded_once(how: str, server: LiveNode, br: Partner):
    """The signature is over the body as it was sent; the limit counts after decoding (attack A03)."""
    make, coding, status = CODED[how]
    got = post(server, br, make(), Content_Encoding=coding)
    assert got.status == status, got.body
    assert Post.objects.count() == (status == 202)


def test_no_more_is_unpacked_than_may_come_out():
    """Attack A03: what is too long is thrown away while it is unpacked, and not afterwards."""
    assert without_coding(gzip.compress(noise(MAX_CONTENT_LENGTH)), "gzip") == noise(MAX_CONTENT_LENGTH)
    with pytest.raises(TooLarge):
        without_coding(gzip.compress(noise(MAX_CONTENT_LENGTH + 1)), "gzip")


SPOILT = {
    "not JSON": (b'{"objects": [', 400),
    "a name twice": (b'{"objects":[{"type":"x","id":"x--1"}],"objects":[{}]}', 400),
    "a bundle": (b'{"type":"bundle","id":"bundle--1","objects":[{}]}', 422),
    "no list": (b'{"objects":{}}', 422),
    "an empty list": (b'{"objects":[]}', 422),
    "nothing": (b"{}", 422),
    "a list of numbers": (b'{"objects":[1]}', 422),
    "an array": (b"[]", 422),
    "deep": (b'{"objects":[' + b"[" * 5000 + b"]" * 5000 + b"]}", 400),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_no_envelope_is_refused_whole(how: str, server: LiveNode, br: Partner):
    body, status = SPOILT[how]
    assert post(server, br, body).status == status
    assert not Post.objects.exists()


def test_an_envelope_needs_its_media_type(server: LiveNode, br: Partner):
    for content_type in ("application/json", "application/stix+json;version=2.1", "text/plain"):
        assert post(server, br, **{"Content_Type": content_type}).status == 415
    assert post(server, br, **{"Content_Type": MEDIA_TYPE}).status == 202


def test_a_bad_object_spoils_no_other(server: LiveNode, br: Partner, node_live: Any):
    """Each has a line of its own; what has neither id nor version is told of all the same."""
    bodies = (
        b'{"objects":[{"a":1,"a":2},{"type":"\xff"},{"type":["x"],"id":7},' + json.dumps(indicator()).encode() + b"]}"
    )
    told = post(server, br, bodies).json
    take_work({"post": told["id"]}, node_live.now)
    done = status_of(server, br, told["id"]).json
    messages = [each["message"] for each in done["failures"]]
    assert messages == ["invalid-object", "invalid-object", "no-message", "no-message"]
    assert [each["id"] for each in done["failures"]][:3] == [statuses.UNSAID] * 3


def test_nothing_that_is_posted_reaches_a_shelf(server: LiveNode, br: Partner, node_live: Any):
    for collection in (br.inbox, br.theirs):
        told = br.ask(server, "POST", objects_of(collection), body=BODY).json
        take_work({"post": told["id"]}, node_live.now)
    assert not Shelved.objects.exists()

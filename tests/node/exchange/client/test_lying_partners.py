"""Partners that lie, misbehave or are taken over: bounded work, nothing kept, and a code that says why.

A proof that does not hold pauses the partner and raises an alarm; a protocol that is not kept is tried again.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.node.wire.authority import Authority
from tests.node.wire.listening import Website
from tests.node.world import BR, EE_JP, JP, indicator

from comity.canon import dumps
from comity.messages import Missing, NotStored, make_receipt, sign_message
from comity.node import chance
from comity.node.border import actions as border
from comity.node.border.models import Arrival, Quarantined
from comity.node.exchange import actions
from comity.node.exchange.arrivals import take
from comity.node.exchange.incoming import strays
from comity.node.exchange.models import Cursor, Parcel
from comity.node.exchange.signatures import Answer, Request
from comity.node.exchange.taxii import MEDIA_TYPE
from comity.node.journal.models import Alarm, Entry
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, Holding

from .neighbourhood import Neighbourhood

DAY = dt.timedelta(days=1)
TYPE = (("Content-Type", MEDIA_TYPE),)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


# -- proofs that do not hold


def tampered(near: Neighbourhood) -> list[Any]:
    """The bill lists another content of the object."""
    honest = indicator("one")
    return [near.bill([honest]), {**honest, "name": "changed on the way"}]


def unlogged(near: Neighbourhood) -> list[Any]:
    """Attack A72: a release that never entered the log."""
    return [near.bill([indicator("one")], by=(), logged=False), indicator("one")]


def for_another(near: Neighbourhood) -> list[Any]:
    """Attack A73: a release for cert-jp, shown to us."""
    return [near.bill([indicator("one")], destination=JP), indicator("one")]


def of_another(near: Neighbourhood) -> list[Any]:
    """A genuine release, but of cert-jp's."""
    return [near.jp.bill([indicator("one")], text=near.world.texts[EE_JP]), indicator("one")]


def changed_after_signing(near: Neighbourhood) -> list[Any]:
    bill = near.bill([indicator("one")])
    return [bill.with_members(circumstances_digest="sha256:" + "7" * 64), indicator("one")]


def longer_expiry(near: Neighbourhood) -> list[Any]:
    bill = near.bill([indicator("one")])
    (line,) = bill.content["listed"]
    return [bill.with_members(listed=[{**line, "expires": "2036-01-01T00:00:00.000Z"}]), indicator("one")]


def of_another_log(near: Neighbourhood) -> list[Any]:
    bill = near.bill([indicator("one")])
    proof = near.jp.bill([indicator("one")], text=near.world.texts[EE_JP], destination="cert-ee").content["logged"]
    return [bill.with_members(logged={**bill.content["logged"], "proof": proof["proof"]}), indicator("one")]


def broken_witness(near: Neighbourhood) -> list[Any]:
    """A line in our own witness's name that our witness never signed."""
    ours, theirs = near.witnesses
    forged = type(ours)(ours.name, theirs.key, ours.algorithm)
    bill = near.bill([indicator("one")], by=[theirs])
    logged = dict(bill.content["logged"])
    text = logged["proof"].split("\n\n", 1)[1].rpartition("\n\n")[0] + "\n"
    line = forged.sign(text, time=int(near.world.now.timestamp()))
    mine = line.replace(line.split()[2][:6], ours.sign(text, time=1).split()[2][:6], 1)  # with our key's id
    logged["proof"] += mine
    return [bill.with_members(logged=logged), indicator("one")]


LIES: dict[Callable[[Neighbourhood], list[Any]], str] = {
    tampered: "object-changed",
    unlogged: "not-logged",
    for_another: "other-receiver",
    of_another: "signed-by-another",
    changed_after_signing: "changed-after-signing",
    longer_expiry: "list-changed",
    of_another_log: "no-known-signature",
    broken_witness: "bad-signature",
}


def test_a_proof_that_does_not_hold_pauses_the_partner_and_raises_an_alarm(
    near: Neighbourhood, subtests: pytest.Subtests
):
    near.meet()
    for lie, code in LIES.items():
        with subtests.test(lie.__name__), near.undone():
            near.br.put(lie(near))
            near.pull()
            assert near.held() == []
            assert near.receipts() == []
            assert near.peer.paused_why == code
            assert near.alarms() == {"bad-proof"}
            assert [state for state, _ in near.parcels().values()] == ["refused"]
            assert not Arrival.objects.exists()
            assert not Quarantined.objects.exists()
            assert near.pull() == "paused"
            assert Entry.objects.filter(event="exchange:partner:paused", subject=BR).count() == 1
            assert near.pull(near.jp) == "", "another partner is none the worse"


@pytest.mark.parametrize("state", ["waiting", "stored", "refused"])
def test_another_bill_under_a_known_id_pauses_the_partner(near: Neighbourhood, state: str):
    """Attack A73: what it lists would otherwise count as what came before, and vanish without a word."""
    near.meet()
    first = [indicator("one")]
    if state == "refused":
        bill, *first = tampered(near)
    else:
        bill = near.bill(first)
    near.br.put([bill] if state == "waiting" else [bill, *first])
    near.pull()
    if state == "refused":
        actions.resume(BR, by=near.world.officer, now=near.world.now)
    before = (near.parcels(), near.held(), near.alarms())
    assert [one for one, _ in before[0].values()] == [state]
    other = [indicator("another")]
    near.br.put([near.bill(other).with_members(id=bill.id), *other])
    near.pull()
    assert near.peer.paused_why == "another-bill"
    assert near.alarms() == {"bad-proof"}
    assert (near.parcels(), near.held()) == before[:2], "what came before stays as it is"
    assert not Quarantined.objects.exists()


def test_what_is_alarmed_holds_proof_and_nothing_of_material(near: Neighbourhood):
    near.meet()
    near.br.put([near.bill([indicator("canary-0815")], destination=JP), indicator("canary-0815")])
    near.pull()
    evidence = json.loads(bytes(Alarm.objects.get().evidence))
    assert set(evidence) == {"bill", "digest", "reason", "entry", "proof"}
    assert evidence["reason"] == "other-receiver"
    assert indicator("canary-0815")["id"] not in str(evidence)


def test_what_came_with_a_lie_is_not_kept_either_and_the_cursor_stays(near: Neighbourhood):
    near.meet()
    near.release([indicator("honest")])
    near.br.put(tampered(near))
    near.pull()
    assert near.held() == []
    assert not Cursor.objects.exclude(added_after="").exists()


def test_a_person_resumes_it_and_what_follows_is_read(near: Neighbourhood):
    near.meet()
    near.br.put(tampered(near))
    near.release([indicator("honest")])
    near.pull()
    actions.resume(BR, by=near.world.officer, now=near.world.now)
    assert near.pull() == ""
    assert near.held() == [indicator("honest")["id"]]
    assert not Quarantined.objects.exists(), "an object of the refused release is no stray"
    assert Entry.objects.filter(event="exchange:partner:resumed").count() == 1
    with pytest.raises(actions.NotPaused):
        actions.resume(BR, by=near.world.officer, now=near.world.now)


def test_a_person_has_a_refused_release_looked_at_again(near: Neighbourhood):
    """The proof was whole all the time, and our own view of the partner's log was wrong."""
    near.meet()
    near.release([indicator("honest")])
    key = near.peer.log_key
    peer = near.peer
    peer.log_key = str(near.jp.origin.log_key.verifier)
    peer.save()
    near.pull()
    assert near.peer.paused_why == "no-known-signature"
    peer.log_key, peer.paused_why = key, near.peer.paused_why
    peer.save()
    actions.resume(BR, by=near.world.officer, again=True, now=near.world.now)
    assert near.pull() == ""
    assert near.held() == [indicator("honest")["id"]]


def test_a_release_that_nobody_had_seen_is_looked_at_again_when_a_person_says_so(near: Neighbourhood):
    """Everything is read from the beginning, and nothing that is here is taken twice."""
    near.jp.card_of = lambda: b"{}"
    near.meet()
    near.release([indicator("honest")])
    near.pull()
    near.world.later(DAY)
    near.meet()
    near.pull()
    assert near.peer.paused_why == "too-few-witnesses"
    near.jp.card_of = near.jp.card
    near.meet()
    actions.resume(BR, by=near.world.officer, again=True, now=near.world.now)
    assert near.pull() == ""
    assert near.held() == [indicator("honest")["id"]]
    actions.resume(BR, by=near.world.officer, again=True, now=near.world.now)
    assert near.pull() == ""
    assert (len(near.receipts()), Arrival.objects.count(), Quarantined.objects.count()) == (1, 1, 0)


def test_who_may_not_resume_does_not(near: Neighbourhood):
    near.meet()
    near.br.put(tampered(near))
    near.pull()
    with pytest.raises(Exception, match="no role"):
        actions.resume(BR, by=near.world.auditor, now=near.world.now)
    assert near.peer.paused_why == "object-changed"


@pytest.mark.parametrize("who", ["nobody", "us", "them"])
def test_a_release_that_too_few_witnesses_saw_waits_and_is_refused_after_a_day(near: Neighbourhood, who: str):
    """Attack A72. Of two witnesses, more than half is both."""
    near.meet()
    seen = {"nobody": [], "us": near.witnesses[:1], "them": near.witnesses[1:]}[who]
    bill = near.release([indicator("one")], by=seen)
    assert near.pull() == ""
    assert near.held() == []
    assert near.parcels() == {bill.id: ("waiting", "too-few-witnesses")}
    near.world.later(DAY)
    near.meet()
    near.pull()
    assert near.parcels() == {bill.id: ("refused", "too-few-witnesses")}
    assert (near.peer.paused_why, near.alarms()) == ("too-few-witnesses", {"bad-proof"})
    assert near.held() == []


def test_a_witness_that_we_have_not_met_lowers_no_quorum(near: Neighbourhood):
    near.jp.card_of = lambda: b"{}"
    near.meet()
    near.release([indicator("one")], by=near.witnesses[:1])
    near.pull()
    assert near.held() == []
    near.jp.card_of = near.jp.card
    near.meet()
    near.pull()
    assert near.held() == [], "one of two is still too few"


def test_a_release_is_taken_once_the_card_of_its_witness_is_known(near: Neighbourhood):
    near.jp.card_of = lambda: b"{}"
    near.meet()
    near.release([indicator("one")])
    near.pull()
    assert near.held() == []
    near.jp.card_of = near.jp.card
    near.meet()
    near.pull()
    assert near.held() == [indicator("one")["id"]]


def test_a_forged_receipt_is_no_receipt(near: Neighbourhood):
    """Signed by another key than the one that the agreement pins; and a root that is not what we released."""
    near.meet()
    near.world.sent([indicator("ours")])
    *_, bill = near.world.bills(BR)  # the markings crossed before it
    secret = chance.octets(32)
    forged = make_receipt(bill, made_at=near.world.now, key=OTHER_KEY.public_key(), secret=secret)
    near.br.put([dict(sign_message(forged, OTHER_KEY).content)], near.br.outbox)
    near.pull()
    assert near.peer.paused_why == "message:signed-by-another"
    assert near.alarms() == {"bad-message"}
    assert not near.world.flow().releases.exclude(receipt_box=None).exists()


def test_a_receipt_names_what_is_missing_and_is_not_the_whole(near: Neighbourhood):
    near.meet()
    objects = [indicator("ours-1"), indicator("ours-2")]
    near.world.sent(objects)
    *_, bill = near.world.bills(BR)  # the markings crossed before it
    key, (line, _) = near.br.origin.key, bill.content["listed"]
    missing = [Missing(id=line["id"], version=line["version"], reason=NotStored.QUARANTINED)]
    receipt = make_receipt(bill, missing, made_at=near.world.now, key=key.public_key(), secret=chance.octets(32))
    near.br.put([dict(sign_message(receipt, key).content)], near.br.outbox)
    assert near.pull() == ""
    release = near.world.flow().releases.get(bill_id=bill.id)
    assert (release.receipt_box is not None, release.complete_at) == (True, None)


# -- what is posted


def test_what_is_posted_is_held_to_the_same_rules(near: Neighbourhood):
    near.meet()
    party, material, inbox = (
        near.world.party(),
        border.material_of(near.world.flow(outward=False)),
        near.world.messages(outward=False),
    )
    objects = [indicator("one"), indicator("two")]
    bill = near.bill(objects)
    bodies = [dumps(one) for one in (dict(bill.content), *objects, indicator("stray"))]
    said = take(party, material, bodies, now=near.world.now)
    assert [one.code for one in said] == ["", "", "", "no-bill"]
    assert [one.id for one in said] == [bill.id, *(one["id"] for one in objects), indicator("stray")["id"]]
    assert near.held() == sorted(one["id"] for one in objects)
    assert [one.code for one in take(party, material, bodies[:3], now=near.world.now)] == ["", "", ""]
    assert len(near.receipts()) == 1
    assert [one.code for one in take(party, inbox, bodies[:2], now=near.world.now)] == ["no-message", "no-message"]


def test_a_lie_that_is_posted_pauses_its_partner_too_and_messages_still_count(near: Neighbourhood):
    near.meet()
    near.world.sent([indicator("ours")])
    *_, ours = near.world.bills(BR)
    party, material = near.world.party(), border.material_of(near.world.flow(outward=False))
    bill = dict(near.bill([indicator("one")], destination=JP).content)
    key = near.br.origin.key
    receipt = make_receipt(ours, made_at=near.world.now, key=key.public_key(), secret=chance.octets(32))
    bodies = [dumps(one) for one in (bill, indicator("one"), dict(sign_message(receipt, key).content))]
    said = take(party, material, bodies, now=near.world.now)
    assert [one.code for one in said] == ["other-receiver", "other-receiver", ""]
    assert near.peer.paused_why == "other-receiver"
    assert near.world.flow().releases.get(bill_id=ours.id).complete_at == near.world.now
    again = take(party, material, bodies[1:2], now=near.world.now)
    assert [one.code for one in again] == ["paused"]


# -- what nobody agreed to


def test_an_object_that_belongs_to_no_release_is_set_apart(near: Neighbourhood):
    near.meet()
    near.br.put([indicator("stray")])
    assert near.pull() == ""
    assert near.held() == []
    (row,) = Quarantined.objects.all()
    assert (row.partner, row.reason, row.bill_id, row.object_id) == (BR, "no-bill", "", indicator("stray")["id"])
    assert b"stray" in vault.opened(row.box)
    assert near.peer.paused_why == ""


TWICE = b'{"type":"indicator","id":"indicator--00000000-0000-4000-8000-000000000001","id":"x"}'


UNREADABLE = (TWICE, b'{"a":9007199254740993}', b'{"type":"comity-bill","id":"x"}', b'{"id":7,"type":[]}')


def test_what_cannot_be_read_is_set_apart(near: Neighbourhood, subtests: pytest.Subtests):
    """Attacks A04 and A05, a bill that is none, and an object without a name."""
    near.meet()
    for body in UNREADABLE:
        with subtests.test(body.decode()), near.undone():
            near.br.put([indicator("one")])
            near.br.material.items[0] = replace(near.br.material.items[0], body=body)
            assert near.pull() == ""
            assert Quarantined.objects.get().reason in ("invalid-object", "no-bill")
            assert near.held() == []


def test_more_strays_than_anybody_means_pause_the_partner(near: Neighbourhood, monkeypatch: pytest.MonkeyPatch):
    near.meet()
    monkeypatch.setattr(strays, "MOST", 5)
    near.br.put([indicator(f"stray-{n}") for n in range(20)])
    near.pull()
    assert near.peer.paused_why == "too-many-strays"
    assert Quarantined.objects.count() == 5
    assert near.pull() == "paused"


def test_a_release_of_what_the_agreement_does_not_let_it_send_is_quarantined_object_by_object(near: Neighbourhood):
    """What the border decides is the border's; here it is that what came by the wire gets there."""
    near.meet()
    red = indicator("red", object_marking_refs=["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"])
    near.release([indicator("green"), red])
    assert near.pull() == ""
    assert near.held() == [indicator("green")["id"]]
    assert near.receipts()[0]["missing"][0]["reason"] == "quarantined"


# -- a protocol that is not kept


def says(body: bytes, *headers: tuple[str, str], status: int = 200) -> Callable[[Request, Answer], Answer]:
    """Answers with this wherever objects are asked for."""

    def spoil(request: Request, answer: Answer) -> Answer:
        if "/objects/" not in request.target_uri:
            return answer
        return Answer(status=status, headers=headers or answer.headers, body=body)

    return spoil


def instead(request: Request, answer: Answer, **changes: Any) -> Answer:
    return replace(answer, **changes) if "/objects/" in request.target_uri else answer


def same_page_for_ever(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    first: list[Answer] = []

    def spoil(request: Request, answer: Answer) -> Answer:
        if "/objects/" not in request.target_uri:
            return answer
        first.append(replace(answer, body=answer.body.replace(b'{"objects"', b'{"more":true,"objects"')))
        return first[0]

    return spoil


def without_dates(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return lambda request, answer: instead(request, answer, headers=TYPE)


def nonsense_date(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return lambda request, answer: instead(
        request, answer, headers=(*TYPE, ("X-TAXII-Date-Added-Last", "Mon, 23 Nov 2026 10:00:00 GMT"))
    )


def page_beyond_the_limit(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    many = b",".join(dumps(indicator(f"{n}")) for n in range(501))
    return lambda request, answer: instead(request, answer, body=b'{"objects":[' + many + b"]}")


def bundle(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return says(b'{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[{}]}')


def deep(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return says(b'{"objects":[' + b'{"a":' * 100_000 + b"}" * 100_000 + b"]}")


def web_page(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return says(b"<html>please sign in</html>", ("Content-Type", "text/html"))


def not_json(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return says(b'{"objects": [', *TYPE)


def server_error(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return says(b"{}", *TYPE, status=500)


def forbidden(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return says(b"{}", *TYPE, status=403)


def bomb(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    body = gzip.compress(b'{"objects":[{"a":"' + b" " * 60_000_000 + b'"}]}')
    return says(body, *TYPE, ("Content-Encoding", "gzip"))


def huge(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return says(b'{"objects":[{"a":"' + b" " * (25 * 1024 * 1024) + b'"}]}', *TYPE)


def unsigned(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    return lambda request, answer: replace(answer, headers=(*answer.headers, ("Signature", "none")))


def many_collections(near: Neighbourhood) -> Callable[[Request, Answer], Answer]:
    def spoil(request: Request, answer: Answer) -> Answer:
        listed = json.loads(answer.body)["collections"][0]
        some = [{**listed, "id": f"00000000-0000-4000-8000-{n:012d}", "title": str(n)} for n in range(65)]
        return replace(answer, body=json.dumps({"collections": some}).encode())

    return spoil


MISBEHAVIOUR: dict[Callable[[Neighbourhood], Callable[[Request, Answer], Answer]], str] = {
    same_page_for_ever: "pages-repeat",
    without_dates: "not-taxii",
    nonsense_date: "not-taxii",
    page_beyond_the_limit: "too-much",
    bundle: "not-taxii",
    deep: "not-taxii",
    web_page: "not-taxii",
    not_json: "not-taxii",
    server_error: "partner-refused",
    forbidden: "partner-refused",
    bomb: "decompression-bomb",
    huge: "answer-too-large",
    unsigned: "unproved-answer",
    many_collections: "too-much",
}


def test_a_protocol_that_is_not_kept_costs_a_few_requests_and_changes_nothing(
    near: Neighbourhood, subtests: pytest.Subtests
):
    near.meet()
    for misbehaves, code in MISBEHAVIOUR.items():
        with subtests.test(misbehaves.__name__), near.undone():
            near.br.put([indicator("stray")])
            near.br.spoils = misbehaves(near)
            assert near.pull() == code
            assert len(near.br.asked) <= 4
            assert (near.held(), near.peer.paused_why, near.peer.visited_at) == ([], "", None)
            near.br.spoils = None
            assert near.pull() == "", "when it is well again, nothing more needs to be done"


def test_more_without_anything_ends_the_walk(near: Neighbourhood):
    """TAXII 2.1: an empty page may say that there is more; with no next there is no way on."""
    near.meet()
    near.br.spoils = says(b'{"more":true}', *TYPE)
    assert near.pull() == ""
    assert len(near.br.asked) == 3


def test_next_for_ever_ends_with_the_visit(near: Neighbourhood, monkeypatch: pytest.MonkeyPatch):
    near.meet()
    near.br.spoils = says(b'{"more":true,"next":"on"}', *TYPE)
    monkeypatch.setattr(sys.modules["comity.node.exchange.actions.pull"], "VISIT", dt.timedelta(seconds=0.3))
    assert near.pull() == "more-to-read"
    assert near.held() == []


def test_a_redirect_is_not_followed_and_nothing_is_shown_where_it_points(near: Neighbourhood, authority: Authority):
    """Attacks A31 and A32."""
    heard: list[str] = []

    def elsewhere(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        heard.append(handler.path)
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    near.meet()
    with Website(elsewhere, authority.issue("localhost")) as site:
        near.br.spoils = says(b"", ("Location", f"{site.url}/exchange/"), status=302)
        assert near.pull() == "redirected"
    assert heard == []


def test_nothing_of_a_hostile_visit_is_left_behind(near: Neighbourhood):
    """Boxes, holdings and parcels are as they were before: what was refused leaves its bill and nothing else."""
    near.meet()
    boxes = set(Box.objects.values_list("pk", flat=True))
    near.br.put(tampered(near))
    near.pull()
    (parcel,) = Parcel.objects.all()
    assert set(Box.objects.values_list("pk", flat=True)) - boxes == {parcel.bill_box_id}
    assert not Holding.objects.exists()

"""The journal over the API: auditors read it, who stands in it does not, and nobody changes it (attack A44)."""

from __future__ import annotations

import json

import pytest
from tests.node.journal.partners import appointed, write
from tests.node.people.signed_in import with_token

from comity.ledger import LogProof, Statement, verify_proof
from comity.node import keyring
from comity.node.journal import actions
from comity.node.journal.models import Alarm, Entry
from comity.node.people.actions import pseudonym

ROLES = ("analyst", "releasing-officer", "privacy-officer", "duty-officer", "administrator", "auditor")
ROUTES = {
    ("GET", "/api/ledger/status"): set(ROLES),
    ("POST", "/api/ledger/verify"): {"auditor", "administrator"},
    ("GET", "/api/ledger/entries"): {"auditor"},
    ("GET", "/api/ledger/entries/0/proof"): {"auditor"},
}


@pytest.fixture
def auditor(node):
    return with_token(node.person("aud", "auditor"))


@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(node, role):
    write(node.now)
    actions.sequence(node.now)
    client = with_token(node.person("somebody", role))
    for (method, path), allowed in ROUTES.items():
        assert client.generic(method, path).status_code == (200 if role in allowed else 403), (role, path)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_say_that_they_have_looked_at_an_alarm(node, role):
    alarm = actions.raise_alarm("fork", "cert-br.example/log", node.now)
    person = node.person("somebody", role)
    client, path = with_token(person), f"/api/ledger/alarms/{alarm.pk}/clear"
    if role in ("analyst", "auditor", "administrator"):
        assert client.post(path).status_code == 403
        assert Alarm.objects.filter(cleared_at=None).exists()
        return
    reply = client.post(path)
    assert (reply.status_code, reply.json()["code"]) == (200, "fork")
    assert not Alarm.objects.filter(cleared_at=None).exists()
    entry = Entry.objects.get(event="journal:alarm:cleared")
    assert b"somebody" not in bytes(entry.body), "who acted stands there as a commitment"
    assert client.post(path).status_code == 404, "once"


def test_an_alarm_that_stops_signing_is_not_cleared(node):
    alarm = actions.raise_alarm("set-back", actions.our_log(), node.now)
    reply = with_token(node.person("somebody", "releasing-officer")).post(f"/api/ledger/alarms/{alarm.pk}/clear")
    assert (reply.status_code, reply.json()["error"]) == (409, "CannotBeCleared")
    assert Alarm.objects.filter(cleared_at=None).exists()


def test_without_a_token_nothing_is_answered(node, client):
    for method, path in ROUTES:
        assert client.generic(method, path).status_code == 401


def test_no_route_changes_the_journal(node, auditor):
    write(node.now, 3)
    actions.sequence(node.now)
    before = actions.verify()
    for _, path in ROUTES:
        for method in ("PUT", "PATCH", "DELETE"):
            assert auditor.generic(method, path).status_code == 405
    assert auditor.post("/api/ledger/entries").status_code == 405
    assert actions.verify() == before


def test_status_says_whether_the_proof_is_fresh_and_what_is_wrong(node, auditor):
    (partner,) = appointed(node.now, "cert-br")
    state = auditor.get("/api/ledger/status").json()
    assert (state["size"], state["fresh"], state["may_sign"], state["witnessed_at"]) == (0, False, False, None)
    assert "1 must" in state["why_not"]
    partner.ask()
    write(node.now, 2)
    actions.sequence(node.now)
    write(node.now)
    state = auditor.get("/api/ledger/status").json()
    assert (state["size"], state["published_size"], state["waiting"], state["may_sign"]) == (2, 0, 1, True)
    partner.ask()
    state = auditor.get("/api/ledger/status").json()
    assert (state["published_size"], state["fresh"], state["why_not"]) == (2, True, "")
    assert state["origin"] == "localhost:9441/cert-ee/development"
    assert state["root"].startswith("sha256:")
    assert state["witnesses"][0]["party"] == "cert-br"
    with pytest.raises(actions.LogSetBack):
        actions.take_cosignature(partner.row, 2, 409, b"9\n", node.now)
    state = auditor.get("/api/ledger/status").json()
    assert not state["may_sign"]
    assert "restore the newer database" in state["why_not"]
    (alarm,) = state["alarms"]
    assert (alarm["code"], alarm["witness"], alarm["stops_signing"]) == ("set-back", partner.signer.name, True)


def test_entries_are_read_in_the_order_of_the_log_page_by_page(node, auditor):
    write(node.now, 5)
    actions.sequence(node.now)
    write(node.now, 1, first=5)
    read, start = [], 0
    while start is not None:
        page = auditor.get("/api/ledger/entries", {"start": start, "limit": 2}).json()
        assert len(page["entries"]) <= 2
        read += page["entries"]
        start = page["next"]
    assert [one["index"] for one in read] == [0, 1, 2, 3, 4]
    assert [Statement.parse(one["entry"].encode()).facts["number"] for one in read] == [0, 1, 2, 3, 4]
    assert auditor.get("/api/ledger/entries", {"start": 99}).json() == {"entries": [], "next": None}


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 501}, {"start": -1}, {"start": 2**60}, {"start": "x"}])
def test_a_page_has_limits(node, auditor, query):
    assert auditor.get("/api/ledger/entries", query).status_code == 422


def test_an_auditor_follows_a_pseudonym_and_reads_no_name(node, auditor):
    person = node.person("mari", "analyst")
    facts = {"why": "triage"}
    actions.record("vault:material:seen", "h-1", kind="access", facts=facts, now=node.now, actor=person)
    actions.record("vault:material:seen", "h-2", kind="access", facts=facts, now=node.now, actor=person)
    actions.sequence(node.now)
    reply = auditor.get("/api/ledger/entries")
    one, other = reply.json()["entries"]
    assert one["actor"] == other["actor"] == pseudonym(person)
    for hidden in ("mari", "Mari", str(person.pk), "h-1"):
        assert hidden not in reply.content.decode()


def test_a_proof_read_over_the_api_verifies_offline(node, auditor):
    write(node.now, 3)
    actions.sequence(node.now)
    got = auditor.get("/api/ledger/entries/1/proof").json()
    checkpoint = verify_proof(got["entry"].encode(), LogProof.parse(got["proof"].encode()), keyring.held().log.verifier)
    assert checkpoint.size == 3
    assert auditor.get("/api/ledger/entries/3/proof").status_code == 404


def test_a_proof_that_is_not_there_yet_says_so(node, auditor):
    (partner,) = appointed(node.now, "cert-br")
    partner.ask()
    write(node.now)
    actions.sequence(node.now)
    reply = auditor.get("/api/ledger/entries/0/proof")
    assert (reply.status_code, reply.json()["error"]) == (409, "NotYetProved")


def test_verifying_tells_what_was_verified_or_what_is_wrong(node, auditor):
    write(node.now, 3)
    actions.sequence(node.now)
    told = auditor.post("/api/ledger/verify").json()
    assert (told["size"], told["checkpoints"], told["waiting"]) == (3, 2, 0)
    Entry.objects.filter(index=1).update(subject="another")
    reply = auditor.post("/api/ledger/verify")
    assert reply.status_code == 409
    assert set(json.loads(reply.content)) == {"error", "sentence", "do"}
    assert reply.json()["error"] == "RowChanged"
    assert Alarm.objects.get(cleared_at=None).code == "not-verified"

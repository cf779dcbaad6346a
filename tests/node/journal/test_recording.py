"""Recording: what an entry says, what it never says, and that it counts with its transaction alone (promise 5)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from tests.node.journal.partners import write

from comity.canon import NaiveTime, digest
from comity.ledger import BadStatement, Statement, commitment
from comity.node.due.models import Due
from comity.node.journal import actions
from comity.node.journal.facts import check_facts
from comity.node.journal.models import Entry, Salt
from comity.node.people.actions import pseudonym
from comity.node.people.models import Pseudonym

CONTENT = digest(b"what was shared")


def said(entry: Entry) -> Statement:
    return Statement.parse(bytes(entry.body))


def test_an_entry_says_what_happened_and_when(node):
    (entry,) = write(node.now)
    statement = said(entry)
    assert statement.kind == "submission"
    assert statement.facts == {"number": 0, "event": "border:submission:made", "at": "2026-11-23T10:00:00.000Z"}
    assert len(statement.nonce) == 16
    assert entry.index is None
    assert "s-0" not in bytes(entry.body).decode()


def test_the_same_event_twice_gives_two_leaves(node):
    """Tiles are public: nobody can tell from its hash what an entry says."""
    one, other = write(node.now)[0], write(node.now)[0]
    assert bytes(one.leaf) != bytes(other.leaf)


def test_recording_outside_a_transaction_is_refused(node_live):
    with pytest.raises(transaction.TransactionManagementError):
        actions.record("border:submission:made", "s", kind="submission", facts={}, now=node_live.now)
    assert not Entry.objects.exists()


def test_what_is_rolled_back_is_not_recorded(node_live):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.record("border:bill:made", "s", kind="import", facts={}, now=node_live.now, commits_to=CONTENT)
        raise ZeroDivisionError
    assert not Entry.objects.exists()
    assert not Due.objects.exists()
    # The salt was durable before the entry: it opens nothing, since there is no commitment of it.
    assert Salt.objects.count() == 1


def test_the_salt_commits_first(node_live):
    """A salt inside another transaction of its database could vanish after the entry that needs it is there."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), transaction.atomic(using="keys"):
        actions.record("border:bill:made", "s", kind="import", facts={}, now=node_live.now, commits_to=CONTENT)
    with CaptureQueriesContext(connections["default"]) as rows, transaction.atomic():
        actions.record("border:bill:made", "s", kind="import", facts={}, now=node_live.now, commits_to=CONTENT)
    assert not any("journal_salt" in query["sql"] for query in rows)
    assert Salt.objects.count() == Entry.objects.count() == 1


REFUSED = {
    "free text": "asked by phone",
    "a sentence": "The victim called.",
    "an address of a person": "jane.doe@example.com",
    "a domain": "victim.example.com",
    "an IPv4 address": "192.0.2.7",
    "an IPv6 address": "2001:db8::7",
    "a full IPv6 address": "fe80:1:2:3:4:5:6:7",
    "an address of hardware": "aa:bb:cc:dd:ee:ff",
    "a telephone number": "+3725551234",
    "digits": "38001085718",
    "digits in a code": "tel:3725551234",
    "an IBAN": "EE382200221020145685",
    "an observable's id, made from its value": "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
    "a UUID of version 5": "ff26c055-6336-5bc5-b98d-13d6226742dd",
    "a UUID of version 3": "af26c055-6336-3bc5-b98d-13d6226742dd",
    "other letters": "Mägi",
    "nothing": "",
    "a line": "code\n",
    "half a digest": "sha256:00ff",
    "a URL": "https://example.com/x",
    "a number with a fraction": 0.5,
    "no value": None,
    "a long number": 38_001_085_718,
    "a list with a text": ["S1", "a text"],
    "a text deep inside": {"a": {"b": ["Jane Doe"]}},
    "too deep": {"a": {"b": {"c": {"d": 1}}}},
    "a name that is somebody's": {"jane.doe@example.com": 1},
    "bytes": b"x",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_be_somebody_s_is_refused_and_not_repeated(case):
    value = REFUSED[case]
    with pytest.raises(actions.NotAFact) as refused:
        check_facts({"fact": value})
    told = refused.value.sentence + refused.value.remedy
    for part in ("jane", "Jane", "192.0.2", "38001085718", "Mägi", "phone", "EE38"):
        assert part not in told


@pytest.mark.parametrize(
    "value",
    [
        "S2",
        "amber+strict",
        "threat-detection",
        "eu-br-csirt/2",
        "vault:holding:deleted",
        "comity-bill--6f1ff7a5-6b31-4006-8e79-6284af490149",
        "6f1ff7a5-6b31-4006-8e79-6284af490149",
        "a" * 40,
        CONTENT,
        commitment(bytes(32), CONTENT),
        "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "2026-11-23",
        "2026-11-23T10:00:00.000Z",
        "0.1.0",
        "no-consent",
        "P30D",
        7,
        True,
        ["S1", "P2"],
        {"id": "eu-br-csirt", "version": 2, "digest": CONTENT, "baseline": {"id": "csirt-baseline", "version": 1}},
    ],
)
def test_ids_codes_counts_instants_and_digests_are_taken(value):
    check_facts({"fact": value})


@given(st.text(max_size=60))
def test_no_text_with_a_space_an_at_sign_a_full_stop_or_another_script_is_taken(text):
    try:
        check_facts({"fact": text})
    except actions.NotAFact:
        return
    assert text.isascii()
    assert not set(text) & set(" \t\n@'\"\\(),;<>?!#%&*=[]{}|~^`$")
    assert "." not in text or text.replace(".", "").isdigit()


@pytest.mark.parametrize("name", ["nonce", "event", "at", "actor", "commitment"])
def test_what_the_ledger_writes_itself_cannot_be_given(name):
    with pytest.raises(actions.NotAFact, match=name):
        check_facts({name: "x"})


@pytest.mark.parametrize("event", ["made", "border:made", "Border:submission:made", "border:submission:made twice", ""])
def test_an_event_has_its_form(node, event):
    with pytest.raises(actions.NotAnEvent):
        actions.record(event, "s", kind="submission", facts={}, now=node.now)


@pytest.mark.parametrize("subject", ["", "two words", "jane@example.com", "x" * 121])
def test_a_subject_is_an_id(node, subject):
    with pytest.raises(actions.NotAnEvent):
        actions.record("border:submission:made", subject, kind="submission", facts={}, now=node.now)


def test_a_kind_that_is_not_known_and_a_time_without_zone_are_refused(node):
    with pytest.raises(BadStatement):
        actions.record("border:submission:made", "s", kind="gossip", facts={}, now=node.now)
    with pytest.raises(NaiveTime):
        actions.record("border:submission:made", "s", kind="access", facts={}, now=dt.datetime(2026, 11, 23))
    assert not Entry.objects.exists()


def test_a_release_says_to_the_partner_what_its_bill_says_and_no_more(node):
    """`verify_bill` refuses an entry with any other member."""
    facts = {"agreement": {"id": "a", "version": 1}, "from": "cert-ee", "to": "cert-br", "purpose": "p", "objects": 3}
    entry = actions.record("border:release:made", "r", kind="release", facts=facts, now=node.now, commits_to=CONTENT)
    salt = actions.salt_of(entry)
    assert said(entry).facts == {**facts, "commitment": commitment(salt, CONTENT)}
    with pytest.raises(actions.NotAFact):
        actions.record("border:release:made", "r", kind="release", facts=facts, now=node.now, actor=node.person("a"))


def test_an_actor_stands_under_a_pseudonym_that_nobody_reads_off(node):
    person = node.person("mari", "analyst")
    one, other = (
        actions.record("vault:material:seen", "h", kind="access", facts={"why": "triage"}, now=node.now, actor=person)
        for _ in range(2)
    )
    name = pseudonym(person)
    for entry in (one, other):
        for hidden in (name, "mari", "Mari", str(person.pk)):
            assert hidden not in bytes(entry.body).decode()
        assert actions.actor_of(entry) == name
    assert said(one).facts["actor"] != said(other).facts["actor"], "two acts of one person must not show as such"
    assert actions.actor_of(write(node.now)[0]) is None


def test_who_acted_outlives_the_content_and_goes_with_the_register(node):
    person = node.person("mari", "analyst")
    facts = {"why": "triage"}
    entry = actions.record(
        "vault:material:seen", "h", kind="access", facts=facts, now=node.now, actor=person, commits_to=CONTENT
    )
    actions.destroy_salts(["h"])
    assert actions.actor_of(entry) == pseudonym(person)
    Pseudonym.objects.all().delete()
    assert actions.actor_of(entry) is None


def test_the_salt_that_a_partner_gets_does_not_open_the_actor(node):
    person = node.person("mari", "analyst")
    entry = actions.record(
        "border:part:approved", "q", kind="approval", facts={}, now=node.now, actor=person, commits_to=CONTENT
    )
    assert commitment(actions.salt_of(entry), "pseudonym:" + pseudonym(person)) != said(entry).facts["actor"]


def test_without_its_salt_a_commitment_opens_no_more_and_the_log_stands(node):
    entry = actions.record("border:bill:kept", "b-1", kind="import", facts={}, now=node.now, commits_to=CONTENT)
    kept = actions.record("border:bill:kept", "b-2", kind="import", facts={}, now=node.now, commits_to=CONTENT)
    actions.sequence(node.now)
    before = actions.verify()
    assert actions.opens(entry, CONTENT)
    assert not actions.opens(entry, digest(b"something else"))
    actions.destroy_salts(["b-1"])
    actions.destroy_salts(["b-1", "never-there"])
    with pytest.raises(actions.SaltDestroyed):
        actions.opens(entry, CONTENT)
    with pytest.raises(actions.SaltDestroyed):
        actions.salt_of(entry)
    assert actions.opens(kept, CONTENT)
    assert actions.verify() == before


def test_what_must_follow_is_due_in_the_same_transaction(node):
    write(node.now, 3)
    actions.record("vault:holding:deleted", "bill-7", kind="deletion", facts={}, now=node.now)
    assert Due.objects.filter(kind="sequence").count() == 1
    (react,) = Due.objects.filter(kind="react")
    assert react.facts == {"event": "vault:holding:deleted", "subject": "bill-7"}

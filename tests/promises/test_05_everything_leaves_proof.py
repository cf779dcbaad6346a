"""Promise 5: everything leaves proof, and no one can read a person out of it.

Decisions, accesses with their coded reason, uses, refusals and deletions are entries in a log that partners witness.
Nothing personal is in any of it; staff stand there under pseudonyms that only the overseer's register resolves; and a
node for whose log nobody vouches lately stops releasing, says so, and goes on once somebody does.
"""

from __future__ import annotations

import ast
import datetime as dt
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from tests.node.people.signed_in import with_token
from tests.node.world import BR, JP, World, incident, indicator

import comity.node
from comity.canon import loads
from comity.crossing import Reason
from comity.demo import packaged
from comity.ledger import Statement, leaf_hash, verify_inclusion
from comity.node.border import actions as border
from comity.node.border.models import Crossing, Question, Shelved
from comity.node.due import actions as due
from comity.node.due.models import Due
from comity.node.journal import actions as journal
from comity.node.journal.models import Alarm, Checkpoint, Entry, Salt, Tile
from comity.node.people import actions as people
from comity.node.people.models import Pseudonym
from comity.node.vault import actions as vault
from promises.a_month import STAFF, asked, lived, served, staffed
from promises.traces import forms, found, tables

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
C2 = indicator("c2")
PLANTED = tuple(packaged.Packaged().planted("people"))
FROM_LOGS = {"collected_by": "victim-log"}

# Everything that a node logs: the kind of the entry, and whether a person of ours did it.
EVENTS: dict[str, tuple[str, bool]] = {
    "border:message:shelved": ("receipt deletion", False),
    "border:object:stripped": ("approval", True),
    "border:question:approved": ("approval", True),
    "border:question:escalated": ("approval", False),
    "border:question:expired": ("approval", False),
    "border:question:rejected": ("approval", True),
    "border:release:countersigned": ("receipt", False),
    "border:release:deleted-there": ("deletion", False),
    "border:release:made": ("release", False),  # which partners read: it says nothing of who acted here
    "border:release:received": ("import", False),
    "border:release:withdrawn": ("deletion", True),
    "border:stray:quarantined": ("import", False),
    "border:submission:crossed": ("submission", True),
    "border:submission:imported": ("submission", True),
    "border:submission:seen": ("access", True),
    "exchange:page:read": ("access", False),
    "exchange:partner:paused": ("suspension", False),
    "exchange:partner:resumed": ("suspension", True),
    "exchange:tool:added": ("key", True),
    "exchange:tool:disabled": ("key", True),
    "exchange:tool:enabled": ("key", True),
    "journal:alarm:cleared": ("witness", True),
    "journal:alarm:raised": ("witness", False),
    "treaties:consent:recorded": ("consent", True),
    "treaties:consent:withdrawn": ("consent", True),
    "treaties:flow:resumed": ("suspension", True),
    "treaties:flow:suspended": ("suspension", True),
    "treaties:text:accepted": ("agreement", False),  # taken up by the world itself; by a person over the API
    "treaties:text:signed": ("agreement", True),
    "vault:holding:deleted": ("deletion", False),
    "vault:holding:held": ("deletion", True),
    "vault:holding:lifted": ("deletion", True),
    "vault:holding:stayed": ("deletion", False),
}
# Names of the same form that are lines of the log on standard error, and no entries.
LINES = {
    "exchange:parcel:not-received",
    "exchange:pull:failed",
    "exchange:request:failed",
    "exchange:request:refused",
    "exchange:witness:failed",
    "vault:box:broken",
    "vault:sweep:keyless",
}


@dataclass(frozen=True)
class Month:
    """What is left of a month when it is over."""

    entries: tuple[tuple[str, bytes], ...]  # event, body
    journal: list[tuple[str, bytes]]
    files: list[tuple[str, bytes]]
    lines: str
    whose: dict[str, str]  # pseudonym -> username, as the register has it
    people: tuple[str, ...]  # ids of their accounts
    sizes: tuple[int, int]  # entries, entries that partners vouch for


_month: list[Month] = []


@pytest.fixture
def month(node: Any, caplog: pytest.LogCaptureFixture) -> Month:
    """Lived once a run: what is kept of it are bytes, and no rows."""
    if not _month:
        with caplog.at_level(logging.DEBUG):
            world = lived(staffed(World(node)))
            asked(BR, "/exchange/collections/nowhere/")
            asked("mallory", "/taxii2/")
        lines = "\n".join(f"{record.getMessage()} {record.msg!r} {record.args!r}" for record in caplog.records)
        register = {row.name: row.person_id for row in Pseudonym.objects.all()}
        names = {person.pk: person.username for person in type(world.officer).objects.all()}
        _month.append(
            Month(
                entries=tuple((row.event, bytes(row.body)) for row in Entry.objects.order_by("pk")),
                journal=tables("journal"),
                files=list(served()),
                lines=lines,
                whose={name: names[person] for name, person in register.items()},
                people=tuple(str(pk) for pk in names),
                sizes=(Entry.objects.count(), journal.published_size()),
            )
        )
    return _month[0]


def said(body: bytes) -> dict[str, Any]:
    return dict(Statement.parse(body).facts)


def entries(event: str) -> list[dict[str, Any]]:
    return [said(bytes(row.body)) for row in Entry.objects.filter(event=event).order_by("pk")]


# -- everything leaves proof


def named_in_the_program() -> Iterator[str]:
    """Every text of the form of an event in the node's source."""
    for file in Path(str(comity.node.__file__)).parent.rglob("*.py"):
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = part.value if isinstance(part, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"[a-z]+(?::[a-z][a-z-]*){2}", text):
                yield text


def test_every_event_of_the_program_is_in_the_table():
    """A new one is put there with its kind, and into the month that everything happens in."""
    assert set(named_in_the_program()) == {*EVENTS, *LINES}


def test_whatever_happens_is_an_entry_of_its_kind(month: Month):
    kinds: dict[str, set[str]] = {}
    for event, body in month.entries:
        kinds.setdefault(event, set()).add(Statement.parse(body).kind)
    assert set(kinds) == set(EVENTS), "all that a node can log has happened in this month"
    for event, (allowed, _) in EVENTS.items():
        assert kinds[event] <= set(allowed.split()), event


def test_whoever_acted_is_committed_to_and_nobody_else_is(month: Month):
    acted: dict[str, set[bool]] = {}
    for event, body in month.entries:
        acted.setdefault(event, set()).add("actor" in said(body))
    assert {event for event, found in acted.items() if True in found} >= {e for e, (_, by) in EVENTS.items() if by}
    assert acted["border:release:made"] == acted["exchange:page:read"] == {False}


def test_all_of_it_is_in_the_log_and_partners_vouch_for_it(month: Month):
    count, vouched = month.sizes
    assert count == vouched > len(EVENTS)


def test_a_decision_is_counted_with_the_agreement_and_the_law_it_rests_on(node: Any):
    world = World(node)
    red = indicator("red", object_marking_refs=["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"])
    world.submitted([C2, red, incident("one")], **FROM_LOGS)
    (facts,) = entries("border:submission:crossed")
    assert (facts["permit"], facts["refer"], facts["deny"]) == (1, 1, 1), "a refusal is counted like a permit"
    assert facts["agreement"]["digest"] == world.flow().text_id
    assert facts["law"].startswith("sha256:")
    assert (facts["from"], facts["to"], facts["purpose"]) == ("cert-ee", BR, "incident-response")


def test_a_look_at_material_needs_a_coded_reason_and_is_logged_before_anything_is_shown(node: Any):
    world = World(node)
    world.submitted([incident("one")], **FROM_LOGS)
    question = Question.objects.get()
    with pytest.raises(border.UnknownCode):
        border.before_and_after(question, by=world.officer, now=world.now, reason="Mari from the ward asked me")
    assert entries("border:submission:seen") == []
    border.before_and_after(question, by=world.officer, now=world.now, reason="subject-request")
    (facts,) = entries("border:submission:seen")
    assert (facts["reason"], facts["question"]) == ("subject-request", str(question.pk))


def test_a_partner_s_read_is_logged_with_how_much_left_and_nothing_of_what(node: Any):
    world = World(node)
    world.sent([C2])
    got = asked(BR, f"/exchange/collections/{world.collection().pk}/objects/")
    read = json.loads(got.content)["objects"]
    assert C2["id"] in {one["id"] for one in read}
    (facts,) = entries("exchange:page:read")
    assert (facts["partner"], facts["objects"]) == (BR, len(read))
    assert not any(one["id"] in json.dumps(facts) for one in read)


def test_a_refusal_and_its_ground_are_logged(node: Any):
    world = World(node)
    world.submitted([incident("one")], **FROM_LOGS)
    border.reject(Question.objects.get(), ground="not-necessary", by=world.officer, now=world.now)
    (facts,) = entries("border:question:rejected")
    assert (facts["yes"], facts["ground"]) == (False, "not-necessary")


def test_a_deletion_is_logged_with_its_reason_and_what_it_was_under(node: Any):
    world = World(node)
    world.sent([C2])
    row = Shelved.objects.get(object_id=C2["id"])
    assert row.holding is not None and row.release is not None
    world.later(row.holding.expires - world.now)
    vault.sweep(world.now)
    facts = [one for one in entries("vault:holding:deleted") if one["bill"] == row.release.bill_id]
    assert [(one["agreement"], one["direction"], one["why"], one["count"]) for one in facts] == [
        ("ee-br-csirt", "released", "expiry", 1)
    ]


def test_anybody_with_the_public_key_can_check_that_an_entry_is_there(node: Any):
    world = World(node)
    world.sent([C2])
    entry = Entry.objects.filter(event="border:release:made").latest("pk")
    proof = journal.prove(entry)
    checkpoint = Checkpoint.objects.get(size=journal.published_size())
    verify_inclusion(leaf_hash(bytes(entry.body)), proof.index, checkpoint.size, proof.hashes, bytes(checkpoint.root))
    assert journal.verify().size == Entry.objects.count()


@pytest.mark.parametrize("change", ["a word of an entry", "an entry gone", "who is told of"])
def test_what_is_edited_afterwards_is_found(node: Any, change: str):
    """Attack A87: the log covers entries, and seals what is beside them."""
    world = World(node)
    world.sent([C2])
    row = Entry.objects.filter(event="border:submission:crossed").latest("pk")
    if change == "an entry gone":
        row.delete()
    elif change == "who is told of":
        Entry.objects.filter(pk=row.pk).update(subject="another")
    else:
        Entry.objects.filter(pk=row.pk).update(body=bytes(row.body).replace(b'"deny":0', b'"deny":1'))
    with pytest.raises(journal.RowChanged):
        journal.verify()


# -- and no one can read a person out of it


def test_no_value_of_the_incident_is_in_the_journal_its_files_or_the_log_on_standard_error(month: Month):
    """In no form: not plain, not encoded, and not as a hash or an id that anybody could make of a guess (A50, A65)."""
    places = [*month.journal, *month.files, ("standard error", month.lines.encode())]
    assert found(PLANTED, places) == []


def test_no_name_or_account_of_staff_is_in_it(month: Month):
    places = [*month.journal, *month.files, ("standard error", month.lines.encode())]
    assert found([*STAFF, *STAFF.values(), *month.people], places) == []


def test_no_pseudonym_stands_in_an_entry_or_a_file_either(month: Month):
    """What stands there is a commitment, which nobody opens without the salt of that one entry."""
    assert set(month.whose.values()) == set(STAFF)
    bodies = [("entries", b"\n".join(body for _, body in month.entries))]
    assert found(month.whose, [*bodies, *month.journal, *month.files]) == []


def test_two_acts_of_one_person_have_nothing_in_common(month: Month):
    acted = [said(body)["actor"] for _, body in month.entries if "actor" in said(body)]
    assert len(acted) == len(set(acted)) > len(STAFF)


def test_the_search_finds_what_is_planted(month: Month):
    """A search that finds nothing must prove that it can."""
    for event, body in month.entries[:3]:
        for value in (PLANTED[0], "2001:db8:45:10::45", "oskar.ohakas"):
            planted = ("planted", body + json.dumps({"note": value}).encode())
            assert any("planted" in one for one in found([value], [planted])), event
    assert found(["192.0.2.45"], [("ids", b'"ipv4-addr--2a5f3d6c"')]) == []
    for form, needle in forms("192.0.2.45").items():
        assert found(["192.0.2.45"], [("somewhere", b"..." + needle + b"...")]), form


def test_bundles_of_entries_are_served_to_nobody(node: Any):
    world = World(node)
    world.sent([C2])
    bundles = list(Tile.objects.filter(path__startswith="tile/entries").values_list("path", flat=True))
    assert bundles
    for path in bundles:
        assert asked(BR, f"/ledger/{path}").status_code == 404


def test_what_would_tell_of_somebody_is_refused_by_its_place_and_not_repeated(node: Any):
    world = World(node)
    for value in PLANTED:
        if re.fullmatch(r"[a-z]+", value):
            continue  # a word by itself has the form of a code: what is entered there is of closed lists
        with pytest.raises(journal.NotAFact) as caught, transaction.atomic():
            facts = {"reason": value}
            journal.record("border:submission:seen", "s-1", kind="access", facts=facts, now=world.now)
        assert value not in str(caught.value)


# -- staff stand under pseudonyms


@pytest.fixture
def answered(node: Any) -> World:
    """An officer has refused something."""
    world = staffed(World(node))
    world.submitted([incident("one")], **FROM_LOGS)
    border.reject(Question.objects.get(), ground="unreliable", by=world.officer, now=world.now)
    world.witness()
    return world


def rejection() -> Entry:
    return Entry.objects.get(event="border:question:rejected")


def test_the_auditor_follows_a_pseudonym_and_the_register_resolves_it(answered: World):
    listed = with_token(answered.auditor).get("/api/ledger/entries").json()["entries"]
    mine = [one["actor"] for one in listed if "border:question:rejected" in one["entry"]]
    assert mine == [people.pseudonym(answered.officer)]
    assert answered.officer.username not in json.dumps(listed)
    assert people.resolve(mine[0], by=answered.auditor, now=answered.now) == answered.officer


@pytest.mark.parametrize("who", ["analyst", "officer", "privacy", "administrator"])
def test_nobody_else_reads_the_log_or_resolves_a_name_in_it(answered: World, who: str):
    """Attack A44: not those who stand in it, and not those who run the node."""
    person = getattr(answered, who)
    assert with_token(person).get("/api/ledger/entries").status_code == 403
    with pytest.raises(people.NotAllowed):
        people.resolve(people.pseudonym(answered.officer), by=person, now=answered.now)


def test_the_register_and_what_opens_entries_are_not_in_the_database_that_is_copied_far(answered: World):
    """A copy of the log's own database leads to no name, and two acts of one person cannot be told from two people."""
    assert journal.actor_of(rejection()) == people.pseudonym(answered.officer)
    here = connections["default"].introspection.table_names()
    assert {"people_pseudonym", "journal_salt"}.isdisjoint(here)
    Salt.objects.all().delete()
    assert journal.actor_of(rejection()) is None


def test_when_the_register_is_destroyed_nobody_stands_in_the_log_and_the_log_stands(answered: World):
    name = people.pseudonym(answered.officer)
    Pseudonym.objects.all().delete()
    with pytest.raises(people.UnknownPseudonym):
        people.resolve(name, by=answered.auditor, now=answered.now)
    assert journal.actor_of(rejection()) is None
    assert journal.verify().size == Entry.objects.count()


# -- a node whose proof is stale stops releasing


@pytest.fixture
def world(node: Any) -> World:
    return World(node)


def test_stale_proof_releases_nothing_says_so_and_fresh_proof_lets_it_go(world: World):
    world.later(25 * HOUR, witnessed=False)
    (crossing,) = world.submitted([C2])
    assert (crossing.counts["permit"], crossing.counts["released"]) == (1, 0)
    assert crossing.waits == Reason.STALE_PROOF
    assert not Shelved.objects.filter(object_id=C2["id"]).exists(), "it is not even made, let alone shown"
    shown = with_token(world.analyst).get(f"/api/submissions/{crossing.submission_id}").json()
    assert [one["waits"] for one in shown["crossings"]] == ["stale-proof"], "whoever submitted it is told why"
    world.witness()
    border.publish_work({}, world.now)
    for row in Due.objects.filter(kind="release-waiting", done_at=None):
        assert due.perform(row.pk)
    world.publish()
    assert C2["id"] in {one["id"] for one in world.read()}
    assert Crossing.objects.get(latest=True, submission=crossing.submission).waits == ""


def test_what_stood_before_is_not_read_either_until_somebody_vouches_again(world: World):
    world.sent([C2])
    world.later(23 * HOUR, witnessed=False)
    assert C2["id"] in {one["id"] for one in world.read()}
    world.later(2 * HOUR, witnessed=False)
    assert world.read() == world.read(JP) == []
    world.witness()
    assert C2["id"] in {one["id"] for one in world.read()}


def test_a_release_that_nobody_has_vouched_for_is_not_there_yet(world: World):
    """A checkpoint that we alone signed publishes nothing: our own word is no proof (attack A72)."""
    world.submitted([C2])
    journal.sequence(world.now)
    assert border.publish(now=world.now) == []
    assert world.read() == []
    world.witnesses[0].ask(world.now)
    assert border.publish(now=world.now) == [], "one of two is no majority"
    world.witnesses[1].ask(world.now)
    assert len(border.publish(now=world.now)) == 2
    assert C2["id"] in {one["id"] for one in world.read()}


def test_our_own_word_makes_nothing_fresh(world: World):
    world.sent([C2])
    for witness in world.witnesses:
        journal.remove_witness(witness.party, now=world.now)
    journal.sequence(world.now)
    assert journal.proof_time(world.now) is None
    assert world.read() == []


def test_a_stale_proof_is_an_alarm_that_all_staff_see_until_it_is_over(world: World):
    world.later(25 * HOUR, witnessed=False)
    journal.watch_freshness(world.now)
    status = with_token(world.analyst).get("/api/ledger/status").json()
    assert (status["fresh"], [one["code"] for one in status["alarms"]]) == (False, ["stale-proof"])
    world.witness()
    journal.watch_freshness(world.now)
    status = with_token(world.analyst).get("/api/ledger/status").json()
    assert (status["fresh"], status["alarms"]) == (True, [])
    assert Alarm.objects.exclude(cleared_at=None).count() == 1
    assert [one["alarm"] for one in entries("journal:alarm:raised")] == ["stale-proof"]


def test_no_entry_is_written_that_is_not_strict_canonical_json_of_known_forms(month: Month):
    """What a reader of the log has to understand is this much, and nothing beside it."""
    for _, body in month.entries:
        head, _, rest = body.partition(b"\n")
        assert re.fullmatch(rb"comity/[a-z]+/v1", head)
        assert len(loads(rest)["nonce"]) == 32, "128 bits, so that no entry can be guessed from its hash"

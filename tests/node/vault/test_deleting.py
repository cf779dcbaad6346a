"""Deleting: keys first, then rows, an entry for each bill; what breaks off in between is named and repaired."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from comity.canon import digest
from comity.material import deterministic_id
from comity.node.databases import KEYS
from comity.node.journal.models import Entry
from comity.node.keyring import held
from comity.node.vault import actions, names
from comity.node.vault.models import Box, BoxKey, Holding

from .kept import DAY, boxes, keep, live_keys


def test_what_is_deleted_leaves_a_row_without_anything_of_the_content(node):
    holding = keep(node)
    box = holding.box_id
    assert actions.delete([holding], "retraction", node.now) == [holding]
    row = Holding.objects.get(pk=holding.pk)
    assert (row.box, row.digest, row.deleted_at, row.deleted_why) == (None, "", node.now, "retraction")
    assert not Box.objects.filter(pk=box).exists()
    assert box not in live_keys()
    assert bytes(BoxKey.objects.get(box_id=box).wrapped) == b""


GUESSED = deterministic_id({"type": "email-addr", "value": "mari.maasikas@kannatanu.example"})
NAMED = "identity--" + str(uuid.uuid5(uuid.NAMESPACE_URL, "mari maasikas"))
DRAWN = "email-addr--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"


@pytest.mark.parametrize("object_id", [GUESSED, NAMED, "email-addr--mari.maasikas"])
def test_the_row_does_not_keep_an_id_that_tells_what_it_was_made_of(node, object_id):
    """Of an observable it is a hash of the value (STIX 2.1 section 2.9): all values can be tried (attack A51)."""
    holding = keep(node, object_id=object_id, version="")
    (deleted,) = actions.delete([holding], "retraction", node.now)
    row = Holding.objects.get()
    assert row.object_id == deleted.object_id == actions.once_gone(object_id) != object_id
    kind, _, name = row.object_id.partition("--")
    assert (kind, uuid.UUID(name).version) == (object_id.partition("--")[0], 4)
    assert actions.names_of([object_id]) == {object_id: object_id, row.object_id: object_id}
    assert actions.is_buried("ee-br-csirt", object_id, "")


def test_an_id_that_was_drawn_at_random_stays_and_a_keyed_one_is_not_keyed_again(node):
    actions.delete([keep(node, object_id=DRAWN)], "retraction", node.now)
    assert Holding.objects.get().object_id == DRAWN == actions.once_gone(DRAWN)
    once = actions.once_gone(GUESSED)
    assert actions.once_gone(once) == once


def test_another_node_has_another_name_for_it(node, monkeypatch):
    once = actions.once_gone(GUESSED)
    monkeypatch.setattr(names, "held", lambda: replace(held(), secret=bytes(range(32))))
    assert actions.once_gone(GUESSED) != once


def test_what_stays_on_legal_hold_keeps_its_name(node):
    holding = keep(node, object_id=GUESSED, version="")
    actions.hold([holding], "court-order", node.now + DAY, now=node.now)
    assert actions.delete([holding], "retraction", node.now) == []
    assert Holding.objects.get().object_id == GUESSED


def test_whoever_still_has_the_box_is_told_that_it_was_deleted(node):
    holding = keep(node)
    box = Box.objects.get(pk=holding.box_id)
    actions.delete([holding], "retraction", node.now)
    with pytest.raises(actions.Unreadable, match="its key was destroyed") as error:
        actions.opened(box)
    assert error.value.remedy == "nothing: it was deleted"


def test_each_bill_has_its_entry_and_no_entry_names_an_object(node):
    """An observable's id is a hash of its value: in a log that others read it would tell the value."""
    kept = [keep(node, "a"), keep(node, "b"), keep(node, "c", bill="bill-2")]
    actions.delete(kept, "sunset", node.now)
    entries = Entry.objects.filter(event="vault:holding:deleted").order_by("subject")
    assert [entry.subject for entry in entries] == ["bill-1", "bill-2"]
    bodies = [bytes(entry.body) for entry in entries]
    assert b'"count":2' in bodies[0].replace(b" ", b"")
    assert b'"why":"sunset"' in bodies[0].replace(b" ", b"")
    assert not any(b"indicator--" in body or b"planted" in body for body in bodies)


@pytest.mark.parametrize("bill", ["bill of lading", "b--2f4b2a3e-8d5c-5a3e-9c1d-0a1b2c3d4e5f", "+4915112345678", "<b>"])
def test_no_bill_has_an_id_that_keeps_what_came_with_it_from_being_deleted(node, bill):
    """The ledger takes no free text and nothing that could be somebody's: then it gets the digest of the id."""
    actions.delete([keep(node, bill=bill)], "retraction", node.now)
    assert not boxes()
    entry = Entry.objects.get(event="vault:holding:deleted")
    assert entry.subject == digest(bill.encode())
    assert bill.encode() not in bytes(entry.body)


def test_deleting_again_does_nothing_and_writes_nothing(node):
    holding = keep(node)
    actions.delete([holding], "retraction", node.now)
    assert actions.delete([holding], "expiry", node.now + DAY) == []
    row = Holding.objects.get(pk=holding.pk)
    assert (row.deleted_why, row.deleted_at) == ("retraction", node.now)
    assert Entry.objects.filter(event="vault:holding:deleted").count() == 1


def test_a_reason_that_is_not_in_the_list_is_refused(node):
    holding = keep(node)
    with pytest.raises(actions.UnknownCode, match="reason to delete"):
        actions.delete([holding], "tidying", node.now)
    assert holding.box_id in live_keys()


def test_after_deletion_the_version_may_be_held_anew_only_as_another_holding(node):
    old = keep(node, direction="released")
    actions.delete([old], "retraction", node.now)
    new = keep(node, direction="released")
    assert new.pk != old.pk


def test_where_the_callers_transaction_fails_the_content_is_gone_and_the_sweep_finishes(node):
    """The state in between: a row that claims to be held, a box that opens nowhere, a tombstone. Nothing readable."""
    holding = keep(node)
    box = Box.objects.get(pk=holding.box_id)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.delete([holding], "retraction", node.now)
        raise ZeroDivisionError
    row = Holding.objects.get(pk=holding.pk)
    assert row.deleted_at is None
    assert row.box_id == box.pk
    assert actions.is_buried("ee-br-csirt", "indicator--a", holding.version)
    with pytest.raises(actions.Unreadable, match="its key was destroyed"):
        actions.opened(box)
    assert not Entry.objects.exists()

    assert actions.sweep(node.now).finished == 1

    row.refresh_from_db()
    assert (row.box, row.digest, row.deleted_why) == (None, "", "key-destroyed")
    assert not boxes()
    assert Entry.objects.filter(event="vault:holding:deleted").count() == 1


def test_a_box_of_no_holding_is_destroyed_key_first(node):
    box = actions.seal("submission", b"proposed", now=node.now)
    actions.destroy([box])
    actions.destroy([box])
    assert not boxes()
    assert not live_keys()
    with pytest.raises(actions.Unreadable, match="its key was destroyed"):
        actions.opened(box)


def test_where_that_transaction_fails_the_sweep_takes_the_row(node):
    box = actions.seal("submission", b"proposed", now=node.now)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.destroy([box])
        raise ZeroDivisionError
    assert boxes() == {box.pk}
    assert actions.sweep(node.now).finished == 1
    assert not boxes()


def test_deletion_is_committed_to_both_databases(node_live):
    """Attack A82: read after delete, with every transaction over."""
    holding = keep(node_live)
    assert actions.delete([holding], "retraction", node_live.now) == [holding]
    assert not boxes()
    assert not live_keys()
    assert actions.is_buried("ee-br-csirt", "indicator--a", holding.version)
    assert actions.sweep(node_live.now).scrubbed


def test_the_questions_it_asks_do_not_grow_with_what_it_deletes(node):
    """Deletion is as fast as ingest: a bill of a hundred costs what a bill of ten costs."""
    asked = []
    for count in (1, 10, 100):  # the first also wakes the sequencer
        kept = [keep(node, f"{count}-{number}") for number in range(count)]
        with CaptureQueriesContext(connections["default"]) as first, CaptureQueriesContext(connections[KEYS]) as keys:
            actions.delete(kept, "expiry", node.now)
        asked.append((len(first), len(keys)))
    assert asked[1] == asked[2]
    assert not boxes()

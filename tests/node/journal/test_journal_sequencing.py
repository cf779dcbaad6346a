"""Sequencing: every entry gets one place, whatever breaks and whoever else is at it."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from tests.node.journal.partners import appointed, log_in_memory, write

from comity.ledger import BadTile, Statement, VerifierKey, last_tile, levels, open_checkpoint, verify_proof
from comity.node import keyring
from comity.node.due.actions import Again
from comity.node.due.models import Due
from comity.node.journal import actions
from comity.node.journal.actions import gate, sequencing
from comity.node.journal.models import Alarm, Checkpoint, Entry, Tile


def log_key() -> VerifierKey:
    return keyring.held().log.verifier


def placed() -> list[int]:
    return list(Entry.objects.exclude(index=None).order_by("index").values_list("index", flat=True))


def test_entries_get_their_places_in_the_order_of_their_rows(node):
    written = write(node.now, 5)
    assert actions.sequence(node.now) == 5
    assert actions.sequence(node.now) == 0
    assert [Entry.objects.get(pk=entry.pk).index for entry in written] == [0, 1, 2, 3, 4]
    assert actions.published_size() == 5


def test_a_proof_verifies_with_the_log_s_public_key_alone(node):
    written = write(node.now, 300)
    actions.sequence(node.now)
    for entry in (written[0], written[255], written[256], written[299]):
        checkpoint = verify_proof(bytes(entry.body), actions.prove(entry), log_key())
        assert (checkpoint.size, checkpoint.origin) == (300, "localhost:9441/cert-ee/development")


def test_an_entry_that_waits_has_no_proof(node):
    (entry,) = write(node.now)
    with pytest.raises(actions.NotYetProved):
        actions.prove(entry)


@pytest.mark.parametrize("batches", [(1,), (255, 1), (256,), (257,), (1, 254, 2, 255), (600,), (100,) * 6, (1,) * 12])
def test_the_files_are_those_of_the_same_log_in_a_folder(node, batches):
    """The pure room's log over a store in memory, appended once: every file that its checkpoint needs is ours too."""
    sizes = [0]
    for count in batches:
        write(node.now, count)
        actions.sequence(node.now)
        sizes.append(sizes[-1] + count)
    bodies = [bytes(body) for body in Entry.objects.order_by("index").values_list("body", flat=True)]
    _, store = log_in_memory(bodies)
    ours = {tile.path: bytes(tile.data) for tile in Tile.objects.all()}
    for path, data in store.files.items():
        assert ours[path] == data, path
    # Beside them, the partial tiles of earlier checkpoints that are not full yet: nothing else is kept.
    full = {tile.path for size in sizes for level in levels(size) if (tile := last_tile(level, size))}
    assert ours.keys() - store.files.keys() <= full
    assert actions.verify().checkpoints == len(batches) + 1


def test_a_batch_is_bounded_and_the_rest_follows(node, monkeypatch):
    monkeypatch.setattr(sequencing, "BATCH", 10)
    write(node.now, 25)
    assert actions.sequence(node.now) == 25
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [0, 10, 20, 25]


def test_due_work_stops_within_its_lease_and_asks_for_more(node, monkeypatch):
    monkeypatch.setattr(sequencing, "BATCH", 1)
    monkeypatch.setattr(sequencing, "BATCHES_A_LEASE", 3)
    write(node.now, 4)
    with pytest.raises(Again):
        actions.sequence_work({}, node.now)
    assert placed() == [0, 1, 2]
    actions.sequence_work({}, node.now)
    assert placed() == [0, 1, 2, 3]


class Killed(BaseException):
    """Nothing in the program catches it."""


def killed_at(statement: int):
    """Dies instead of executing the statement of this number."""
    count = 0

    def wrapper(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == statement:
            raise Killed
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


@pytest.mark.parametrize("witnessed", [False, True])
def test_killed_between_any_two_statements_nothing_is_lost_and_nothing_is_there_twice(node, witnessed):
    """Every statement of a batch that fills a tile, one after the other; then the work is done again."""
    partners = appointed(node.now, "cert-br") if witnessed else []
    for partner in partners:
        partner.ask()
    write(node.now, 254)
    actions.sequence(node.now)
    for partner in partners:
        partner.ask()
    before, statement, died = 254, 0, True
    while died:
        statement += 1
        died = False
        savepoint = transaction.savepoint()
        write(node.now, 3)
        waiting = Entry.objects.filter(index=None).count()
        try:
            with killed_at(statement):
                actions.sequence(node.now)
        except Killed:
            died = True
            assert Entry.objects.filter(index=None).count() in {waiting, 0}
        assert actions.sequence(node.now) in {0, waiting}
        assert placed() == list(range(before + 3))
        assert actions.verify().size == before + 3
        transaction.savepoint_rollback(savepoint)
        gate.forget()  # the next round begins from the older database on purpose
    assert statement > 20, "the statements of a batch were not counted"


def test_sequencers_at_once_lose_and_duplicate_nothing(node_live):
    """Six threads write while four sequence, on connections of their own."""
    errors: list[BaseException] = []

    def run(work):
        try:
            for turn in range(5):
                work(turn)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    writers = [
        threading.Thread(target=run, args=(lambda turn, n=n: write(node_live.now, 3, first=100 * n + turn),))
        for n in range(6)
    ]
    sequencers = [threading.Thread(target=run, args=(lambda _: actions.sequence(node_live.now),)) for _ in range(4)]
    for thread in [*writers, *sequencers]:
        thread.start()
    for thread in [*writers, *sequencers]:
        thread.join()
    assert errors == []
    actions.sequence(node_live.now)
    assert placed() == list(range(6 * 5 * 3))
    assert actions.verify().size == 90


def test_business_time_that_goes_backwards_stops_the_log_and_says_so(node):
    """Attack A85: a clock that is set back must not date entries before those that the log has already."""
    write(node.now)
    actions.sequence(node.now)
    write(node.now, 1, first=1)
    with pytest.raises(actions.ClockWentBack):
        actions.sequence(node.now - dt.timedelta(days=1))
    alarm = Alarm.objects.get(cleared_at=None)
    assert (alarm.code, alarm.log, alarm.stops_signing) == ("clock-back", actions.our_log(), False)
    assert placed() == [0]
    # Two processes read one clock, and one waited for the other: that is no step back.
    assert actions.sequence(node.now - dt.timedelta(seconds=30)) == 2
    assert Checkpoint.objects.get(size=3).made_at == node.now, "the log's time did not go back with it"
    assert not Alarm.objects.filter(cleared_at=None).exists()


def without_checkpoint() -> None:
    Checkpoint.objects.get(size=4).delete()


def without_any_checkpoint() -> None:
    Checkpoint.objects.all().delete()


def with_another_leaf() -> None:
    tile = Tile.objects.get(path="tile/0/000.p/4")
    Tile.objects.filter(pk=tile.pk).update(data=bytes(32) + bytes(tile.data)[32:])


def with_another_root() -> None:
    note = bytes(Checkpoint.objects.get(size=2).note)
    Checkpoint.objects.filter(size=4).update(note=note, root=Checkpoint.objects.get(size=2).root)


def with_another_waiting_entry() -> None:
    entry = Entry.objects.get(index=None)
    Entry.objects.filter(pk=entry.pk).update(body=bytes(entry.body).replace(b'"number":9', b'"number":8'))


def with_another_subject() -> None:
    Entry.objects.filter(index=None).update(subject="s-8")


@pytest.mark.parametrize(
    "damage",
    [
        without_checkpoint,
        without_any_checkpoint,
        with_another_leaf,
        with_another_root,
        with_another_waiting_entry,
        with_another_subject,
    ],
)
def test_nothing_is_signed_over_a_log_that_is_smaller_or_another_than_it_was(node, damage):
    """Attack A71 within one database: our own last checkpoint is compared before the next is signed."""
    for _ in range(2):
        write(node.now, 2)
        actions.sequence(node.now)
    write(node.now, 1, first=9)
    damage()
    signed = set(Checkpoint.objects.values_list("size", flat=True))
    for _ in range(2):
        with pytest.raises((actions.RowChanged, BadTile)):
            actions.sequence(node.now)
    assert set(Checkpoint.objects.values_list("size", flat=True)) == signed
    assert Alarm.objects.filter(cleared_at=None).values_list("code", flat=True).get() == "log-damaged"


def test_the_log_goes_on_when_what_was_damaged_is_restored(node):
    write(node.now, 4)
    actions.sequence(node.now)
    tile = Tile.objects.get(path="tile/0/000.p/4")
    write(node.now)
    Tile.objects.filter(pk=tile.pk).update(data=bytes(128))
    with pytest.raises(BadTile):
        actions.sequence(node.now)
    Tile.objects.filter(pk=tile.pk).update(data=tile.data)
    assert actions.sequence(node.now) == 2  # the entry, and the alarm
    assert not Alarm.objects.filter(cleared_at=None).exists()
    assert Statement.parse(bytes(Entry.objects.get(index=5).body)).facts["alarm"] == "log-damaged"


@pytest.mark.slow
def test_the_cost_of_a_batch_does_not_grow_with_the_log(node):
    """The same number of statements, and as many bytes read, at 300 entries as at 5 000."""

    def cost() -> int:
        write(node.now)
        with CaptureQueriesContext(connection) as queries:
            actions.sequence(node.now)
        return len(queries)

    write(node.now, 299)
    actions.sequence(node.now)
    small = cost()
    write(node.now, 5000 - 300 - 101)
    actions.sequence(node.now)
    write(node.now, 100)
    actions.sequence(node.now)
    assert cost() <= small


def test_every_checkpoint_is_signed_by_the_log_under_its_own_name(node):
    for _ in range(3):
        write(node.now)
        actions.sequence(node.now)
    for row in Checkpoint.objects.all():
        checkpoint, _ = open_checkpoint(bytes(row.note), log_key())
        assert (checkpoint.size, checkpoint.root) == (row.size, bytes(row.root))


def test_a_log_without_witnesses_is_published_at_once_and_never_fresh(node):
    write(node.now)
    actions.sequence(node.now)
    assert actions.published_size() == 1
    assert actions.proof_time(node.now) is None
    assert not actions.is_fresh(node.now)
    assert Due.objects.get(kind="publish").facts == {"size": 1}
    assert not Due.objects.filter(kind="witness").exists()


def test_a_log_with_witnesses_asks_them_at_once_and_waits_for_them(node):
    (partner,) = appointed(node.now, "cert-br")
    partner.ask()
    (entry,) = write(node.now)
    actions.sequence(node.now)
    assert Due.objects.filter(kind="witness", due_at=node.now).exists()
    assert actions.published_size() == 0
    with pytest.raises(actions.NotYetProved):
        actions.prove(entry)
    partner.ask()
    assert actions.published_size() == 1
    assert {row.key for row in Due.objects.filter(kind="publish")} == {"0", "1"}

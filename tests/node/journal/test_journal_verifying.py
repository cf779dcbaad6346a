"""Verifying: an edited byte in any column of the journal is found and named (attack A87)."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from django.db import connection, models, transaction
from tests.node.journal.partners import PartnerLog, WitnessNode, appointed, write

from comity.canon import ComityError
from comity.node.journal import actions
from comity.node.journal.models import Alarm, Checkpoint, Cosignature, Entry, Seen, Tile


@pytest.fixture
def partners(node) -> list[WitnessNode]:
    """Something in every table: three batches over a full tile, cosigned, and an entry that waits."""
    nodes = appointed(node.now, "cert-br", "cert-jp", "cert-se")
    for partner in nodes:
        partner.ask()
    for count in (200, 70, 5):
        write(node.now, count)
        actions.sequence(node.now)
        for partner in nodes[:2]:
            partner.ask()
    write(node.now)
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    return nodes


def test_what_was_left_alone_verifies(node, partners):
    verified = actions.verify()
    newest = Checkpoint.objects.get(size=275)
    assert verified == actions.Verified(
        origin="localhost:9441/cert-ee/development",
        size=275,
        root=f"sha256:{bytes(newest.root).hex()}",
        waiting=1,
        tiles=2 + 2 + 1,  # of entries, of leaves, of level 1
        checkpoints=4,
        cosignatures=3 + 3 * 2,
        watched=1,
        witnessed_at=node.now,
    )


def test_an_empty_journal_verifies(node):
    assert actions.verify().size == 0
    assert Checkpoint.objects.count() == 0


def test_progress_is_told(node, partners):
    told: list[tuple[int, int]] = []
    actions.verify(lambda done, total: told.append((done, total)))
    assert told[-1] == (275, 275)


def flipped(field: models.Field, value: object) -> object:
    """The value with one bit, digit or second of it changed; None where there was none becomes something."""
    if isinstance(field, models.BinaryField):
        data = bytearray(value)
        data[len(data) // 2] ^= 1
        return bytes(data)
    if isinstance(field, models.DateTimeField):
        return None if value is None else value + dt.timedelta(seconds=1)
    if isinstance(field, models.CharField | models.TextField):
        middle = len(value) // 2
        return value[:middle] + chr(ord(value[middle]) ^ 1) + value[middle + 1 :]
    return value + 4096


@contextlib.contextmanager
def undone():
    """What is changed inside is as it was afterwards."""
    savepoint = transaction.savepoint()
    with connection.constraint_checks_disabled():
        yield
    transaction.savepoint_rollback(savepoint)


def assert_found(change: object) -> ComityError:
    """The error is one of ours, and tells what to do."""
    try:
        actions.verify()
    except ComityError as error:
        assert error.sentence, change
        assert error.remedy, change
        return error
    pytest.fail(f"not found: {change}")


ROWS = {
    Entry: lambda: Entry.objects.get(index=7),
    Checkpoint: lambda: Checkpoint.objects.get(size=270),
    Cosignature: lambda: Cosignature.objects.filter(checkpoint__size=270).earliest("id"),
    Seen: Seen.objects.get,
}
UNTOLD = {(Cosignature, "id")}  # a number that nothing refers to


@pytest.mark.parametrize("model", ROWS)
def test_one_byte_edited_in_any_column_is_found(node, partners, model):
    row = ROWS[model]()
    columns = [field for field in model._meta.concrete_fields if (model, field.attname) not in UNTOLD]
    for field in columns:
        with undone():
            value = flipped(field, getattr(row, field.attname))
            if field.attname == "checkpoint_id":
                value = 275
                Cosignature.objects.filter(checkpoint_id=275, witness=row.witness).delete()
            if model is Checkpoint and field.primary_key:
                row.cosignatures.all().delete()
            assert model.objects.filter(pk=row.pk).update(**{field.attname: value}) == 1
            assert_found(field)
    assert actions.verify().size == 275


def test_one_byte_edited_in_an_entry_that_waits_is_found(node, partners):
    row = Entry.objects.get(index=None)
    for column in ("event", "subject", "body", "leaf", "written_at", "seal"):
        with undone():
            value = flipped(Entry._meta.get_field(column), getattr(row, column))
            Entry.objects.filter(pk=row.pk).update(**{column: value})
            assert_found(column)


FILES = (
    "checkpoint",
    "tile/0/000",
    "tile/0/001.p/14",
    "tile/0/001.p/19",
    "tile/1/000.p/1",
    "tile/entries/000",
    "tile/entries/001.p/19",
)


def test_one_byte_edited_in_any_file_is_found(node, partners):
    assert set(Tile.objects.values_list("path", flat=True)) == {*FILES}
    for tile in Tile.objects.all():
        for at in {0, len(tile.data) // 3, len(tile.data) - 2}:
            with undone():
                data = bytearray(tile.data)
                data[at] ^= 1
                Tile.objects.filter(path=tile.path).update(data=bytes(data))
                error = assert_found((tile.path, at))
                if tile.path.startswith("tile/entries/"):
                    assert error.fields["path"] == tile.path, "the rows of the entries say which of the two is wrong"
    assert actions.verify().size == 275


def test_a_file_that_is_missing_cut_elsewhere_or_too_many_is_found(node, partners):
    for tile in Tile.objects.all():
        for change in ({"data": bytes(tile.data)[:-32]}, {"path": tile.path + "1"}):
            with undone():
                Tile.objects.filter(path=tile.path).update(**change)
                assert_found((tile.path, change))
        with undone():
            Tile.objects.filter(path=tile.path).delete()
            assert_found(tile.path)
    for path in ("tile/0/009", "tile/0/001.p/7", "tile/2/000", "elsewhere"):
        with undone():
            Tile.objects.create(path=path, data=bytes(32))
            assert_found(path)


def swap_places() -> None:
    one, other = Entry.objects.get(index=7), Entry.objects.get(index=8)
    Entry.objects.filter(pk=one.pk).update(index=None)
    Entry.objects.filter(pk=other.pk).update(index=7)
    Entry.objects.filter(pk=one.pk).update(index=8)


def swap_contents() -> None:
    """What a release points at is another entry, whole in itself."""
    one, other = Entry.objects.get(index=7), Entry.objects.get(index=8)
    Entry.objects.filter(pk=one.pk).update(body=other.body, leaf=other.leaf, seal=other.seal)


CHANGES = {
    "the newest checkpoint is gone": lambda: Checkpoint.objects.filter(size=275).delete(),
    "one between is gone": lambda: Checkpoint.objects.filter(size=270).delete(),
    "all are gone": lambda: Checkpoint.objects.all().delete(),
    "an entry is gone": lambda: Entry.objects.get(index=7).delete(),
    "the last entry is gone": lambda: Entry.objects.get(index=274).delete(),
    "two entries have each other's place": swap_places,
    "an entry has another's content": swap_contents,
    "an older checkpoint is published": lambda: Tile.objects.filter(path="checkpoint").update(
        data=Checkpoint.objects.get(size=270).note
    ),
    "nothing is published": lambda: Tile.objects.filter(path="checkpoint").delete(),
    "a cosignature is gone": lambda: Cosignature.objects.filter(checkpoint__size=275).earliest("id").delete(),
    "a proof looks fresh": lambda: Checkpoint.objects.filter(size=275).update(
        witnessed_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    ),
}


def test_rows_that_are_missing_or_elsewhere_are_found(node, partners):
    for name, change in CHANGES.items():
        with undone():
            change()
            assert_found(name)
    assert actions.verify().size == 275


def test_entries_may_be_added_while_it_runs(node, partners, monkeypatch):
    """What stood when it began is verified, though the last tiles move meanwhile."""
    monkeypatch.setattr("comity.node.journal.actions.verifying._AT_ONCE", 50)
    added = 0

    def meanwhile(done: int, total: int) -> None:
        nonlocal added
        assert total == 275
        if done < total:
            write(node.now, 50)
            added += actions.sequence(node.now)

    assert actions.verify(meanwhile).size == 275
    assert added == 251
    assert actions.verify().size == 275 + added


def test_an_audit_keeps_an_alarm_until_all_is_whole_again(node, partners):
    Entry.objects.filter(index=7).update(subject="s-8")
    for _ in range(2):
        with pytest.raises(actions.RowChanged):
            actions.audit_work({}, node.now)
    alarm = Alarm.objects.get(cleared_at=None)
    assert alarm.code == "not-verified"
    assert b"entry" in bytes(alarm.evidence)
    Entry.objects.filter(index=7).update(subject="s-7")
    actions.audit(node.now)
    assert not Alarm.objects.filter(cleared_at=None).exists()


def test_a_witness_that_changed_its_key_does_not_spoil_what_it_signed_before(node, partners):
    one = partners[0]
    one.signer = type(one.signer)(one.signer.name, WitnessNode("other", node.now).signer.key, one.signer.algorithm)
    one.appoint()
    assert actions.verify().cosignatures == 9
    actions.remove_witness("cert-jp", now=node.now)
    assert actions.verify().cosignatures == 9

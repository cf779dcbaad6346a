"""A restored node asks its witnesses before it signs, and stops where they know more (attack A71)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import serializers
from django.db import connection
from tests.node.journal.partners import WitnessNode, appointed, key_of, write

from comity.ledger import Algorithm, SignerKey
from comity.node.due.actions import Again
from comity.node.journal import actions, models
from comity.node.journal.actions import gate
from comity.node.journal.models import Alarm, Checkpoint, Entry, Witness

TABLES = (
    models.Entry,
    models.Tile,
    models.Checkpoint,
    models.Cosignature,
    models.Witness,
    models.Alarm,
    models.Turn,
    models.Seen,
)


def backup() -> str:
    """All that the database holds of the journal."""
    return serializers.serialize("json", [row for table in TABLES for row in table.objects.all()])


def restore(copy: str) -> None:
    """Put the database back as it was, as a restore from backup does; then the node is started."""
    for table in reversed(TABLES):
        table.objects.all().delete()
    for row in serializers.deserialize("json", copy):
        row.save()


def grow(node, partners: list[WitnessNode], count: int = 1) -> None:
    write(node.now, count)
    actions.sequence(node.now)
    for partner in partners:
        partner.ask()


def alarms() -> set[str]:
    return set(Alarm.objects.filter(cleared_at=None).values_list("code", flat=True))


def test_a_node_without_witnesses_may_sign(node):
    actions.begin(node.now)
    assert actions.may_sign()


def test_beginning_makes_the_empty_log_once(node):
    actions.begin(node.now)
    actions.begin(node.now + dt.timedelta(hours=1))
    (checkpoint,) = Checkpoint.objects.all()
    assert (checkpoint.size, checkpoint.made_at) == (0, node.now)
    assert actions.verify().size == 0


def test_nothing_is_signed_before_a_majority_has_answered(node):
    partners = appointed(node.now, "cert-br", "cert-jp", "cert-se")
    actions.begin(node.now)
    (entry,) = write(node.now)
    for partner in partners[:2]:
        assert not actions.may_sign()
        with pytest.raises(actions.NotClear):
            actions.sequence(node.now)
        with pytest.raises(actions.NotClear):
            actions.clear_to_sign(node.now)
        with pytest.raises(Again):
            actions.sequence_work({}, node.now)
        assert Checkpoint.objects.count() == 1, "only that of the empty tree"
        partner.ask()
    assert actions.may_sign()
    assert actions.sequence(node.now) == 1
    assert Entry.objects.get(pk=entry.pk).index == 0


def test_nothing_waits_for_witnesses_when_nothing_is_to_be_signed(node):
    appointed(node.now, "cert-br")
    assert actions.sequence(node.now) == 0


def test_after_a_restart_the_witnesses_are_asked_again(node):
    partners = appointed(node.now, "cert-br", "cert-jp", "cert-se")
    for partner in partners:
        partner.ask()
    grow(node, partners)
    actions.begin(node.now)
    assert not actions.may_sign()
    assert actions.to_ask(node.now) == [partner.row for partner in partners]
    partners[0].ask()
    assert not actions.may_sign()
    partners[1].ask()
    assert actions.may_sign()


@pytest.mark.parametrize("size_of_backup", [0, 3])
def test_a_node_restored_from_yesterday_s_backup_stops_and_stays_stopped(node, size_of_backup):
    partners = appointed(node.now, "cert-br", "cert-jp", "cert-se")
    for partner in partners:
        partner.ask()
    if size_of_backup:
        grow(node, partners, size_of_backup)
    yesterday = backup()
    grow(node, partners, 2)
    today = backup()
    restore(yesterday)
    actions.begin(node.now)
    write(node.now)
    partners[0].now = partners[1].now = node.now
    with pytest.raises(actions.LogSetBack) as stopped:
        partners[0].ask()
    assert "restore the newer database" in stopped.value.remedy
    signed = Checkpoint.objects.count()
    # Another restart, other witnesses' answers, more tries: it stays stopped.
    for _ in range(2):
        actions.begin(node.now)
        for partner in partners:
            with pytest.raises(actions.LogSetBack):
                partner.ask()
        assert not actions.may_sign()
        with pytest.raises(actions.LogSetBack):
            actions.sequence(node.now)
        with pytest.raises(actions.LogSetBack):
            actions.clear_to_sign(node.now)
    assert Checkpoint.objects.count() == signed
    assert alarms() == {"set-back"}
    assert all(alarm.stops_signing for alarm in Alarm.objects.all())
    # The remedy.
    restore(today)
    actions.begin(node.now)
    for partner in partners:
        partner.ask()
    grow(node, partners)
    assert actions.published_size() == size_of_backup + 3
    assert not alarms()


def test_a_node_that_lost_its_whole_database_stops(node):
    partners = appointed(node.now, "cert-br")
    partners[0].ask()
    grow(node, partners, 5)
    restore("[]")
    appointed(node.now, "cert-br")
    actions.begin(node.now)
    with pytest.raises(actions.LogSetBack):
        partners[0].ask()
    assert not actions.may_sign()


def test_the_alarm_cannot_be_cleared_by_hand(node):
    partners = appointed(node.now, "cert-br")
    partners[0].ask()
    grow(node, partners)
    with pytest.raises(actions.LogSetBack):
        actions.take_cosignature(partners[0].row, 1, 409, b"9\n", node.now)
    with pytest.raises(actions.CannotBeCleared):
        actions.clear_alarm(Alarm.objects.get(), by=node.person("mari"), now=node.now)
    assert not actions.may_sign()


def test_a_node_that_signed_another_history_is_told_by_its_witness(node):
    """As after a restore where nobody asked: both grew apart, and the witness holds the other tree."""
    partners = appointed(node.now, "cert-br")
    partners[0].ask()
    grow(node, partners, 3)
    yesterday = backup()
    grow(node, partners, 2)
    restore(yesterday)
    gate.forget()  # another process of this node
    grow(node, [], 4)  # its witness is not asked: the copy says that it was
    with pytest.raises(actions.LogForked):
        partners[0].ask()
    assert alarms() == {"forked"}
    write(node.now)
    with pytest.raises(actions.LogForked):
        actions.sequence(node.now)


def test_a_witness_with_the_same_size_and_another_root_stops_the_node_too(node):
    """A size alone does not clear: only a cosignature of our own tree does."""
    partners = appointed(node.now, "cert-br")
    partners[0].ask()
    grow(node, partners, 3)
    yesterday = backup()
    grow(node, partners, 2)
    restore(yesterday)
    gate.forget()
    grow(node, [], 2)
    actions.begin(node.now)
    with pytest.raises(actions.LogForked):
        partners[0].ask()
    assert not actions.may_sign()


def test_a_size_alone_does_not_clear(node):
    partners = appointed(node.now, "cert-br")
    partners[0].ask()
    grow(node, partners, 3)
    actions.begin(node.now)
    actions.take_cosignature(partners[0].row, 3, 409, b"3\n", node.now)
    assert not actions.may_sign()


def test_a_witness_that_lies_can_be_dismissed(node):
    """One partner's false word stops the node until it is no witness any more; the others' word then counts again."""
    liar, *honest = appointed(node.now, "cert-br", "cert-jp", "cert-se")
    for partner in (liar, *honest):
        partner.ask()
    grow(node, [liar, *honest])
    with pytest.raises(actions.LogSetBack):
        actions.take_cosignature(liar.row, 1, 409, b"1000\n", node.now)
    assert not actions.may_sign()
    alarm, officer = Alarm.objects.get(cleared_at=None), node.person("mari")
    with pytest.raises(actions.CannotBeCleared):
        actions.clear_alarm(alarm, by=officer, now=node.now)
    actions.remove_witness(liar.party, now=node.now)
    assert not actions.may_sign(), "its word may be true: a person decides"
    actions.clear_alarm(alarm, by=officer, now=node.now)
    assert actions.may_sign()
    grow(node, honest)
    assert actions.published_size() == 2 + 2  # the alarm and its end are entries of the log


def test_a_witness_that_moves_still_says_what_it_said(node):
    """Its name comes of its address: a new card must not end what its word stopped."""
    one, *others = appointed(node.now, "cert-br", "cert-jp", "cert-se")
    for partner in (one, *others):
        partner.ask()
    grow(node, [one, *others])
    with pytest.raises(actions.LogForked):
        actions.take_cosignature(one.row, 1, 422, b"", node.now)
    one.signer = SignerKey("moved.example/cert-br/witness", key_of("moved"), Algorithm.COSIGNATURE)
    one.appoint()
    for partner in (one, *others):
        partner.ask()
    assert not actions.may_sign()
    assert Alarm.objects.get(code="forked").witness == "moved.example/cert-br/witness"
    write(node.now)
    with pytest.raises(actions.LogForked):
        actions.sequence(node.now)


def test_a_database_that_comes_back_older_behind_a_process_that_works_on_is_not_signed_over(node):
    """As a server that fails over to a copy which lags: the process only sees its connection made anew."""
    partners = appointed(node.now, "cert-br", "cert-jp", "cert-se")
    for partner in partners:
        partner.ask()
    grow(node, partners, 3)
    lagging = backup()
    grow(node, partners, 2)
    restore(lagging)
    assert actions.may_sign(), "the rows say that all witnesses have answered"
    signed = Checkpoint.objects.count()
    for _ in range(2):
        write(node.now, 2)
        with pytest.raises(actions.LogStopped, match="older than this node left it"):
            actions.sequence(node.now)
    assert Checkpoint.objects.count() == signed
    assert alarms() == {"set-back"}
    with pytest.raises(actions.CannotBeCleared):
        actions.clear_alarm(Alarm.objects.get(), by=node.person("mari"), now=node.now)


def test_a_witness_that_did_not_answer_does_not_hide_what_another_knows(node):
    partners = appointed(node.now, "cert-br", "cert-jp", "cert-se")
    for partner in partners:
        partner.ask()
    grow(node, partners, 2)
    yesterday = backup()
    grow(node, partners[:2], 2)  # a majority cosigned; the third was down
    restore(yesterday)
    actions.begin(node.now)
    partners[2].ask()
    assert not actions.may_sign(), "one of three is no majority"
    with pytest.raises(actions.LogSetBack):
        partners[0].ask()
    assert not actions.may_sign()


def test_what_the_rows_say_of_a_larger_tree_stops_without_an_alarm_too(node):
    (partner,) = appointed(node.now, "cert-br")
    partner.ask()
    Witness.objects.update(cosigned_size=4)
    write(node.now)
    with pytest.raises(actions.LogSetBack):
        actions.sequence(node.now)
    assert alarms() == {"set-back"}


def test_what_a_witness_says_while_the_sequencer_waits_for_its_turn_counts(node):
    """The gate is asked again under the lock."""
    (partner,) = appointed(node.now, "cert-br")
    partner.ask()
    write(node.now)
    said = False

    def meanwhile(execute, sql, params, many, context):
        nonlocal said
        if "journal_turn" in sql and not said:
            said = True
            Witness.objects.update(cosigned_size=4)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile), pytest.raises(actions.LogSetBack):
        actions.sequence(node.now)
    assert said
    assert Checkpoint.objects.count() == 1

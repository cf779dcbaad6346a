"""Partners' nodes cosign our log over the wire: at once, each by itself; forks and rollbacks are seen and stop us."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.ledger.stores import MemoryStore
from tests.node.journal.partners import write
from tests.node.world import BR, JP, indicator

from comity.ledger import Log, Seen
from comity.node import keyring
from comity.node.border.models import Release
from comity.node.due import actions as due
from comity.node.due.models import Due
from comity.node.exchange import actions
from comity.node.journal import actions as journal
from comity.node.journal.models import Alarm, Checkpoint, Witness
from comity.node.treaties.models import Party

from .neighbourhood import Neighbourhood


@pytest.fixture
def met(near: Neighbourhood) -> Neighbourhood:
    near.meet()
    near.work("witness", party=BR)
    near.work("witness", party=JP)
    Due.objects.all().delete()
    return near


def grown(near: Neighbourhood) -> Checkpoint:
    """Something happened, and was sequenced."""
    write(near.world.now, first=Checkpoint.objects.count())
    journal.sequence(near.world.now)
    newest = Checkpoint.objects.order_by("-size").first()
    assert newest is not None
    return newest


def test_a_log_that_has_grown_is_shown_to_every_witness_and_published_with_the_quorum(met: Neighbourhood):
    newest = grown(met)
    assert met.waits("witness")[""] <= met.world.now, "asked for with the checkpoint, in its transaction"
    actions.witness_work({}, met.world.now)
    assert set(met.waits("witness")) >= {BR, JP}
    assert met.work("witness", party=BR) == ""
    assert journal.published_size() < newest.size, "one of two is too few"
    assert met.work("witness", party=JP) == ""
    assert journal.published_size() == newest.size
    assert journal.proof_time(met.world.now) == met.world.now
    assert str(newest.size) in met.waits("publish"), "what waited for its proof goes out"


def test_a_release_is_published_once_partners_have_seen_it(near: Neighbourhood):
    near.meet()
    near.world.submitted([indicator("one")])
    journal.sequence(near.world.now)
    for party in (BR, JP):
        near.work("witness", party=party)
    for row in Due.objects.filter(kind="publish"):
        assert due.perform(row.pk)
    assert not Release.objects.filter(published_at=None).exists()
    assert len(near.world.read(BR)) == 2, "the indicator, and its marking"


def test_a_witness_that_is_away_holds_up_nobody_else(met: Neighbourhood):
    grown(met)
    Party.objects.filter(pk=JP).update(url="https://localhost:1")
    assert met.work("witness", party=JP) == "not-connected"
    assert met.work("witness", party=BR) == ""
    assert Witness.objects.get(party=BR).cosigned_size == Checkpoint.objects.order_by("-size")[0].size


def test_one_that_is_away_is_not_asked_again_before_its_time(met: Neighbourhood):
    """A busy log would else wait for its time-out again and again."""
    Party.objects.filter(pk=JP).update(url="https://localhost:1")
    grown(met)
    actions.witness_work({}, met.world.now)
    (row,) = Due.objects.filter(kind="witness", key=JP)
    assert not due.perform(row.pk)
    later = met.waits("witness")[JP]
    assert later > met.world.now
    grown(met)
    actions.witness_work({}, met.world.now)
    assert met.waits("witness")[JP] == later


def test_nobody_is_asked_who_has_cosigned_the_newest_checkpoint_lately(met: Neighbourhood):
    for party in (BR, JP):  # meeting and pausing write nothing, so all is cosigned
        met.work("witness", party=party)
    before = [len(one.witness.requests) for one in (met.br, met.jp)]
    actions.witness_work({}, met.world.now)
    assert not set(met.waits("witness")) & {BR, JP}
    assert [len(one.witness.requests) for one in (met.br, met.jp)] == before


def test_a_log_that_rests_is_cosigned_again_so_that_its_proof_stays_fresh(met: Neighbourhood):
    met.world.later(dt.timedelta(minutes=10), witnessed=False)
    actions.witness_work({}, met.world.now)
    assert {BR, JP} <= set(met.waits("witness"))
    for party in (BR, JP):
        met.work("witness", party=party)
    assert journal.proof_time(met.world.now) == met.world.now


def test_a_node_that_has_just_started_asks_before_it_signs(met: Neighbourhood):
    """Attack A71: the gate."""
    journal.begin(met.world.now)
    actions.begin(met.world.now)
    assert met.waits("witness")[""] == met.world.now
    assert not journal.may_sign()
    write(met.world.now)
    with pytest.raises(journal.NotClear):
        journal.sequence(met.world.now)
    actions.witness_work({}, met.world.now)
    Due.objects.filter(kind="sequence").delete()
    for party in (BR, JP):
        assert met.work("witness", party=party) == ""
    assert journal.may_sign()
    assert met.waits("sequence")[""] == met.world.now, "what waited for the gate goes on at once"


def test_a_node_set_back_to_a_copy_stops_and_says_so(met: Neighbourhood):
    """Attack A71: its witness has cosigned more than it holds."""
    newest = grown(met)
    other = Log.create(MemoryStore(), keyring.held().log)
    other.append([b"x"] * (newest.size + 5))
    checkpoint = other.checkpoint
    met.br.witness.state[checkpoint.origin] = Seen(size=checkpoint.size, root=checkpoint.root)
    assert met.work("witness", party=BR) == "log-set-back"
    assert "set-back" in met.alarms()
    assert not journal.may_sign()
    write(met.world.now)
    with pytest.raises(journal.LogSetBack):
        journal.sequence(met.world.now)


def test_a_fork_of_our_log_stops_it_and_says_so(met: Neighbourhood):
    """Attack A70: the witness holds another tree of the same size as one of ours."""
    newest = grown(met)
    other = Log.create(MemoryStore(), keyring.held().log)
    other.append([b"another history"] * newest.size)
    met.br.witness.state[newest_name()] = Seen(size=newest.size, root=other.checkpoint.root)
    assert met.work("witness", party=BR) == "log-forked"
    assert Alarm.objects.get(code="forked").witness == met.br.witness.signer.name
    assert not journal.may_sign()


def newest_name() -> str:
    return keyring.held().log.name


def test_a_witness_that_signs_in_anothers_name_is_not_counted(met: Neighbourhood):
    newest = grown(met)
    met.br.witness.signer = met.jp.witness.signer
    assert met.work("witness", party=BR) == "no-known-signature"
    assert Witness.objects.get(party=BR).cosigned_size < newest.size


def test_a_witness_whose_clock_is_wrong_makes_nothing_fresh(met: Neighbourhood):
    grown(met)
    now = met.world.now
    met.br.now = lambda: now + dt.timedelta(hours=3)
    assert met.work("witness", party=BR) == "witness-clock"


def test_stale_proof_is_alarmed_and_stops_releasing_and_heals(met: Neighbourhood):
    """Promise 5: partners are away for longer than the agreement allows."""
    met.world.sent([indicator("one")])
    assert met.world.read(BR)
    met.world.later(dt.timedelta(hours=25), witnessed=False)
    actions.witness_work({}, met.world.now)
    assert "stale-proof" in met.alarms()
    assert met.world.read(BR) == []
    for party in (BR, JP):
        met.work("witness", party=party)
    assert "stale-proof" not in met.alarms()
    assert met.world.read(BR)

"""Whatever is written, sequenced, cosigned, restarted and forgotten in whatever order: one history, and it verifies."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.node.journal.partners import PartnerLog, appointed

from comity.canon import digest
from comity.ledger import majority, open_checkpoint, verify_consistency, verify_proof
from comity.ledger.consistency import prove_consistency
from comity.ledger.store import StoredTree
from comity.node import keyring
from comity.node.due.models import Due
from comity.node.journal import actions, models
from comity.node.journal.models import Checkpoint, Entry, Seen
from comity.node.journal.rows import Rows

BEGAN = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)


class Died(Exception):
    pass


class History(RuleBasedStateMachine):
    """Three witnesses, a partner's log that we watch, and a node that is killed and restarted."""

    def __init__(self) -> None:
        super().__init__()
        for table in (models.Cosignature, Checkpoint, Entry, models.Tile, models.Witness, Seen, models.Alarm, Due):
            table.objects.all().delete()
        models.Turn.objects.all().delete()
        models.Salt.objects.all().delete()
        self.now = BEGAN
        self.partners = appointed(self.now, "cert-br", "cert-jp", "cert-se")
        self.log = PartnerLog()
        self.log.watch()
        self.written: dict[int, str] = {}  # entry -> its subject
        self.destroyed: set[str] = set()
        self.notes: list[bytes] = []  # every checkpoint that anybody was shown
        self.watched = 0
        actions.begin(self.now)

    @rule(count=st.integers(1, 40))
    def write(self, count: int) -> None:
        with transaction.atomic():
            for _ in range(count):
                subject = f"s-{len(self.written)}"
                entry = actions.record(
                    "border:bill:kept", subject, kind="import", facts={}, now=self.now, commits_to=digest(b"content")
                )
                self.written[entry.pk] = subject

    @rule()
    def write_and_fail(self) -> None:
        try:
            with transaction.atomic():
                actions.record("border:bill:kept", "never", kind="import", facts={}, now=self.now, commits_to="x")
                raise Died
        except Died:
            pass

    @rule()
    def sequence(self) -> None:
        try:
            actions.sequence(self.now)
        except actions.NotClear:
            assert not actions.may_sign()
            assert not Entry.objects.filter(index__gte=actions.published_size(), index=None).exists()

    @rule(who=st.integers(0, 2))
    def cosign(self, who: int) -> None:
        self.partners[who].now = self.now
        self.partners[who].ask()
        self.notes.append(bytes(Checkpoint.objects.order_by("-size")[0].note))

    @rule()
    def restart(self) -> None:
        actions.begin(self.now)

    @rule(minutes=st.integers(0, 600))
    def time_passes(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        subject = data.draw(st.sampled_from(sorted(set(self.written.values()))))
        actions.destroy_salts([subject])
        self.destroyed.add(subject)

    @rule(old=st.integers(0, 60), size=st.integers(0, 60))
    def watch(self, old: int, size: int) -> None:
        proof = None if 0 < old <= size else []
        reply = actions.answer(self.log.request(old, size, proof), self.now)
        if reply.status == 200:
            assert (old, size) >= (self.watched, self.watched)
            self.watched = size

    @invariant()
    def all_of_it_verifies(self) -> None:
        verified = actions.verify()
        placed = list(Entry.objects.exclude(index=None).order_by("index").values_list("index", flat=True))
        assert placed == list(range(verified.size))
        assert verified.size + verified.waiting == Entry.objects.count() >= len(self.written)
        assert set(Entry.objects.filter(event="border:bill:kept").values_list("pk", flat=True)) == set(self.written)

    @invariant()
    def what_we_watch_never_went_back(self) -> None:
        assert Seen.objects.get().size == self.watched

    @invariant()
    def what_is_fresh_was_cosigned_by_a_majority(self) -> None:
        time = actions.proof_time(self.now)
        assert time is None or time <= self.now
        size = actions.published_size()
        vouching = [one for one in self.partners if one.state and next(iter(one.state.values())).size >= size]
        assert time is None or len(vouching) >= 2

    def teardown(self) -> None:
        """In the end all is sequenced, every checkpoint that was shown is of one history, and every entry is proved."""
        for partner in self.partners:
            partner.now = self.now
            partner.ask()
        actions.sequence(self.now)
        for partner in self.partners:
            partner.ask()
        newest = Checkpoint.objects.order_by("-size")[0]
        tree, log = StoredTree(Rows(), newest.size), keyring.held().log.verifier
        for note in self.notes:
            shown, _ = open_checkpoint(note, log)
            if shown.size:
                proof = prove_consistency(tree.node, shown.size, newest.size)
                verify_consistency(shown.size, newest.size, shown.root, bytes(newest.root), proof)
        policy = majority({one.signer.name: one.signer.verifier for one in self.partners})
        for entry in Entry.objects.filter(pk__in=self.written):
            verify_proof(bytes(entry.body), actions.prove(entry), log, policy=policy)
            opened = entry.subject not in self.destroyed
            assert models.Salt.objects.filter(entry_leaf=bytes(entry.leaf).hex()).exists() == opened
        assert not models.Alarm.objects.filter(stops_signing=True).exists()


def test_any_history(node):
    """Written, sequenced, cosigned, restarted, forgotten, watched: in any order."""
    del node
    run_state_machine_as_test(History, settings=settings(max_examples=15, stateful_step_count=15))

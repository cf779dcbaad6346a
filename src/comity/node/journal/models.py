"""Entries, the tree over them, and what witnesses said. Nothing here is ever changed once it is sequenced.

Where the log itself does not hold a column, `seal` does (see `seals`): who edits the database is found either way.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """One statement (`comity.ledger.Statement`), written in the transaction of what it tells of, then sequenced."""

    id = models.BigAutoField(primary_key=True)
    event = models.CharField(max_length=64)  # as "border:release:made"; a row of `reactions` may follow it
    subject = models.CharField(max_length=120)  # the row here that it tells of; not in the log itself
    body = models.BinaryField()  # what is hashed
    leaf = models.BinaryField(max_length=32)
    index = models.BigIntegerField(null=True, unique=True)  # its place in the log; None until sequenced
    written_at = models.DateTimeField()  # business time
    seal = models.BinaryField(max_length=32, default=b"")

    class Meta:
        indexes = (
            models.Index(fields=("id",), condition=Q(index=None), name="entries_unsequenced"),
            models.Index(fields=("event", "subject")),
        )


class Salt(models.Model):
    """Opens a commitment in an entry. In the database of keys: destroyed with the content, so the entry says nothing.

    It is there before the entry that needs it; `entry_leaf` is the leaf hash in hex. The salt of the content goes to
    the partner with the bill; who acted has a salt of its own, which never leaves and outlives the content.
    """

    CONTENT, ACTOR = "content", "actor"

    id = models.BigAutoField(primary_key=True)
    entry_leaf = models.CharField(max_length=64)
    opens = models.CharField(max_length=8, choices=((CONTENT, CONTENT), (ACTOR, ACTOR)))
    subject = models.CharField(max_length=120, db_index=True)
    salt = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("entry_leaf", "opens"), name="one_salt_for_a_commitment"),)


class Tile(models.Model):
    """A file of the log by its path (C2SP tlog-tiles): hash tiles, entry bundles, and the published checkpoint."""

    path = models.CharField(max_length=120, primary_key=True)
    data = models.BinaryField()


class Checkpoint(models.Model):
    """Every checkpoint we signed. INVARIANT: sizes only grow, and one size has one root."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.BinaryField()  # as signed by the log alone
    made_at = models.DateTimeField()
    witnessed_at = models.DateTimeField(null=True)  # business time up to which a quorum vouches for it; None before
    seal = models.BinaryField(max_length=32, default=b"")


class Cosignature(models.Model):
    """What a witness answered for a checkpoint of ours."""

    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="cosignatures")
    witness = models.CharField(max_length=200)
    key = models.TextField()  # verifier key that it was verified with: a witness may change its key later
    line = models.TextField()
    time = models.DateTimeField()  # as the witness says, in business time
    seal = models.BinaryField(max_length=32, default=b"")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("checkpoint", "witness"), name="one_line_for_each_witness"),)


class Witness(models.Model):
    """A partner's node that cosigns our log; its quorum is `comity.ledger.majority`, never counting ourselves."""

    name = models.CharField(max_length=200, primary_key=True)
    party = models.CharField(max_length=64, unique=True)
    key = models.TextField()  # verifier key of its cosignatures
    url = models.CharField(max_length=300)
    cosigned_size = models.BigIntegerField(default=0)  # the last size it cosigned for us, as it told us
    asked_at = models.DateTimeField(
        null=True
    )  # when it last cosigned our tree as it stands; None: not since we started


class Seen(models.Model):
    """What we cosigned last for a partner's log: read, compared and stored in one step, before the answer leaves."""

    origin = models.CharField(max_length=200, primary_key=True)
    key = models.TextField()  # verifier key of that log; "": it is watched no more, and what we cosigned is kept
    size = models.BigIntegerField(default=0)
    root = models.BinaryField(max_length=32)
    note = models.BinaryField(default=b"")  # the checkpoint with its log's signature and ours
    at = models.DateTimeField(null=True)
    seal = models.BinaryField(max_length=32, default=b"")


class Alarm(models.Model):
    """Something about a log, ours or a partner's, that must not be: a fork, a rollback, a stale proof."""

    code = models.CharField(max_length=40)
    log = models.CharField(max_length=200)
    witness = models.CharField(max_length=200, default="")  # on whose word; "": on what we see ourselves
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    evidence = models.BinaryField(default=b"")  # checkpoints and proofs as they came
    stops_signing = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("code", "log", "witness"), condition=Q(cleared_at=None), name="one_open_alarm_of_a_kind"
            ),
        )


class Turn(models.Model):
    """One row that the sequencer locks."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last_now = models.DateTimeField(null=True)  # business time never goes back: what was is remembered here

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_turn"),)

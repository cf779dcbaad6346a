"""Boxes, their keys, and holdings. INVARIANT: no material is in any database unsealed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from comity.node import chance


class Box(models.Model):
    """Something sealed under its own key: material, circumstances, a released copy, an officer's words."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    kind = models.CharField(max_length=24)  # a name in `vault.actions.KINDS`
    sealed = models.BinaryField()  # nonce and AES-256-GCM under the box's key, its id and kind as associated data
    made_at = models.DateTimeField()  # business time
    expires = models.DateTimeField(null=True)  # None: while what it belongs to is kept
    hold = models.CharField(max_length=64, default="")  # code of the legal ground on which it is not deleted yet
    hold_review = models.DateTimeField(null=True)  # when a person looks at that ground again; a hold never just lapses

    class Meta:
        indexes = (
            models.Index(fields=("expires",), name="boxes_by_expiry"),
            models.Index(fields=("hold_review",), condition=~Q(hold=""), name="boxes_on_hold"),
        )


class BoxKey(models.Model):
    """The key of a box, wrapped. It is there before its box, and destroyed before it; a sweep repairs both.

    A destroyed key leaves its row for a while, without the key: so that a sweep can tell a box whose key was destroyed
    (its row must go too) from one whose key is not to be found (a lost or foreign database of keys: nothing goes).
    """

    box_id = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()  # empty once destroyed
    made_at = models.DateTimeField()  # real time, so that a sweep can tell what is still being written
    destroyed_at = models.DateTimeField(null=True)  # real time
    scrubbed = models.BooleanField(default=False)  # no file of this database holds the key's bytes any more

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(destroyed_at=None) | Q(wrapped=b""), name="a_destroyed_key_is_not_there"
            ),
        )
        indexes = (models.Index(fields=("destroyed_at", "scrubbed"), name="keys_destroyed"),)


class Holding(models.Model):
    """One object version under one agreement since its first receipt, with its own key and expiry.

    The same object under two agreements is two holdings. `box` is None once it is deleted: the row remains as the
    receipt's witness, without anything of the content, and under a name that tells nothing of it (`vault.names`).
    """

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    agreement = models.CharField(max_length=120)
    partner = models.CharField(max_length=64)  # who sent it (received) or whom it went to (released)
    direction = models.CharField(max_length=8, choices=(("received", "received"), ("released", "released")))
    bill = models.CharField(max_length=80)  # id of the bill it came or went with
    object_id = models.CharField(max_length=120)
    object_type = models.CharField(max_length=80)
    version = models.CharField(max_length=40)  # "" for an observable
    digest = models.CharField(max_length=71)  # destroyed with the box, since a short object can be guessed from it
    box = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="holding")
    first_receipt = models.DateTimeField()  # business time; touching an object does not restart it (promise 6)
    expires = models.DateTimeField()
    clauses = models.JSONField(default=list)  # that let it cross
    deleted_at = models.DateTimeField(null=True)
    deleted_why = models.CharField(max_length=24, default="")  # a code of `vault.actions.WHYS`

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "partner", "direction", "object_id", "version"),
                condition=Q(deleted_at=None),
                name="one_holding_of_a_version",
            ),
        )
        indexes = (
            models.Index(fields=("object_id",)),
            models.Index(fields=("bill",)),
            models.Index(fields=("expires",), condition=Q(deleted_at=None), name="holdings_by_expiry"),
        )


class Tombstone(models.Model):
    """What was deleted on terms, by keyed tag: it does not come back by another way (attack A81).

    Only what was received has one. It is there before the key is destroyed, in the same transaction.
    """

    tag = models.CharField(max_length=64, primary_key=True)  # HMAC over agreement, object id and version
    until = models.DateTimeField(db_index=True)  # business time

"""Partners' nodes as we know them, how far we have read them, and what keeps their requests honest."""

from __future__ import annotations

from django.db import models

from comity.node import chance
from comity.node.border.models import Collection
from comity.node.treaties.models import Party
from comity.node.vault.models import Box


class Peer(models.Model):
    """A partner's node: its card (log key, witness key), as its pinned key signed it."""

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="peer")
    card = models.BinaryField(default=b"")
    serial = models.BigIntegerField(default=0)  # of the newest card seen; an older one is refused
    log_name = models.CharField(max_length=200, default="")
    log_key = models.TextField(default="")
    witness_key = models.TextField(default="")
    fetched_at = models.DateTimeField(null=True)
    visited_at = models.DateTimeField(null=True)  # the last pull that went through
    paused_why = models.CharField(max_length=64, default="")  # a code: nothing is pulled until a person looks


class Cursor(models.Model):
    """How far we have read one collection at a partner: the date_added of the last item stored durably."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="cursors")
    collection = models.UUIDField()
    added_after = models.CharField(max_length=27, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("party", "collection"), name="one_cursor_a_collection"),)


class Nonce(models.Model):
    """A nonce that a signed request used: a second use is refused until it expires (RFC 9421 section 7.2.2)."""

    key_id = models.CharField(max_length=120)
    nonce = models.CharField(max_length=64)
    expires = models.DateTimeField(db_index=True)  # real time

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key_id", "nonce"), name="a_nonce_once"),)


class Tool(models.Model):
    """Another tool of a partner's that may read its collections: off until an operator turns it on, read only."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    partner = models.ForeignKey(Party, models.PROTECT, related_name="tools")
    scheme = models.CharField(max_length=8, choices=(("basic", "basic"), ("oauth2", "oauth2")))
    username = models.CharField(max_length=100, unique=True)  # of Basic; the client id of OAuth 2
    password = models.CharField(max_length=300, default="")  # Django's hash; "" for OAuth 2
    enabled = models.BooleanField(default=False)
    ends = models.DateTimeField()
    made_at = models.DateTimeField()


class Post(models.Model):
    """A TAXII status: what became of an envelope that a partner posted (TAXII 2.1 section 4.3)."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="posts")
    partner = models.CharField(max_length=64)
    posted_at = models.DateTimeField()
    digest = models.CharField(max_length=76)  # of the envelope; keyed, since a short object can be guessed from it
    total = models.PositiveIntegerField()  # objects in it
    box = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")  # the envelope, until it was taken
    results = models.JSONField(default=list)  # [id, version, code] of each object; code "" where it was taken
    done_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = (
            # A retry with the same body has the same effect, and the same status.
            models.UniqueConstraint(fields=("collection", "digest"), name="an_envelope_once"),
        )


class Parcel(models.Model):
    """A release on its way in: what of a bill's objects has come, until all of it can be verified together."""

    bill_id = models.CharField(max_length=80, primary_key=True)
    party = models.ForeignKey(Party, models.PROTECT, related_name="parcels")
    state = models.CharField(max_length=10, default="waiting")  # waiting, stored, refused
    reason = models.CharField(max_length=64, default="")  # a code: what it waits for, or why it was refused
    bill_box = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")  # None once it is stored
    listed = models.PositiveIntegerField(default=0)  # objects on the bill
    first_seen = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("party", "state"), name="parcels_by_state"),)


class Part(models.Model):
    """Objects of a parcel that came on one page, sealed together."""

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="parts")
    box = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")
    places = models.JSONField()  # of each object: where it stands in the bill's list, from 0


class Message(models.Model):
    """A message that came or went, once. Its content is on the shelf (ours) or acted upon (theirs)."""

    id = models.CharField(max_length=80, primary_key=True)  # its STIX id
    partner = models.CharField(max_length=64)
    outward = models.BooleanField()
    kind = models.CharField(max_length=32)
    about = models.CharField(max_length=80)  # id of the bill
    at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

"""What is on its way across, what waits for a person, and what stands on the shelf."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from comity.node import chance
from comity.node.journal.models import Entry
from comity.node.treaties.models import Consent, Flow
from comity.node.vault.models import Box, Holding


class Collection(models.Model):
    """A TAXII collection of one partner: material of one flow, or the messages of one direction.

    `id` derives from agreement, party and kind under our key, shaped as a UUID version 4. A partner sees only its own.
    """

    id = models.UUIDField(primary_key=True)
    partner = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=8, choices=(("material", "material"), ("messages", "messages")))
    outward = models.BooleanField()  # True: they read what we send; False: they write what they send
    flow = models.ForeignKey(Flow, models.PROTECT, null=True, related_name="collections")  # None: messages
    title = models.CharField(max_length=200)
    last_added = models.DateTimeField(null=True)  # date_added of the newest item: the next one's is later

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "flow"), name="one_material_collection_a_flow"),
            models.UniqueConstraint(
                fields=("partner", "outward"), condition=Q(flow=None), name="one_messages_collection_each_way"
            ),
        )


class Submission(models.Model):
    """A file that somebody proposes to share. Its content is in a box that expires with the last copy that went out."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    source = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")  # STIX bundle, converted, as read
    name = models.CharField(max_length=200)  # made here, never the sender's file name (attack A26)
    format = models.CharField(max_length=16)
    submitter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="submissions")
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField()  # business time at which the file was read: what `now` was for its converter
    purpose = models.CharField(max_length=64, default="")  # "" until it is submitted
    collected_by = models.CharField(max_length=32, default="")
    objects_count = models.PositiveIntegerField(default=0)
    losses = models.JSONField(default=list)  # what the conversion dropped, and why
    invalid = models.JSONField(default=list)  # [place, why] of objects that are no valid STIX: kept, and never sent
    deleted_at = models.DateTimeField(null=True)


class Crossing(models.Model):
    """A submission crossed under one flow at one moment: the record, and what is needed to do it again."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="crossings")
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="crossings")
    plan_on = models.DateField()  # with the flow's text and the law pack, the plan
    text_digest = models.CharField(max_length=71)
    law_digest = models.CharField(max_length=71)
    decided_at = models.DateTimeField()  # `now` of the crossing
    circumstances = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")
    circumstances_digest = models.CharField(max_length=71)
    record = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")  # decisions, a line each
    counts = models.JSONField(default=dict)
    waits = models.CharField(max_length=32, default="")  # a code: why nothing of it may be released yet
    latest = models.BooleanField(default=True)  # of its submission and flow

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "flow"), condition=Q(latest=True), name="one_latest_crossing"
            ),
        )


class Question(models.Model):
    """What a rule could not decide: asked of an officer who did not submit it.

    `referral` is the crossing's name for it. The same content submitted again is asked again, since who submits it, and
    so who may answer, can be another.
    """

    ASKED, APPROVED, REJECTED, EXPIRED = "asked", "approved", "rejected", "expired"
    REPLACED = "replaced"  # what it asked about has changed, and is asked anew

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    referral = models.CharField(max_length=64)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="questions")
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="+")
    crossing = models.ForeignKey(Crossing, models.SET_NULL, null=True, related_name="questions")
    object_id = models.CharField(max_length=120)
    path = models.CharField(max_length=500, default="")  # JSON Pointer of the doubtful place; "": the whole object
    reasons = models.JSONField(default=list)  # codes
    state = models.CharField(max_length=8, default=ASKED)
    asked_at = models.DateTimeField()
    expires = models.DateTimeField()  # an unanswered question expires to no
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("submission", "flow", "referral"), name="a_question_is_asked_once"),
        )
        indexes = (models.Index(fields=("state", "expires")),)


class Approval(models.Model):
    """An officer's yes or no to one question, about exactly the bytes that were shown."""

    question = models.OneToOneField(Question, models.CASCADE, related_name="answer")
    yes = models.BooleanField()
    ground = models.CharField(max_length=64)  # a code: every refusal has a ground
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    shown = models.CharField(max_length=71)  # digest of the before-and-after that was approved (attack A76)


class Strip(models.Model):
    """What an officer took out beyond the rules: these places of this object do not go to this partner."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="strips")
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="+")
    object_id = models.CharField(max_length=120)
    path = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Release(models.Model):
    """A set of crossed objects for one partner, with its bill. Visible once its entry is sequenced and witnessed."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    crossing = models.ForeignKey(Crossing, models.SET_NULL, null=True, related_name="releases")
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="releases")
    purpose = models.CharField(max_length=64)
    bill_box = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")  # signed; proof once published
    bill_id = models.CharField(max_length=80, unique=True)
    root = models.CharField(max_length=71)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="release")
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)  # when its objects got their date_added
    receipt_box = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")
    complete_at = models.DateTimeField(null=True)  # the receiver countersigned the root for all of it
    withdrawn_at = models.DateTimeField(null=True)


class Shelved(models.Model):
    """One item that a partner may read: a released object or a message. The door is the only way onto the shelf."""

    id = models.BigAutoField(primary_key=True)
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="items")
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="items")  # None: a message
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    holding = models.ForeignKey(Holding, models.PROTECT, null=True, related_name="shelved")
    box = models.ForeignKey(Box, models.SET_NULL, null=True, related_name="+")
    consents = models.ManyToManyField(Consent, related_name="+")  # on which it stands there, each of them
    object_id = models.CharField(max_length=120)
    object_type = models.CharField(max_length=80)
    spec_version = models.CharField(max_length=8, default="2.1")
    version = models.CharField(max_length=40)  # as TAXII gives it: modified, created, or date_added
    version_key = models.CharField(max_length=40, default="")  # the same as `versions.version_key` writes it: it sorts
    source = models.CharField(max_length=32, default="", db_index=True)  # keyed: the id and version it was made of
    substance = models.CharField(max_length=64, default="")  # digest without `modified`: what a delta compares; keyed
    date_added = models.DateTimeField(null=True)  # unique and rising in its collection; None until published
    expires = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    deleted_there_at = models.DateTimeField(null=True)  # as the partner's deletion receipt says

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("collection", "date_added"), name="date_added_is_unique"),
            models.UniqueConstraint(
                fields=("collection", "object_id", "version"), condition=Q(withdrawn_at=None), name="a_version_once"
            ),
        )
        indexes = (
            models.Index(fields=("collection", "date_added", "id"), name="shelf_in_order"),
            models.Index(fields=("collection", "object_id", "version_key"), name="shelf_by_version"),
        )


class Withdrawal(models.Model):
    """A retraction that we sent: which release, why, and until when the partner has deleted it."""

    id = models.CharField(max_length=80, primary_key=True)  # of the retraction, a STIX id
    release = models.ForeignKey(Release, models.PROTECT, related_name="withdrawals")
    why = models.CharField(max_length=32)  # a code of `messages.Withdrawal`
    at = models.DateTimeField()
    delete_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # a deletion receipt came for it


class Arrival(models.Model):
    """A release that came: its bill, until nothing of it is kept, and the receipt that we gave for it."""

    bill_id = models.CharField(max_length=80, primary_key=True)
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="arrivals")
    purpose = models.CharField(max_length=64)
    bill_box = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")
    receipt = models.OneToOneField(Shelved, models.PROTECT, related_name="+")
    came_at = models.DateTimeField()
    stored = models.PositiveIntegerField()
    missing = models.JSONField(default=dict)  # how many objects were not stored, by reason
    answers = models.JSONField(default=dict)  # id of a retraction -> id of the row with the deletion receipt for it
    told = models.JSONField(default=list)  # ids of holdings whose deletion the origin was told of


class Quarantined(models.Model):
    """What a partner sent that its agreement does not let it send, or that cannot be read. It is used for nothing."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    partner = models.CharField(max_length=64)
    bill_id = models.CharField(max_length=80, default="")
    object_id = models.CharField(max_length=120, default="")  # as `vault.once_gone` writes it, from the beginning
    reason = models.CharField(max_length=64)  # a code in `border.actions.QUARANTINE`
    box = models.OneToOneField(Box, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

"""Agreements stay as they were signed; a new version supersedes, and nothing overwrites."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from comity.node import chance


class Text(models.Model):
    """An agreement, byte for byte as signed. Flows point at the version in force."""

    digest = models.CharField(max_length=71, primary_key=True)  # sha256 of its JCS form
    agreement = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    source = models.BinaryField()  # the YAML
    signatures = models.BinaryField()  # as `comity.agreement.write_signatures` wrote them
    baseline = models.ForeignKey("self", models.PROTECT, null=True, related_name="annexes")
    accepted_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agreement", "version"), name="one_text_for_a_version"),
            models.UniqueConstraint(fields=("agreement",), condition=Q(superseded_at=None), name="one_text_in_force"),
        )


class Party(models.Model):
    """An organisation that an agreement binds, with the key it pins. One row is ourselves."""

    id = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=8)
    key = models.CharField(max_length=80)  # ed25519:<base64>
    url = models.CharField(max_length=300, default="")


class Flow(models.Model):
    """One direction of an agreement between us and a partner."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    text = models.ForeignKey(Text, models.PROTECT, related_name="flows")
    agreement = models.CharField(max_length=120)
    origin = models.CharField(max_length=64)
    destination = models.CharField(max_length=64)
    partner = models.ForeignKey(Party, models.PROTECT, related_name="flows")  # the one of the two that is not us
    outward = models.BooleanField()  # we send
    starts = models.DateField()  # first day in force
    ends = models.DateField()  # last day in force: the sunset
    witnessed_within = models.DurationField(null=True)  # how fresh proof must be, as the agreement says
    suspended_at = models.DateTimeField(null=True)
    suspended_why = models.CharField(max_length=64, default="")  # a code

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agreement", "origin", "destination"), name="one_flow_each_way"),
        )


class Consent(models.Model):
    """A recorded permission of one of the three kinds a share clause can ask for (ISO/IEC TS 27560)."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    of = models.CharField(max_length=24)  # originator, victim-organisation, data-subject
    agreements = models.JSONField(default=list)  # ids; empty: all
    objects_about = models.JSONField(default=list)  # STIX ids; empty: all of the submission it was recorded for
    submission = models.UUIDField(null=True)
    reference = models.CharField(max_length=200)  # where the consent itself is kept
    until = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField()
    withdrawn_at = models.DateTimeField(null=True)

"""Due work: what is to be done, since when, how often it failed, and who is at it now."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Due(models.Model):
    """One piece of work. Whoever holds its lease does it; a lease that lapses frees it for another.

    INVARIANT: work is idempotent: whoever was killed after doing it and before saying so is followed by one who does
    it again, and nothing is there twice.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=64)  # a name in `comity.node.work.WORK`
    key = models.CharField(max_length=200)  # what it is about: one open row for each kind and key
    facts = models.JSONField(default=dict)  # ids and codes only: no personal data
    due_at = models.DateTimeField()  # business time
    again_at = models.DateTimeField(null=True)  # business time; it was asked for once more while somebody was at it
    attempts = models.PositiveIntegerField(default=0)  # that ended in an error, one after the other
    lease_until = models.DateTimeField(null=True)  # real time
    holder = models.CharField(max_length=64, default="")  # of the lease: another name for each time it is taken
    done_at = models.DateTimeField(null=True)  # business time
    given_up_at = models.DateTimeField(null=True)  # business time
    last_error = models.CharField(max_length=500, default="")  # an error's class, never its data

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "key"), condition=Q(done_at=None, given_up_at=None), name="one_open_row_for_each_work"
            ),
        )
        indexes = (models.Index(fields=("due_at",), condition=Q(done_at=None, given_up_at=None), name="due_open"),)

"""People of this organisation, their roles, and the pseudonym under which the ledger knows each.

Roles and what they may do are rows, seeded from `roles.toml`: an organisation names its own.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from comity.node import chance


class People(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(username=username)


class Person(AbstractBaseUser):
    """Somebody who signs in. No superusers and no default account: what a person may do is in `Assignment`."""

    id = models.UUIDField(primary_key=True, default=chance.uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = People()

    def __str__(self) -> str:
        return self.username


class Role(models.Model):
    """What somebody may do here; `excludes` are roles that the same person may not have at the same time."""

    code = models.CharField(max_length=40, primary_key=True)
    title = models.CharField(max_length=100)
    verbs = models.JSONField(default=list)
    excludes = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.code


class Assignment(models.Model):
    """A role that a person has from one instant to another (business time)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="assignments")
    role = models.ForeignKey(Role, models.PROTECT)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = (models.Index(fields=("person", "ends")),)


class Pseudonym(models.Model):
    """The overseer's register: which name in the ledger is whose. Kept with the keys, so that it can be destroyed."""

    name = models.CharField(max_length=32, primary_key=True)  # 128 bits of chance, in hex
    person_id = models.UUIDField(unique=True)


class CodeTries(models.Model):
    """A person's tries at one-time codes: failures in a row, and the last time step whose code was taken (RFC 6238)."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="code_tries")
    failures = models.PositiveIntegerField(default=0)
    opens_at = models.DateTimeField(null=True)  # real time; no try before it
    step = models.BigIntegerField(default=-1)


class Counter(models.Model):
    """A row of Django's database cache: counters of tries, and sign-ins of programs that are under way.

    The columns are those of `createcachetable`; as a model, they are made, tested and emptied like every other table.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "counters"

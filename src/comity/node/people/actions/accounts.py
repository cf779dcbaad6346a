"""Make an account, set its password, close it. Nobody signs up by themselves, and there is no account by default."""

from __future__ import annotations

import datetime as dt
import re

from allauth.idp.oidc.models import Token
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from comity.canon import InputError
from comity.node.people.actions.assignments import OwnAccount
from comity.node.people.actions.permission import require
from comity.node.people.models import Assignment, Person

_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,148}[a-z0-9])?")


class BadUsername(InputError):
    what = "no account was made"
    why = "{reason}"
    do = "take 1 to 150 small letters, digits, dots, hyphens and underscores that nobody else has"


class BadPassword(InputError):
    what = "the password was not set"
    why = "{reason}"
    do = "take at least 15 characters that are not in any list; a password manager makes good ones"


def add_person(username: str, *, name: str, now: dt.datetime) -> Person:
    """An account without a password, a second factor or a role: it can do nothing until it is given them.

    Raises: BadUsername.
    """
    # One spelling only: names that differ by case or by a look-alike letter are how one person passes for another.
    if not _USERNAME.fullmatch(username):
        raise BadUsername(reason="the name for signing in has other characters than it may, or too many")
    person = Person(username=username, name=name, made_at=now)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise BadUsername(reason="somebody has this name already") from None
    return person


def set_password(person: Person, password: str) -> None:
    """Ends every session and token of the old one. Raises: BadPassword (SP 800-63B-4 section 3.1.1.2)."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise BadPassword(reason="; ".join(error.messages)) from None
    person.set_password(password)
    with transaction.atomic():
        person.save(update_fields=["password"])  # sessions are bound to it
        Token.objects.filter(user=person).delete()


def deactivate(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Close the account for good: no sign-in, no token, no role. Its rows stay, as others name them. Idempotent.

    Args:   by: the administrator who does it; None is whoever runs the node's own machine.
    Raises: OwnAccount, NotAllowed.
    """
    if by is not None:
        if by.pk == person.pk:
            raise OwnAccount
        require(by, "people", now)
    with transaction.atomic():
        row = Person.objects.select_for_update().get(pk=person.pk)
        row.is_active = False
        row.save(update_fields=["is_active"])
        Token.objects.filter(user=row).delete()
        for assignment in Assignment.objects.filter(person=row, ends__gt=now):
            assignment.ends = max(now, assignment.starts)
            assignment.save(update_fields=["ends"])
    person.is_active = False

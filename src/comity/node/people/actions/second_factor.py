"""Whether somebody has a second factor, and what an administrator or a demonstration does about it."""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from comity.canon import InputError
from comity.node.config import current
from comity.node.people import totp
from comity.node.people.actions.assignments import OwnAccount
from comity.node.people.actions.permission import require
from comity.node.people.models import CodeTries, Person

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class DevelopmentOnly(InputError):
    what = "no second factor was set up"
    why = "this is not a development node, and only its owner sets up a second factor"
    do = "sign in with the password and follow the page"


def has_second_factor(person: Person) -> bool:
    """An app for codes, or a passkey."""
    return bool(Authenticator.objects.filter(user_id=person.pk, type__in=KINDS).exists())


def enrol_totp(person: Person) -> str:
    """Set up codes for somebody without asking them: demonstrations and tests.

    Returns: the secret, in base32, for `code_at`.
    Raises:  DevelopmentOnly, in production.
    """
    if not current().development:
        raise DevelopmentOnly
    secret = str(generate_totp_secret())
    with transaction.atomic():
        Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).delete()
        TOTP.activate(person, secret)
    return secret


def code_at(secret: str, at: dt.datetime) -> str:
    """The code of that time step (RFC 6238). `at` is real time: no exercise moves an authenticator."""
    return totp.code(secret, totp.step_at(at))


def reopen(person: Person, *, by: Person | None, now: dt.datetime) -> None:
    """Let somebody try codes again who failed too often. Codes already taken stay taken.

    Raises: OwnAccount, NotAllowed.
    """
    if by is not None:
        if by.pk == person.pk:
            raise OwnAccount
        require(by, "people", now)
    CodeTries.objects.filter(person=person.pk).update(failures=0, opens_at=None)

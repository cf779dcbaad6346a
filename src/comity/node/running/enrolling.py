"""Enrolling somebody at the node's own machine: the first administrator, and whoever its owner trusts with it.

Whoever owns the folder holds all keys already, so this gives nothing away. Everybody else is given roles by an
administrator, through the node.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from comity.node import chance, clock
from comity.node.people import actions

LASTS = dt.timedelta(days=365)
_SIZE = 18  # bytes of chance in a password: 24 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What is shown once and kept nowhere."""

    username: str
    password: str
    totp: str  # base32; "" where the person sets up a second factor themselves
    until: dt.datetime  # when the roles end


def enrol(
    username: str, *, name: str, roles: Sequence[str], password: str | None, lasts: dt.timedelta, with_totp: bool
) -> Enrolled:
    """An account with roles and a password; all of it, or nothing.

    Args:   password: None has one made.
            with_totp: set up codes at once; development only.
    Raises: BadUsername, BadPassword, UnknownRole, RolesClash, BadAssignment, DevelopmentOnly, BadClock.
    """
    now = clock.now()
    chosen = password or base64.urlsafe_b64encode(chance.octets(_SIZE)).decode("ascii")
    with transaction.atomic():
        person = actions.add_person(username, name=name, now=now)
        for role in roles:
            actions.assign(person, role, starts=now, ends=now + lasts, by=None, now=now)
        actions.set_password(person, chosen)
        totp = actions.enrol_totp(person) if with_totp else ""
    return Enrolled(username=username, password=chosen, totp=totp, until=now + lasts)

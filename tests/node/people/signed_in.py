"""People who are signed in, for tests of pages and of the API: without typing, but with the rows that typing leaves.

person = node.person("analyst", "analyst")
page = signed_in(person)                      # Django's test client, with a whole session
page = signed_in(person, again=True)          # and the second factor given again just now: for `@again`
api = with_token(person)                      # a client that sends the person's own token
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from django.test import Client

from comity.node import clock
from comity.node.people import actions
from comity.node.people.models import Person
from comity.node.people.tokens import CLIENT, SCOPE

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(person: Person, *, again: bool = False, client: Client | None = None) -> Client:
    """A client whose session gave password and code. `again`: and a code once more, just now."""
    factor = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if factor is None:
        actions.enrol_totp(person)
        factor = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    at = clock.real().timestamp()
    records: list[dict[str, Any]] = [
        {"method": "password", "at": at, "username": person.username},
        {"method": "mfa", "at": at, "id": factor.pk, "type": "totp"},
    ]
    if again:
        records.append({"method": "mfa", "at": at, "id": factor.pk, "type": "totp", "reauthenticated": True})
    client = client or Client()
    client.force_login(person, backend=BACKEND)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session["account_authentication_methods_user"] = user_id_to_str(person)
    session.save()
    return client


def token_of(person: Person, *, lives: dt.timedelta = dt.timedelta(hours=8)) -> str:
    """A token as the device flow leaves one."""
    if not actions.has_second_factor(person):
        actions.enrol_totp(person)
    value = secrets.token_urlsafe(64)
    token = Token(
        client_id=CLIENT, user=person, type=Token.Type.ACCESS_TOKEN, expires_at=clock.real() + lives, scopes=SCOPE
    )
    token.set_value(value)
    token.save()
    return value


def with_token(person: Person) -> Client:
    """A client without a session that sends the person's token."""
    return Client(headers={"authorization": f"Bearer {token_of(person)}"})

"""allauth's forms for passkeys, with the checks of Web Authentication Level 3 that it and fido2 leave to others.

fido2 checks type, challenge, RP id, presence, verification and signature (sections 7.1 and 7.2). It takes any port of
our host and an embedded page for ours, and forgets counters; allauth lets one credential belong to two people.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponseBase
from fido2.webauthn import AuthenticationResponse, AuthenticatorData, CollectedClientData, RegistrationResponse

from comity.canon import StrictJsonError, loads
from comity.node.config import current

LONGEST_ID = 1023  # bytes (WebAuthn Level 3 section 7.1)
CHALLENGE_LIVES = 300  # seconds
_ASKED_AT = "people.challenge_at"
_MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError, StrictJsonError)


class NewPasskey(AddWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """A new passkey. It always verifies its user, so that it is two factors in one."""

    passwordless = None

    def clean(self) -> dict[str, Any]:
        cleaned = {**self.cleaned_data}
        if (given := cleaned.get("credential")) is None:
            return cleaned
        try:
            response = RegistrationResponse.from_dict(given)
            client, told = response.response.client_data, response.response.attestation_object.auth_data
            credential_id = told.credential_data.credential_id if told.credential_data else b""
            sound = bool(credential_id) and len(credential_id) <= LONGEST_ID and _sound(client, told)
        except _MALFORMED:
            sound = False
        if not sound or _known(credential_id):
            raise _refused()
        super().clean()
        return cleaned


class _Checked:
    """Before allauth: is it asked and answered on a page of ours? After it: has the counter gone on?"""

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        given = self.cleaned_data["credential"]
        try:
            response = AuthenticationResponse.from_dict(given)
            told = response.response.authenticator_data
            sound = _sound(response.response.client_data, told)
        except _MALFORMED:
            sound = False
        if not sound:
            raise _refused()
        try:
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
        except _MALFORMED:  # junk that allauth does not expect
            raise _refused() from None
        _count(authenticator, told.counter)
        return authenticator


class SignInPasskey(_Checked, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of a password and a code."""


class SecondPasskey(_Checked, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after the password."""


class AgainPasskey(_Checked, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey before a sensitive act."""


def timed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Note when a page asks for a passkey: its challenge is good for five minutes, and for one answer."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        before = request.session.get(STATE_SESSION_KEY)
        response = view(request, *args, **kwargs)
        if request.session.get(STATE_SESSION_KEY) not in (None, before):
            request.session[_ASKED_AT] = time.time()
        return response

    return page


def _sound(client: CollectedClientData, told: AuthenticatorData) -> bool:
    """WebAuthn Level 3 sections 7.1 and 7.2: origin, crossOrigin, topOrigin, BE and BS; and the challenge's age."""
    said = loads(bytes(client))
    if not isinstance(said, dict) or said.get("origin") != current().url:
        return False
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        return False
    # A key that cannot be backed up is not backed up.
    if told.flags & AuthenticatorData.FLAG.BS and not told.flags & AuthenticatorData.FLAG.BE:
        return False
    return time.time() - float(context.request.session.get(_ASKED_AT, 0)) <= CHALLENGE_LIVES


def _known(credential_id: bytes) -> bool:
    """WebAuthn Level 3 section 7.1: a credential belongs to one person."""
    for row in Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN):
        data = row.wrap().authenticator_data.credential_data
        if data is not None and data.credential_id == credential_id:
            return True
    return False


def _count(authenticator: Authenticator, counter: int) -> None:
    """WebAuthn Level 3 section 7.2: a counter that does not go on is a copied key."""
    before = int(authenticator.data.get("counter", 0))
    if (counter or before) and counter <= before:
        raise _refused()
    authenticator.data["counter"] = counter
    authenticator.save(update_fields=["data"])


def _refused() -> ValidationError:
    error = get_adapter().validation_error("incorrect_code")
    assert isinstance(error, ValidationError)  # noqa: S101 -- what allauth's adapters make
    return error

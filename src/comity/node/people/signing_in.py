"""How people sign in: nobody signs up by themselves, and nobody is let in on a password alone."""

from __future__ import annotations

import base64
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from comity.canon import InputError
from comity.node import chance
from comity.node.config import current
from comity.node.keyring import held
from comity.node.people.actions import has_second_factor
from comity.node.people.models import Person
from comity.node.people.session import AGAIN

_NONCE = 12  # bytes (SP 800-38D section 8.2.2)
_USE = "second-factors"


class SealedElsewhere(InputError):
    what = "a second factor cannot be used"
    why = "its secret was sealed with another key than this node's"
    do = "restore keys/secret.key from the backup that belongs to the database"


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """An administrator makes accounts; there is no page to sign up at."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Where a page may lead on to: paths of this node, never another host or port (A48)."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has no second factor yet and has just given the password may set one up without giving it again."""
        request = context.request
        if not isinstance(request.user, Person) or has_second_factor(request.user):
            return bool(super().is_reauthentication_required(app=app, **kwargs))
        given = max((record["at"] for record in get_authentication_records(request, request.user)), default=0.0)
        return not 0 <= time.time() - given < AGAIN

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """A password alone does not confirm a sensitive act, but for who has nothing else yet."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if isinstance(user, Person) and has_second_factor(user):
            return [method for method in methods if method["id"] != "reauthenticate"]
        return methods

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The node sends no mail."""


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """TOTP and passkeys as allauth has them; seeds are sealed at rest (SP 800-63B-4 section 3.1.4.2)."""

    def encrypt(self, text: str) -> str:
        nonce = chance.octets(_NONCE)
        sealed = AESGCM(held().derived(_USE)).encrypt(nonce, text.encode(), None)
        return base64.b64encode(nonce + sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises: SealedElsewhere."""
        try:
            data = base64.b64decode(encrypted_text, validate=True)
            return AESGCM(held().derived(_USE)).decrypt(data[:_NONCE], data[_NONCE:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise SealedElsewhere from error

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The node as passkeys know it: its host name, whatever a request says its host is."""
        return {"id": urlsplit(current().url).hostname or "", "name": f"Comity {current().name}"}

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The node sends no mail."""

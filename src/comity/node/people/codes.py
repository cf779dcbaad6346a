"""allauth's forms for one-time codes, with our count of tries around them and each code taken once (attack A40).

allauth remembers a used code in its cache for one period, and does not remember the code that set an app up. With one
step of tolerance on either side a code is good for three periods, so both could be used again.
"""

from __future__ import annotations

from allauth.account.adapter import get_adapter as accounts
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.utils import decrypt
from django.forms import ValidationError

from comity.node import clock
from comity.node.people import totp, tries
from comity.node.people.models import Person


class SignInCode(AuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """The code after the password."""

    def clean_code(self) -> str:
        _take_a_try(self.user)
        code: str = super().clean_code()
        _spend(self.user, _secret(self.authenticator), code)
        return code


class AgainCode(ReauthenticateForm):  # type: ignore[misc]
    """The code before a sensitive act."""

    def clean_code(self) -> str:
        _take_a_try(self.user)
        code: str = super().clean_code()
        _spend(self.user, _secret(self.authenticator), code)
        return code


class FirstCode(ActivateTOTPForm):  # type: ignore[misc]
    """The code that shows that the app was set up."""

    def clean_code(self) -> str:
        _take_a_try(self.user)
        code: str = super().clean_code()
        _spend(self.user, self.secret, code)
        return code


def _take_a_try(person: Person) -> None:
    if not tries.take(person, clock.real()):
        raise _error(accounts().validation_error("too_many_login_attempts"))


def _spend(person: Person, secret: str, code: str) -> None:
    step = totp.matching_step(secret, code, clock.real())
    if step is None or not tries.spend(person, step):
        raise _error(get_adapter().validation_error("incorrect_code"))


def _secret(authenticator: Authenticator) -> str:
    return str(decrypt(authenticator.data["secret"]))


def _error(error: object) -> ValidationError:
    assert isinstance(error, ValidationError)  # noqa: S101 -- what allauth's adapters make
    return error

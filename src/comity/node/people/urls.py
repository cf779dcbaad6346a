"""Sign-in, and the node as the identity provider of its own command line. No signing up, no mail, no other providers.

These are all of allauth's pages that exist here; names are allauth's own, since it looks its pages up by them.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from comity.node.people import device_flow, pages
from comity.node.people.passkeys import timed


@login_not_required
def logout(request: HttpRequest) -> HttpResponse:
    """Also for who has given a password and no second factor yet: it cancels."""
    answer: HttpResponse = account.logout(request)
    return answer


_IDENTITY: list[URLPattern | URLResolver] = [
    path("device/code", device_flow.device_code, name="device_code"),
    path("device", device_flow.device, name="device_authorization"),
    path("token", device_flow.token, name="token"),
    path("revoke", device_flow.revoke, name="revoke"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/login/passkey/", timed(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("accounts/login/second/", timed(mfa.authenticate), name="mfa_authenticate"),
    path("accounts/logout/", logout, name="account_logout"),
    path("accounts/closed/", account.account_inactive, name="account_inactive"),
    path("accounts/again/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/again/passkey/", timed(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("accounts/", mfa.index, name="mfa_index"),
    path("accounts/codes/", pages.NewCodes.as_view(), name="mfa_activate_totp"),
    path("accounts/codes/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("accounts/passkeys/new/", timed(pages.NewPasskeys.as_view()), name="mfa_add_webauthn"),
    path("accounts/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("identity/", include(([path("", include((_IDENTITY, "oidc")))], "idp"))),
]

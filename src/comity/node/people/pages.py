"""allauth's pages where ours differ: whoever sets up a second factor has proved it to this session, and to no other."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpResponse


class NewCodes(ActivateTOTPView):  # type: ignore[misc]  # allauth is untyped
    """Set up an app for codes."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        post_authentication(self.request, Authenticator.objects.get(user=self.request.user, type="totp"))
        return response


class NewPasskeys(AddWebAuthnView):  # type: ignore[misc]
    """Set up a passkey: always one that verifies its user and that can sign in by itself."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().get_context_data(**kwargs)
        told["js_data"] = {"creation_options": begin_registration(self.request.user, True)}
        return told

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        newest = Authenticator.objects.filter(user=self.request.user, type="webauthn").order_by("-pk")[0]
        post_authentication(self.request, newest)
        return response

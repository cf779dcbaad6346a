"""How often programs' secrets may be tried at the identity provider, and that trying tells nothing of who has one.

Secrets are made here, of 256 random bits, and nobody guesses one. What is limited is the work that a stranger can have
us do, since each try costs a password hash. There is no limit by name: with it a stranger could keep a tool from its
token.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from allauth.core.internal import httpkit, ratelimit
from allauth.idp.oidc.models import Client
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse

APP, ACTION = "allauth.idp.oidc", "client_secret"  # its rate is in the settings
WAIT = 300  # seconds: the rate's


def counted(request: HttpRequest, answer: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The answer to a request that may bear a program's name and secret. One without is answered as it is.

    INVARIANT: a try is counted before it can succeed, and is not counted once it did: tries in parallel are counted
    one by one. A name that does not exist costs the same work as a wrong secret (attack A47).
    """
    name, secret = _given(request)
    if not secret:
        return answer(request)
    usage = ratelimit.consume(request, app=APP, action=ACTION)
    if usage is None:
        limited: HttpResponse = ratelimit.respond_429(request)
        limited.headers["Retry-After"] = str(WAIT)
        return limited
    if not Client.objects.filter(pk=name).exists():
        make_password(secret)
    answered = answer(request)
    if answered.status_code < HTTPStatus.BAD_REQUEST:
        usage.rollback()
    return answered


def _given(request: HttpRequest) -> tuple[str, str]:
    """Name and secret, from where allauth takes them."""
    name, secret = httpkit.extract_basic_auth({"Authorization": request.META.get("HTTP_AUTHORIZATION", "")})
    if not name and not secret:
        name, secret = request.POST.get("client_id"), request.POST.get("client_secret")
    return name or "", secret or ""

"""Whether a session is signed in with a second factor, and still good. Fail closed: a view that says nothing is closed.

Open to everybody is what Django's `login_not_required` marks (sign-in itself), and what brings a token instead of a
cookie (`/api/`, whose routes have `access.bearer`). Somebody without a second factor may only set one up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from comity.node.people.actions import has_second_factor
from comity.node.people.models import Person

LONGEST = 12 * 3600  # seconds since the password or passkey (SP 800-63B-4 section 2.3.3)
IDLE = 3600  # seconds without a request (SP 800-63B-4 section 2.2.3)
AGAIN = 300  # seconds that a second factor given again counts for
PROGRAMS = "/api/"
SETTING_UP = frozenset(
    ("account_logout", "account_reauthenticate", "mfa_index", "mfa_activate_totp", "mfa_add_webauthn")
)
_SEEN = "people.seen"
_SEEN_EVERY = 60  # seconds; how often it is written down that a session is used


class Standing(Enum):
    """What a session is good for."""

    NOBODY = "not signed in"
    OVER = "signed in too long ago, or left alone"
    BARE = "signed in, by somebody who has no second factor yet"
    HALF = "signed in without the second factor that its person has"
    WHOLE = "signed in with a second factor"


def standing(request: HttpRequest) -> Standing:
    """INVARIANT: it is the session that proves the second factor, not the account: a session that somebody opened with
    a stolen password is not let in because the owner has set up a second factor since."""
    person = request.user
    if not isinstance(person, Person) or not person.is_active:
        return Standing.NOBODY
    records = get_authentication_records(request, person)
    now = time.time()
    began = min((record["at"] for record in records), default=0.0)
    if now - began > LONGEST or now - request.session.get(_SEEN, began) > IDLE:
        return Standing.OVER
    if any(_proves(record) for record in records):
        return Standing.WHOLE if _factors(person, records) else Standing.OVER
    return Standing.HALF if has_second_factor(person) else Standing.BARE


def given_again(request: HttpRequest) -> bool:
    """Whether the second factor was given once more since sign-in, in the last five minutes."""
    if standing(request) is not Standing.WHOLE:
        return False
    records = get_authentication_records(request, request.user)
    latest = max((r["at"] for r in records if _proves(r) and r.get("reauthenticated")), default=0.0)
    return 0 <= time.time() - latest < AGAIN


class WholeSessions:
    """Middleware: pages are for sessions with a second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        del args, kwargs
        if request.path_info.startswith(PROGRAMS):
            return None
        found = standing(request)
        if found in (Standing.OVER, Standing.HALF):
            logout(request)
            messages.info(request, "Sign in again: the session was over, or had not given its second factor.")
            found = Standing.NOBODY
        if found is Standing.WHOLE:
            _note_use(request)
            return None
        if not getattr(view, "login_required", True):
            return None
        if found is Standing.NOBODY:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "")
        name = request.resolver_match.url_name if request.resolver_match else None
        return None if name in SETTING_UP else HttpResponseRedirect(reverse("mfa_index"))


def _proves(record: dict[str, Any]) -> bool:
    return record.get("method") == "mfa" and record.get("type") in ("totp", "webauthn")


def _factors(person: Person, records: list[dict[str, Any]]) -> bool:
    """Whether one of the factors that the session was proved with is still there."""
    ids = [record["id"] for record in records if _proves(record)]
    return bool(Authenticator.objects.filter(user_id=person.pk, pk__in=ids).exists())


def _note_use(request: HttpRequest) -> None:
    now = int(time.time())
    if now - request.session.get(_SEEN, 0) > _SEEN_EVERY:
        request.session[_SEEN] = now

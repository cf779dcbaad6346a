"""Who is let in: pages by a session with a second factor, programs by a person's own token. Deny by default.

`@staff("approve")`: a page of people who may approve; under it `@again`: who gave their second factor once more just
now (`given_again(request)` looks, and does not ask). `auth=verb("approve")`: a route of the API for the token of
somebody who may approve; `auth=bearer`: for anybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from ninja.security import HttpBearer

from comity.node import clock
from comity.node.config import current
from comity.node.people import tokens
from comity.node.people.actions import NotAllowed, require
from comity.node.people.models import Person
from comity.node.people.session import Standing, given_again, standing

__all__ = ["Bearer", "Verb", "again", "bearer", "given_again", "staff", "verb"]
Page = Callable[..., HttpResponse]


def staff(wanted: str) -> Callable[[Page], Page]:
    """A page for people who may do the verb `wanted` now. Inside it, `request.user` is a Person."""

    def decorate(view: Page) -> Page:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if standing(request) is not Standing.WHOLE:
                return redirect_to_login(request.get_full_path() if request.method == "GET" else "")
            assert isinstance(request.user, Person)  # noqa: S101 -- what a whole session is of
            try:
                require(request.user, wanted, clock.now())
            except NotAllowed as error:
                return render(request, "people/not_allowed.html", {"error": error}, status=403)
            return view(request, *args, **kwargs)

        return page

    return decorate


def again(view: Page) -> Page:
    """A sensitive act: the second factor must have been given again, after sign-in, in the last five minutes.

    Who has not is asked for it and comes back to the page, not to the act: nothing that was posted is kept or replayed.
    Put it under `staff`.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if given_again(request):
            return view(request, *args, **kwargs)
        methods = get_adapter().get_reauthentication_methods(request.user)
        if standing(request) is not Standing.WHOLE or not methods:
            return redirect_to_login("")
        return HttpResponseRedirect(f"{methods[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: _page_of(request)})}")

    return page


class Bearer(HttpBearer):
    """A person's own token: valid, of a person who is active and has a second factor. `request.user` is that Person."""

    def __call__(self, request: HttpRequest) -> Person | None:
        person: Person | None = super().__call__(request)
        return person

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        person = tokens.holder(token)
        if person is not None:
            request.user = person
        return person


class Verb(Bearer):
    """And who may do one verb now. Raises: NotAllowed, which the API answers with 403."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self._wanted = wanted

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        person = super().authenticate(request, token)
        if person is not None:
            require(person, self._wanted, clock.now())
        return person


bearer = Bearer()


def verb(wanted: str) -> Verb:
    """For `auth=` of one route: a person's token, and the verb."""
    return Verb(wanted)


def _page_of(request: HttpRequest) -> str:
    """Where to come back to: this page; or, from a form, the page that the form stood on."""
    if request.method == "GET":
        return request.get_full_path()
    came = urlsplit(request.headers.get("Referer", ""))
    if f"{came.scheme}://{came.netloc}" == current().url and url_has_allowed_host_and_scheme(came.path, None):
        return came.path
    return request.path

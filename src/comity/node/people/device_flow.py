"""How a program gets its person's token (RFC 8628), by allauth's views; and where those leave something open.

allauth confirms from any site, loses a yes to a program that asks at the same moment, gives two tokens for one code to
whoever asks twice at once, and does not answer a question that oauthlib asks since 4.0.1.
"""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from allauth.idp.oidc import views as identity
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.internal.oauthlib.server import OAuthLibServer
from allauth.idp.oidc.internal.oauthlib.utils import convert_response, extract_params
from allauth.idp.oidc.models import Client
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant  # type: ignore[import-untyped]

from comity.node.people.models import Person
from comity.node.people.program_secrets import counted
from comity.node.people.tokens import CLIENT


@csrf_exempt
@login_not_required
@require_POST
def device_code(request: HttpRequest) -> HttpResponse:
    """A program asks for a code to show its person (section 3.1). So many a minute from one address."""
    limited = ratelimit.consume_or_429(request, app="allauth.idp.oidc", action="device_code")
    answer: HttpResponse = limited or identity.device_code(request)
    return answer


@require_http_methods(["GET", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """A person confirms the code that their program shows (section 3.3).

    INVARIANT: the form is taken from a page of this node alone (A48): this function is not exempt, as allauth's is.
    """
    with transaction.atomic():
        _in_line()
        answer: HttpResponse = identity.device_authorization(request)
    return answer


@csrf_exempt
@login_not_required
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A program asks for its token, again and again until its person has confirmed (section 3.4)."""
    return counted(request, _one_token)


@csrf_exempt
@login_not_required
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """A program gives its token up (RFC 7009)."""
    return counted(request, identity.revoke)


class _Confirmed(OAuthLibRequestValidator):  # type: ignore[misc]  # allauth is untyped
    """Of a code that allauth has just looked up, found confirmed, and deleted."""

    def validate_device_code(self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any) -> str | None:
        del client_id, code, args, kwargs
        if not isinstance(request.user, Person):
            return None
        request.scopes = list(request.scope or request.client.get_default_scopes())
        return str(DeviceCodeGrant.DEVICE_CODE_AUTHORIZED)


class _Server(OAuthLibServer):  # type: ignore[misc]
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.device_code_grant.request_validator = _Confirmed()
        self.device_code_grant.refresh_token = False  # after eight hours a person is asked again


class _TokenView(identity.TokenView):  # type: ignore[misc]
    def _create_token_response(
        self, request: HttpRequest, *, user: Any = None, data: dict[str, Any] | None = None
    ) -> HttpResponse:
        if user is None:  # another grant than ours
            answer: HttpResponse = super()._create_token_response(request)
            return answer
        server = _Server(pre_token=[lambda asked: self._pre_token(asked, user, data)])
        answered: HttpResponse = convert_response(*server.create_token_response(*extract_params(request)))
        return answered


_token = _TokenView.as_view()


def _one_token(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        _in_line()
        answer: HttpResponse = _token(request)
    return answer


def _in_line() -> None:
    """Confirming and asking change one entry of the cache: one at a time, or a yes gets lost, or counts twice."""
    Client.objects.select_for_update().get(pk=CLIENT)

"""Who asks. Deny by default: a request that proves nothing, or tries to prove two things, is nobody's (attack A41).

| who | how |
| --- | --- |
| a partner's node | signs each request with the key that its agreement pins (`signing`) |
| another tool of a partner's | HTTP Basic (`passwords`) or a token (`tokens`); off until an operator turns it on |
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from comity.node import clock
from comity.node.exchange.models import Tool
from comity.node.exchange.serving import passwords, signing, tokens
from comity.node.exchange.serving.clients import Client
from comity.node.exchange.serving.signing import SignedRequest
from comity.node.exchange.taxii import Unauthenticated

REALM = "comity"
_CHALLENGES = {
    passwords.BASIC: f'Basic realm="{REALM}", charset="UTF-8"',
    tokens.OAUTH2: f'Bearer realm="{REALM}", scope="{tokens.SCOPE}"',
}
ACCEPT_SIGNATURE = 'node=("@method" "@target-uri");created;expires;tag="cti-exchange"'
"""What a request without content must sign at least (RFC 9421 section 5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A client, and the signature that it proved itself with."""

    client: Client
    signed: SignedRequest | None = None


def authenticate(request: HttpRequest) -> Proved:
    """Raises: Unauthenticated, the same for every reason; TooManyTries; TooLarge."""
    said = request.META.get("HTTP_AUTHORIZATION")
    if signing.is_signed(request):
        if said is not None:
            raise Unauthenticated()
        signed = signing.verify(request)
        return Proved(client=Client(party=signed.proof.keyid), signed=signed)
    # INVARIANT: a password or token that was sent without TLS is not looked at.
    if said is None or not request.is_secure():
        raise Unauthenticated()
    tool = _tool(said, request.META.get("REMOTE_ADDR", ""))
    if tool is None or not tool.enabled or tool.ends <= clock.now():
        raise Unauthenticated()
    return Proved(client=Client(party=tool.partner_id, tool=tool.pk))


def challenges(*, secure: bool) -> str:
    """WWW-Authenticate: signing, and what some tool here uses; a password or token only over TLS.

    RFC 9110 section 15.5.2 asks for a challenge with every 401, and RFC 9421 has no scheme: `Signature` is ours.
    """
    schemes = Tool.objects.filter(enabled=True).values_list("scheme", flat=True).distinct() if secure else ()
    return ", ".join([f'Signature realm="{REALM}"', *(_CHALLENGES[scheme] for scheme in sorted(schemes))])


def _tool(said: str, address: str) -> Tool | None:
    scheme, _, credentials = said.partition(" ")
    if scheme.lower() == "basic":
        return passwords.tool_of(credentials, address)
    if scheme.lower() == "bearer":
        return tokens.tool_of(credentials)
    return None

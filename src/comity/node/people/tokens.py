"""Tokens for programs: a person's own, by the device flow; a partner's tool's, by client credentials."""

from __future__ import annotations

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Token

from comity.node.people.actions import has_second_factor
from comity.node.people.models import Person

CLIENT = "comity-cli"  # the command line; a public client (RFC 6749 section 2.1)
SCOPE = "comity"


class Tokens(DefaultOIDCAdapter):  # type: ignore[misc]  # allauth is untyped
    """As allauth makes them: opaque, random, and stored as hashes."""

    scope_display = {SCOPE: "Do what you may do here, in your name"}


def holder(value: str) -> Person | None:
    """Whose token it is: theirs to use while it lasts, while the account is open and has a second factor.

    INVARIANT: only a token that a person confirmed for the command line acts as that person; a partner's tool has none.
    """
    token = Token.objects.filter(client_id=CLIENT).lookup(Token.Type.ACCESS_TOKEN, value)
    if token is None or SCOPE not in token.get_scopes():
        return None
    person = token.user
    if not isinstance(person, Person) or not person.is_active or not has_second_factor(person):
        return None
    return person

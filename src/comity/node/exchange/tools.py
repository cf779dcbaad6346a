"""Other tools of a partner's: a TAXII client in its SIEM, say. Off until an operator turns one on, and read only.

For HTTP Basic the secret is a password; for OAuth 2 it is the client's, which gets tokens at `/identity/token`.
"""

from __future__ import annotations

import base64
import datetime as dt
import re

from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.contrib.auth.hashers import make_password
from django.db import transaction

from comity.canon import InputError, printable
from comity.node import chance
from comity.node.exchange.models import Tool
from comity.node.exchange.serving.passwords import BASIC
from comity.node.exchange.serving.tokens import OAUTH2, SCOPE
from comity.node.journal.actions import record
from comity.node.people.actions import require
from comity.node.people.models import Person
from comity.node.treaties.models import Party

SCHEMES = (BASIC, OAUTH2)
SECRET_BYTES = 32
LONGEST = dt.timedelta(days=366)  # then it is added anew, with another secret
VERB = "tools"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")  # no colon, which RFC 7617 has no room for


class BadTool(InputError):
    what = "the tool was not added"
    why = "{reason}"
    do = "name a partner, a scheme, a user name that nobody has, and a day within a year on which it ends"


class NoSuchTool(InputError):
    what = "there is no tool {username}"
    why = "nobody added one of that name"
    do = "list the tools to see their names"
    http_status = 404


def add_tool(partner: str, *, scheme: str, username: str, ends: dt.datetime, by: Person, now: dt.datetime) -> str:
    """A tool that may read this partner's collections, once it is enabled. Journalled.

    Args:    partner: id of a party that an agreement binds to us.
             scheme: `basic` or `oauth2`.
             username: of Basic; the client id of OAuth 2.
             ends: business time; from then on its secret opens nothing.
    Returns: its secret, which is stored nowhere: it is shown once.
    Raises:  BadTool; NotAllowed.
    """
    require(by, VERB, now)
    _check(partner, scheme, username, ends, now)
    secret = base64.urlsafe_b64encode(chance.octets(SECRET_BYTES)).rstrip(b"=").decode("ascii")
    with transaction.atomic():
        if Tool.objects.filter(username=username).exists() or OAuthClient.objects.filter(pk=username).exists():
            raise BadTool(reason="its user name is taken")
        tool = Tool.objects.create(
            partner_id=partner,
            scheme=scheme,
            username=username,
            password=make_password(secret) if scheme == BASIC else "",
            ends=ends,
            made_at=now,
        )
        if scheme == OAUTH2:
            _add_client(tool, secret)
        _record("exchange:tool:added", tool, by, now)
    return secret


def enable(username: str, *, by: Person, now: dt.datetime) -> Tool:
    """Let it read. Raises: NoSuchTool; NotAllowed."""
    return _switch(username, True, "exchange:tool:enabled", by, now)


def disable(username: str, *, by: Person, now: dt.datetime) -> Tool:
    """From its next request on it is nobody; its tokens are gone. Raises: NoSuchTool; NotAllowed."""
    return _switch(username, False, "exchange:tool:disabled", by, now)


def _switch(username: str, enabled: bool, event: str, by: Person, now: dt.datetime) -> Tool:
    require(by, VERB, now)
    with transaction.atomic():
        tool = Tool.objects.select_for_update().filter(username=username).first()
        if tool is None:
            raise NoSuchTool(username=printable(username))
        if tool.enabled != enabled:
            tool.enabled = enabled
            tool.save(update_fields=["enabled"])
            Token.objects.filter(client_id=username).delete()
            _record(event, tool, by, now)
    return tool


def _check(partner: str, scheme: str, username: str, ends: dt.datetime, now: dt.datetime) -> None:
    if not Party.objects.filter(pk=partner, flows__isnull=False).exists():
        raise BadTool(reason=f"{printable(partner)} is no partner: no accepted agreement binds it to us")
    if scheme not in SCHEMES:
        raise BadTool(reason=f"its scheme is neither {' nor '.join(SCHEMES)}")
    if not _USERNAME.fullmatch(username):
        raise BadTool(reason="its user name is not 3 to 64 lower-case letters, digits, dots, hyphens and underscores")
    if not now < ends <= now + LONGEST:
        raise BadTool(reason="it ends in the past, or later than in a year")


def _add_client(tool: Tool, secret: str) -> None:
    """A confidential client of this node's identity provider, for one grant and one scope (RFC 6749 section 4.4)."""
    client = OAuthClient(id=tool.username, name=tool.username, type=OAuthClient.Type.CONFIDENTIAL, response_types="")
    client.grant_types = OAuthClient.GrantType.CLIENT_CREDENTIALS
    client.set_scopes([SCOPE])
    client.set_default_scopes([SCOPE])
    client.set_secret(secret)
    client.save(force_insert=True)


def _record(event: str, tool: Tool, by: Person, now: dt.datetime) -> None:
    facts = {"tool": str(tool.pk), "partner": tool.partner_id, "scheme": tool.scheme}
    record(event, str(tool.pk), kind="key", facts=facts, now=now, actor=by)

"""OAuth 2 client credentials (RFC 6749 section 4.4, RFC 6750), for tools that an operator turned on: read only.

Tokens are made, and stored as hashes, by the node's identity provider (`/identity/token`).
"""

from __future__ import annotations

import datetime as dt

from allauth.idp.oidc.models import Token

from comity.node import clock
from comity.node.exchange.models import Tool

OAUTH2 = "oauth2"
SCOPE = "taxii2:read"
LIFE = dt.timedelta(hours=1)  # whatever the token says: a stolen one is good for no longer (attack A39)


def tool_of(credentials: str) -> Tool | None:
    """The tool whose token this is, on or off.

    INVARIANT: a token of a person's is none of a tool's, and the reverse: the client that it was made for decides.
    """
    token = Token.objects.lookup(Token.Type.ACCESS_TOKEN, credentials.strip(" "))
    if token is None or token.user_id is not None or SCOPE not in token.get_scopes():
        return None
    if clock.real() >= token.created_at + LIFE:
        return None
    return Tool.objects.filter(username=token.client_id, scheme=OAUTH2).first()

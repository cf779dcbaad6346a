"""How other tools ask, and how an administrator turns them on."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

from comity.node.exchange.taxii import MEDIA_TYPE
from comity.node.exchange.tools import add_tool, enable

from .live import Got, LiveNode

DAY = dt.timedelta(days=1)


def basic(username: str, password: str) -> dict[str, str]:
    """RFC 7617."""
    return {
        "Accept": MEDIA_TYPE,
        "Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode(),
    }


def bearer(token: str) -> dict[str, str]:
    """RFC 6750."""
    return {"Accept": MEDIA_TYPE, "Authorization": f"Bearer {token}"}


def administrator(node: Any) -> Any:
    return node.person("administrator", "administrator")


def new_tool(node: Any, party: str, username: str = "siem", *, scheme: str = "basic", on: bool = True) -> str:
    """A tool of this partner's for a month. Returns its secret."""
    by = administrator(node)
    secret = add_tool(party, scheme=scheme, username=username, ends=node.now + 30 * DAY, by=by, now=node.now)
    if on:
        enable(username, by=by, now=node.now)
    return secret


def token_of(server: LiveNode, client: str, secret: str, scope: str | None = None) -> Got:
    """RFC 6749 section 4.4.2."""
    body = "grant_type=client_credentials" + (f"&scope={scope}" if scope else "")
    headers = {
        **basic(client, secret),
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    return server.ask("POST", "/identity/token", headers=headers, body=body.encode())


def access_token(server: LiveNode, client: str, secret: str) -> str:
    got = token_of(server, client, secret)
    assert got.status == 200, got.body
    return str(json.loads(got.body)["access_token"])

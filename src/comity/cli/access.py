"""A person's own token for a node, as `comity login` leaves it to the other commands.

`$XDG_CONFIG_HOME/comity/token.json`, readable by its owner alone, with the node it is for and the authority that the
node's certificate is checked against. It is sent to that node and to nobody else.
"""

from __future__ import annotations

import datetime as dt
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from comity.canon import InputError, dumps, format_instant, loads, parse_instant
from comity.cli import clock
from comity.cli.files import read_bytes, write_whole

if TYPE_CHECKING:
    from httpx2 import Client

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BadNode(InputError):
    what = "{node} is no node's address"
    why = "{reason}"
    do = "write scheme, host and port, as https://comity.example:8443"


class BadTrust(InputError):
    what = "{path} holds no authority"
    why = "no certificate in PEM was found in it"
    do = "name the file with the certificate of the authority that signed the node's"


class NotSignedIn(InputError):
    what = "you are not signed in to a node"
    why = "{reason}"
    do = "run `comity login --node URL`"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Access:
    """A token and what it is for. Never shown by `repr`."""

    node: str
    token: str
    trust: Path | None
    expires_at: dt.datetime


def connection(node: str, trust: Path | None, token: str | None = None) -> Client:
    """A client of one node. It follows no redirect: what is sent there is sent nowhere else (attack A32).

    Raises: BadNode, BadTrust, CannotRead.
    """
    import httpx2

    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    verify = True if trust is None else _context(trust)
    return httpx2.Client(base_url=checked(node), verify=verify, headers=headers, follow_redirects=False, timeout=30)


def stored() -> Access:
    """Who is signed in here, and to which node. Raises: NotSignedIn."""
    path = token_file()
    try:
        if path.stat().st_mode & 0o077:
            raise NotSignedIn(reason=f"others on this machine can read {path}")
        access = _read(loads(read_bytes(path)))
    except FileNotFoundError:
        raise NotSignedIn(reason="there is no token") from None
    except NotSignedIn:
        raise
    except (InputError, KeyError, TypeError) as error:
        raise NotSignedIn(reason=f"{path} cannot be used") from error
    if access.expires_at <= clock.now():
        raise NotSignedIn(reason=f"the token held until {format_instant(access.expires_at)}")
    return access


def store(access: Access) -> None:
    """Keep it for the other commands. Raises: CannotWrite."""
    path = token_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    said = {
        "node": access.node,
        "token": access.token,
        "trust": None if access.trust is None else str(access.trust),
        "expires_at": format_instant(access.expires_at),
    }
    write_whole(path, [dumps(said)], private=True)


def token_file() -> Path:
    """Where it is (XDG Base Directory Specification)."""
    named = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(named) if os.path.isabs(named) else Path.home() / ".config") / "comity" / "token.json"


def checked(node: str) -> str:
    """Scheme, host and port. Plain HTTP reaches this machine alone: the token would be read on the way.

    Raises: BadNode.
    """
    try:
        url = urlsplit(node.rstrip("/"))
        host, port = url.hostname, url.port
    except ValueError as error:
        raise BadNode(node=node, reason="its host or port cannot be read") from error
    if url.scheme not in ("https", "http") or not host or url.path or url.query or url.fragment or url.username:
        raise BadNode(node=node, reason="it is not scheme, host and port")
    if url.scheme == "http" and host not in _LOOPBACK:
        raise BadNode(node=node, reason="without TLS, whoever is on the way could act in your name")
    shown = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{shown}" + ("" if port is None else f":{port}")


def _read(said: Any) -> Access:
    for name in ("node", "token", "expires_at"):
        if not isinstance(said[name], str):
            raise TypeError(name)
    return Access(
        node=checked(said["node"]),
        token=said["token"],
        trust=None if said["trust"] is None else Path(said["trust"]),
        expires_at=parse_instant(said["expires_at"]),
    )


def _context(trust: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=read_bytes(trust).decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise BadTrust(path=trust) from error

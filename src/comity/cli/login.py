"""`comity login` and `comity logout`: get one's own token from a node by the device flow (RFC 8628), and give it up."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.canon import InputError, StrictJsonError, format_instant, loads
from comity.cli import clock
from comity.cli.access import Access, checked, connection, store, stored, token_file
from comity.cli.terminal import err, out, safe

if TYPE_CHECKING:
    from httpx2 import Client, Response

CLIENT = "comity-cli"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SLOWER = 5  # seconds more between questions, each time the node asks for it (RFC 8628 section 3.5)
SLOWEST = 60  # seconds between questions, whatever the node says
LONGEST = 3600  # seconds that a node may keep us waiting


class NoAnswer(InputError):
    what = "{node} did not answer as a node does"
    why = "{reason}"
    do = "check the address, that the node runs, and with --trust the authority of its certificate"


class NotConfirmed(InputError):
    what = "you are not signed in"
    why = "{reason}"
    do = "run `comity login` again, and confirm the code on the node's page with your second factor"


def login(
    node: Annotated[str, typer.Option("--node", help="The node, as https://comity.example:8443.")],
    trust: Annotated[Path | None, typer.Option("--trust", help="The authority of its certificate, in PEM.")] = None,
) -> None:
    """Sign in to a node: it shows a code, which you confirm on its page with your second factor."""
    access = get_token(node, trust, show=_show)
    store(access)
    out.print(f"signed in to {safe(access.node)} until {format_instant(access.expires_at)}", highlight=False)


def logout() -> None:
    """Give the token up, here and at the node."""
    access = stored()
    token_file().unlink()
    try:
        with connection(access.node, access.trust) as client:
            answer = client.post("/identity/revoke", data={"client_id": CLIENT, "token": access.token})
            refused = None if answer.status_code == 200 else f"it answered {answer.status_code}"
    except _failures() as error:
        refused = type(error).__name__
    if refused is not None:
        until = format_instant(access.expires_at)
        raise NoAnswer(node=access.node, reason=f"{refused}; the token is gone here, and holds there until {until}")
    out.print(f"signed out of {safe(access.node)}", highlight=False)


def get_token(
    node: str, trust: Path | None, *, show: Callable[[str, str], None], wait: Callable[[float], None] = time.sleep
) -> Access:
    """Ask `node` for a code, `show` the page to confirm it on and the code, and `wait` (seconds) until somebody has.

    Raises: BadNode, BadTrust, NoAnswer, NotConfirmed.
    """
    node = checked(node)
    try:
        with connection(node, trust) as client:
            began = _json(node, client.post("/identity/device/code", data={"client_id": CLIENT}))
            page, user_code = _text(node, began, "verification_uri_complete"), _text(node, began, "user_code")
            if not page.startswith(f"{node}/"):
                raise NoAnswer(node=node, reason="it sends you to a page of somebody else")
            show(page, user_code)
            given = _poll(node, client, began, wait)
    except _failures() as error:
        raise NoAnswer(node=node, reason=str(error) or type(error).__name__) from error
    return Access(
        node=node,
        token=_text(node, given, "access_token"),
        trust=None if trust is None else trust.resolve(),
        expires_at=clock.now() + _seconds(node, given, "expires_in"),
    )


def _show(page: str, user_code: str) -> None:
    err.print(f"Open {safe(page)}", soft_wrap=True, highlight=False)
    err.print(f"and confirm the code [bold]{safe(user_code)}[/], if the page shows the same one.", highlight=False)


def _poll(node: str, client: Client, began: dict[str, Any], wait: Callable[[float], None]) -> dict[str, Any]:
    asked = {"client_id": CLIENT, "grant_type": GRANT, "device_code": _text(node, began, "device_code")}
    interval = min(_seconds(node, began, "interval").total_seconds(), SLOWEST)
    until = clock.now() + min(_seconds(node, began, "expires_in"), dt.timedelta(seconds=LONGEST))
    while clock.now() < until:
        wait(interval)
        answer = client.post("/identity/token", data=asked)
        if answer.status_code == 200:
            return _json(node, answer)
        error = _json(node, answer, status=400).get("error")
        if error == "access_denied":
            raise NotConfirmed(reason="the code was refused on the node's page")
        if error == "slow_down":
            interval += SLOWER
        elif error != "authorization_pending":
            break
    raise NotConfirmed(reason="the code was not confirmed in time")


def _json(node: str, answer: Response, status: int = 200) -> dict[str, Any]:
    if answer.status_code != status:
        raise NoAnswer(node=node, reason=f"it answered {answer.status_code}")
    try:
        said = loads(answer.content)
    except StrictJsonError as error:
        raise NoAnswer(node=node, reason="it answered something else than JSON") from error
    if not isinstance(said, dict):
        raise NoAnswer(node=node, reason="it answered something else than a JSON object")
    return dict(said)


def _text(node: str, said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise NoAnswer(node=node, reason=f"it did not say its {name}")
    return value


def _seconds(node: str, said: dict[str, Any], name: str) -> dt.timedelta:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 7 * 24 * 3600:
        raise NoAnswer(node=node, reason=f"its {name} is no number of seconds")
    return dt.timedelta(seconds=value)


def _failures() -> tuple[type[Exception], ...]:
    import httpx2

    return (httpx2.HTTPError, OSError)

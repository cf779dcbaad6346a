"""A person at their node: signs in on its pages with password and code, then works through its API by token."""

from __future__ import annotations

import base64
import re
import time
from dataclasses import dataclass
from typing import Any

import httpx2
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from comity.canon import InputError
from comity.demo.nations.nation import Nation

CLIENT = "comity-cli"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_HIDDEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="([^"]+)"')


class Refused(InputError):
    what = "the node of {party} refused {verb}"
    why = "{reason}"
    do = "{remedy}"

    @property
    def status(self) -> int:
        """Of the answer (RFC 9110)."""
        return int(str(self.fields["status"]))


@dataclass(frozen=True)
class Desk:
    """Somebody's way to their node."""

    nation: Nation
    username: str
    client: httpx2.Client

    def get(self, path: str, **query: str) -> Any:
        return self._answered("GET", path, self.client.get(path, params=query))

    def post(self, path: str, **body: Any) -> Any:
        """Raises: Refused, with the node's own reason."""
        return self._answered("POST", path, self.client.post(path, json=body))

    def send(self, path: str, data: bytes, name: str, **query: str) -> Any:
        """A file as the body of a request."""
        answer = self.client.post(
            path, params=query, content=data, headers={"Content-Type": "application/octet-stream"}
        )
        return self._answered("POST", name, answer)

    def _answered(self, method: str, verb: str, answer: httpx2.Response) -> Any:
        if answer.status_code < 400:
            return answer.json() if answer.content else None
        said = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        raise Refused(
            status=answer.status_code,
            party=self.nation.party,
            verb=f"{method} {verb}",
            reason=said.get("sentence", f"status {answer.status_code}"),
            remedy=said.get("do", ""),
        )


def sign_in(nation: Nation, username: str, enrolled: dict[str, Any]) -> Desk:
    """Password, code, and a token by the device flow (RFC 8628), as `comity login` has it."""
    with _browser(nation) as browser:
        _fill(browser, "/accounts/login/", login=username, password=enrolled["password"])
        _fill(browser, "/accounts/login/second/", code=_code(enrolled["totp"]))
        asked = browser.post("/identity/device/code", data={"client_id": CLIENT, "scope": "comity"}).json()
        page = f"/identity/device?code={asked['user_code']}"
        _fill(browser, page, code=asked["user_code"], action="confirm")
        form = {"client_id": CLIENT, "grant_type": GRANT, "device_code": asked["device_code"]}
        token = browser.post("/identity/token", data=form)
        if token.status_code != 200:
            who, reason = f"the sign-in of {username}", token.text[:200]
            raise Refused(status=token.status_code, party=nation.party, verb=who, reason=reason, remedy="see serve.log")
    client = _browser(nation)
    client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
    return Desk(nation=nation, username=username, client=client)


def _browser(nation: Nation) -> httpx2.Client:
    return httpx2.Client(
        base_url=nation.url,
        verify=str(nation.trust),
        follow_redirects=True,
        timeout=30,
        trust_env=False,
        headers={"Referer": nation.url + "/"},
    )


def _fill(browser: httpx2.Client, page: str, **fields: str) -> None:
    """Fill in the form of a page and send it."""
    shown = browser.get(page)
    hidden = _HIDDEN.search(shown.text)
    token = hidden[1] if hidden else browser.cookies.get("csrftoken", "")
    browser.post(page, data={**fields, "csrfmiddlewaretoken": token})


def _code(secret: str) -> str:
    """The present code (RFC 6238), as a phone would show it."""
    key = base64.b32decode(secret)
    # SHA-1 is what RFC 6238 and every phone use; it is the MAC's hash, and nothing here stands on collisions.
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()  # noqa: S303

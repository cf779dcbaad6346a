"""`comity login` and `comity logout` against a node that runs, over TLS; and nodes that misbehave."""

from __future__ import annotations

import datetime as dt
import json
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.node.people.live import PASSWORD, Live
from tests.node.people.real_time import app

from comity.canon import InputError
from comity.cli import access, clock, login

pytestmark = pytest.mark.slow  # processes of their own

HOLDER = """
import django, sys
django.setup()
from comity.node.people import tokens
print(tokens.holder(sys.argv[1]) or "")
"""
HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture(scope="module")
def secrets(live: Live) -> dict[str, str]:
    return live.people(ann=True, late=True, no=True, bare=False, victim=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config/comity/token.json"


class Browser:
    """A person at the pages, without scripts: forms are read and filled in."""

    def __init__(self, live: Live) -> None:
        self.client, self.url = live.client(), live.url

    def fill(self, path: str, **fields: str) -> httpx2.Response:
        hidden = HIDDEN.search(self.client.get(path, follow_redirects=True).text)
        assert hidden is not None
        form = {"csrfmiddlewaretoken": hidden[1], **fields}
        return self.client.post(path, data=form, headers={"Referer": f"{self.url}{path}"})

    def sign_in(self, username: str, secret: str) -> httpx2.Response:
        self.fill("/accounts/login/", login=username, password=PASSWORD)
        return self.fill("/accounts/login/second/", code=app(secret, clock.now()))

    def answer(self, page: str, action: str) -> httpx2.Response:
        return self.fill(page.removeprefix(self.url), action=action)


def whose(live: Live, token: str) -> str:
    """Asked of the node itself: whose token it is; empty when nobody's."""
    return live.run("-c", HOLDER, token)


def get(live: Live, show: Callable[[str, str], Any], **more: Any) -> access.Access:
    return login.get_token(live.url, live.authority, show=show, **more)


def test_the_whole_way(live: Live, secrets: dict[str, str], home: Path):
    browser = Browser(live)
    assert browser.sign_in("ann", secrets["ann"]).headers["Location"] == "/desk/"
    seen: list[str] = []

    def show(page: str, code: str) -> None:
        seen.append(code)
        assert code in browser.client.get(page).text
        assert "is signed in" in browser.answer(page, "confirm").text

    given = get(live, show)
    access.store(given)
    kept = access.stored()
    assert (kept.node, kept.token, kept.trust) == (live.url, given.token, live.authority.resolve())
    assert dt.timedelta(hours=7, minutes=59) < kept.expires_at - clock.now() <= dt.timedelta(hours=8)
    assert stat.S_IMODE(home.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700
    assert whose(live, given.token) == "ann"
    assert given.token not in repr(given)
    login.logout()
    assert not home.exists()
    assert whose(live, given.token) == ""
    with pytest.raises(access.NotSignedIn):
        access.stored()


def test_it_waits_until_somebody_confirms(live: Live, secrets: dict[str, str]):
    browser, waits, pages = Browser(live), [], []
    browser.sign_in("late", secrets["late"])

    def wait(seconds: float) -> None:
        import time

        waits.append(seconds)
        time.sleep(seconds)
        if len(waits) == 3:
            browser.answer(pages[0], "confirm")

    get(live, lambda page, _code: pages.append(page), wait=wait)
    assert len(waits) >= 3
    assert {*waits} == {1.0}


def test_a_no_is_told(live: Live, secrets: dict[str, str]):
    browser = Browser(live)
    browser.sign_in("no", secrets["no"])
    with pytest.raises(login.NotConfirmed, match="refused"):
        get(live, lambda page, _code: browser.answer(page, "deny"))


def test_without_a_second_factor_there_is_no_token(live: Live, secrets: dict[str, str]):
    browser = Browser(live)
    browser.fill("/accounts/login/", login="bare", password=PASSWORD)
    pages: list[str] = []

    def wait(_seconds: float) -> None:
        if len(pages) == 1:
            answer = browser.client.get(pages[0])
            assert answer.headers["Location"] == "/accounts/"
            pages.append("tried")
        else:
            raise TimeoutError

    with pytest.raises(login.NoAnswer):
        get(live, lambda page, _code: pages.append(page), wait=wait)
    assert len(pages) == 2


def test_the_count_of_tries_holds_across_workers(live: Live, secrets: dict[str, str]):
    """A40: two processes serve; a counter in one of them would let through twice as many."""
    secret, said = secrets["victim"], []
    for _ in range(12):  # new connections, so that both workers get some
        browser = Browser(live)
        answer = browser.fill("/accounts/login/", login="victim", password=PASSWORD)
        wrong = f"{(int(app(secret, clock.now())) + 500_000) % 1_000_000:06}"
        said.append(browser.fill("/accounts/login/second/", code=wrong).text if answer.status_code == 302 else "")
    assert sum("Incorrect code" in text for text in said) == 5
    assert sum("Too many failed" in text for text in said) == 7


def test_a_certificate_of_nobody_known_is_refused(live: Live):
    with pytest.raises(login.NoAnswer) as refused:
        login.get_token(live.url, None, show=lambda *_: None)
    assert "--trust" in refused.value.remedy


def test_nobody_there(live: Live):
    from tests.node.people.live import free_port

    with pytest.raises(login.NoAnswer):
        login.get_token(f"http://127.0.0.1:{free_port()}", None, show=lambda *_: None)


@pytest.mark.parametrize(
    "node",
    ["", "localhost", "ftp://localhost", "http://comity.example", "https://", "https://a/b", "https://a?x=1", "https://u:p@a",
     "https://a:99999", "https://[::1", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_node_is_asked_nothing(node: str):
    with pytest.raises(access.BadNode):
        login.get_token(node, None, show=lambda *_: None)


@pytest.mark.parametrize(
    ("node", "meant"),
    [
        ("https://a:1/", "https://a:1"),
        ("http://127.0.0.1:8", "http://127.0.0.1:8"),
        ("https://[::1]:8", "https://[::1]:8"),
    ],
)
def test_an_address_is_scheme_host_and_port(node: str, meant: str):
    assert access.checked(node) == meant


class TestHostileNode:
    """What a node answers is not believed as it stands."""

    BEGUN: dict[str, Any] = {  # noqa: RUF012
        "device_code": "d", "user_code": "ABCD-EFGH", "verification_uri_complete": "http://localhost:1/identity/device?code=x",
        "expires_in": 300, "interval": 0,
    }  # fmt: skip
    TOKEN: dict[str, Any] = {"access_token": "t", "expires_in": 60}  # noqa: RUF012

    @pytest.fixture
    def node(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., access.Access]]:
        def get(*answers: Any) -> access.Access:
            given = iter(answers)

            def handle(request: httpx2.Request) -> httpx2.Response:
                answer = next(given)
                return answer if isinstance(answer, httpx2.Response) else httpx2.Response(200, json=answer)

            client = httpx2.Client(base_url="http://localhost:1", transport=httpx2.MockTransport(handle))
            monkeypatch.setattr(login, "connection", lambda *_: client)
            return login.get_token("http://localhost:1", None, show=lambda *_: None, wait=lambda _: None)

        yield get

    def test_an_honest_one_is_believed(self, node: Any):
        pending = httpx2.Response(400, json={"error": "authorization_pending"})
        assert node(self.BEGUN, pending, self.TOKEN).token == "t"

    @pytest.mark.parametrize(
        "change",
        [
            {"verification_uri_complete": "https://evil.example/"}, {"verification_uri_complete": "http://localhost:1.evil.example/"},
            {"user_code": "\x1b[2J"}, {"user_code": ""}, {"device_code": 7}, {"expires_in": -1}, {"expires_in": True},
            {"interval": 10**9}, {"interval": "1"},
        ],
    )  # fmt: skip
    def test_a_beginning_that_is_none(self, node: Any, change: dict[str, Any]):
        with pytest.raises(login.NoAnswer):
            node(self.BEGUN | change, self.TOKEN)

    @pytest.mark.parametrize("change", [{"access_token": ""}, {"access_token": "a\nb"}, {"expires_in": 10**9}])
    def test_a_token_that_is_none(self, node: Any, change: dict[str, Any]):
        with pytest.raises(login.NoAnswer):
            node(self.BEGUN, self.TOKEN | change)

    @pytest.mark.parametrize(
        "answer",
        [
            httpx2.Response(302, headers={"Location": "https://evil.example/"}), httpx2.Response(500),
            httpx2.Response(200, text="<html>"),
            httpx2.Response(200, text='{"device_code": "a", "device_code": "b"}'), httpx2.Response(200, json=[]),
        ],
        ids=["redirect", "error", "page", "name twice", "list"],
    )  # fmt: skip
    def test_an_answer_that_is_none(self, node: Any, answer: httpx2.Response):
        with pytest.raises(login.NoAnswer):
            node(answer)
        with pytest.raises(login.NoAnswer):
            node(self.BEGUN, answer)

    @pytest.mark.parametrize("error", ["access_denied", "expired_token", "invalid_grant", "x", None])
    def test_an_error_is_an_end(self, node: Any, error: str | None):
        with pytest.raises(login.NotConfirmed):
            node(self.BEGUN, httpx2.Response(400, json={"error": error}), self.TOKEN)


class TestStored:
    GOOD: dict[str, Any] = {  # noqa: RUF012
        "node": "https://comity.example:8443", "token": "t", "trust": None, "expires_at": "2099-01-01T00:00:00Z",
    }  # fmt: skip

    def keep(self, home: Path, text: str, mode: int = 0o600) -> None:
        home.parent.mkdir(parents=True)
        home.write_text(text)
        home.chmod(mode)

    def test_it_is_read(self, home: Path):
        self.keep(home, json.dumps(self.GOOD))
        assert access.stored().token == "t"

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
    def test_one_that_others_can_read_is_not_used(self, home: Path, mode: int):
        self.keep(home, json.dumps(self.GOOD), mode)
        with pytest.raises(access.NotSignedIn, match="others"):
            access.stored()

    @pytest.mark.parametrize(
        "change",
        [{"expires_at": "2001-01-01T00:00:00Z"}, {"expires_at": "soon"}, {"expires_at": None}, {"node": "http://comity.example"},
         {"node": 7}, {"token": None}, {"trust": 7}],
    )  # fmt: skip
    def test_one_that_cannot_be_used_is_not(self, home: Path, change: dict[str, Any]):
        self.keep(home, json.dumps(self.GOOD | change))
        with pytest.raises(access.NotSignedIn):
            access.stored()

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", "x" * 100])
    def test_nor_what_is_no_token(self, home: Path, text: str):
        self.keep(home, text)
        with pytest.raises(access.NotSignedIn):
            access.stored()

    def test_giving_up_where_nobody_answers_forgets_it_here_and_says_so(self, home: Path):
        from tests.node.people.live import free_port

        self.keep(home, json.dumps(self.GOOD | {"node": f"http://127.0.0.1:{free_port()}"}))
        with pytest.raises(login.NoAnswer, match="holds there until 2099"):
            login.logout()
        assert not home.exists()

    def test_a_relative_folder_is_not_followed(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("XDG_CONFIG_HOME", "here")
        assert access.token_file().is_absolute()

    def test_an_authority_that_is_none(self, tmp_path: Path):
        (tmp_path / "ca.pem").write_text("not a certificate")
        with pytest.raises(InputError):
            access.connection("https://localhost:1", tmp_path / "ca.pem")

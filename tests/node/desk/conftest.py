"""A world with the hospital's incident submitted to one partner; a browser, and an officer who sits at it."""

from __future__ import annotations

import datetime as dt
import shutil
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth.hashers import make_password
from tests.node.exchange.serving.live import LiveNode
from tests.node.people.real_time import app
from tests.node.people.typing_in import PASSWORD
from tests.node.served import served, server
from tests.node.world import HOSPITAL, World

from comity.node import clock
from comity.node.people import actions as people
from comity.node.running import authority

__all__ = ["served", "server"]
CHROMIUM = shutil.which("chromium")


@pytest.fixture
def world(node: Any) -> World:
    return World(node)


@pytest.fixture
def hospital(world: World) -> World:
    world.submitted(HOSPITAL.read_bytes())
    return world


@pytest.fixture(scope="module")
def browser(server: LiveNode) -> Iterator[Any]:
    """It trusts the throw-away certificate by its key; nothing else is switched off.

    Playwright's loop runs in the thread of the tests, which Django would take for one that must not wait.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: no browser test was run")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on PATH: no browser test was run")
    pem = (server.trust.parent / authority.CERTIFICATE).read_bytes()
    key = x509.load_pem_x509_certificate(pem).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = f"--ignore-certificate-errors-spki-list={b64encode(sha256(key).digest()).decode()}"
    with playwright.sync_playwright() as started, pytest.MonkeyPatch.context() as patched:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", trusted])
        yield browser
        browser.close()


class Officer:
    """A person at a browser: types the password and the code, and cannot wait for the next code, so time is moved."""

    def __init__(self, page: Any, person: Any) -> None:
        self.page, self.person = page, person
        person.password = make_password(PASSWORD)
        person.save()
        self.secret = people.enrol_totp(person)
        self._codes = 0

    def code(self) -> str:
        """One that was not used yet: codes of the next step count too."""
        self._codes += 1
        return app(self.secret, clock.real() + dt.timedelta(seconds=30 * (self._codes - 1)))

    def sign_in(self) -> None:
        self.page.goto("/desk/")
        self.page.get_by_label("Username").fill(self.person.username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.get_by_label("Code").fill(self.code())
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.get_by_role("heading", level=1, name="What waits for a person").wait_for()

    def confirm(self) -> None:
        """The second factor, once more."""
        self.page.get_by_label("Code").fill(self.code())
        self.page.get_by_role("button", name="Go on").click()


@pytest.fixture
def page(browser: Any, server: LiveNode) -> Iterator[Any]:
    """A page whose console is listened to: what our policy forbids, and whatever a script does, is written there."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1360, "height": 900})
    page = context.new_page()
    page.said = []
    page.dialogs = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()

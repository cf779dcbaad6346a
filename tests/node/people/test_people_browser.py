"""Sign-in in a real browser: Debian's chromium against a node that runs, with TLS and with our headers in force."""

from __future__ import annotations

import shutil
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.node.people.live import PASSWORD, Live
from tests.node.people.real_time import app

from comity.cli import clock

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test was run")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on PATH: no browser test was run"),
]


@pytest.fixture(scope="module")
def browser(live: Live) -> Iterator[Any]:
    """It trusts the node's throw-away certificate by its key, so that passkeys work as on a real site."""
    certificate = x509.load_pem_x509_certificate((live.folder / "tls/node.pem").read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = b64encode(sha256(key).digest()).decode()
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", f"--ignore-certificate-errors-spki-list={trusted}"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def secrets(live: Live) -> dict[str, str]:
    """Somebody for each test; who has codes already has a secret here."""
    return live.people(
        codes=False, passkey=False, both=False, unverified=False, plain=False, locked=True, replayed=True, keyboard=True
    )


@pytest.fixture
def page(browser: Any, live: Live) -> Iterator[Any]:
    """A page whose console is listened to: whatever our policy forbids a script or a style is written there."""
    context = browser.new_context(base_url=live.url)
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    yield page
    violations = [text for text in page.said if "Content Security Policy" in text or "Refused to" in text]
    context.close()
    assert violations == []


@pytest.fixture
def without_scripts(browser: Any, live: Live) -> Iterator[Any]:
    context = browser.new_context(base_url=live.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def give_password(page: Any, username: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def give_code(page: Any, code: str, button: str = "Sign in") -> None:
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name=button, exact=True).click()


def set_up_codes(page: Any) -> str:
    page.get_by_role("link", name="Set up an app for codes").click()
    secret = str(page.locator("#secret").inner_text())
    give_code(page, app(secret, clock.now()), "Set up")
    return secret


def sign_out(page: Any) -> None:
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()


def is_in(page: Any) -> bool:
    page.goto("/identity/device")
    return bool(page.get_by_role("heading", name="Sign a program in").count())


def next_code(secret: str) -> str:
    """The code of the next step, which is taken already: a person would wait for it."""
    import datetime as dt

    return app(secret, clock.now() + dt.timedelta(seconds=30))


def a_passkey(page: Any) -> tuple[Any, str]:
    """A virtual authenticator that verifies its user, as a laptop with a fingerprint sensor."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, added["authenticatorId"]


def test_setting_up_codes_and_signing_in_with_them(page: Any, secrets: dict[str, str]):
    give_password(page, "codes")
    page.goto("/identity/device")
    assert page.url.endswith("/accounts/")  # nothing else opens
    assert page.get_by_text("Set up a second factor first").count() == 1
    page.goto("/accounts/codes/")
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 100
    page.goto("/accounts/")
    secret = set_up_codes(page)
    assert is_in(page)
    sign_out(page)
    assert not is_in(page)
    give_password(page, "codes")
    give_code(page, next_code(secret))
    assert is_in(page)


def test_setting_up_a_passkey_and_signing_in_with_it_alone(page: Any, secrets: dict[str, str]):
    a_passkey(page)
    give_password(page, "passkey")
    page.goto("/accounts/passkeys/new/")
    page.get_by_role("button", name="Set up", exact=True).click()
    page.wait_for_url("**/accounts/")
    assert is_in(page)
    sign_out(page)
    assert not is_in(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/desk/")
    assert is_in(page)
    page.goto("/accounts/passkeys/new/")  # asks once more
    assert "/accounts/again/passkey/" in page.url
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/accounts/passkeys/new/")


def test_a_passkey_after_the_password(page: Any, secrets: dict[str, str]):
    a_passkey(page)
    give_password(page, "both")
    page.goto("/accounts/passkeys/new/")
    page.get_by_role("button", name="Set up", exact=True).click()
    page.wait_for_url("**/accounts/")
    sign_out(page)
    give_password(page, "both")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/desk/")
    assert is_in(page)


def test_a_passkey_that_cannot_verify_its_user_opens_nothing(page: Any, secrets: dict[str, str]):
    """The browser does not even answer, as the node asks for verification."""
    session, passkey = a_passkey(page)
    give_password(page, "unverified")
    page.goto("/accounts/passkeys/new/")
    page.get_by_role("button", name="Set up", exact=True).click()
    page.wait_for_url("**/accounts/")
    sign_out(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": passkey, "isUserVerified": False})
    page.goto("/accounts/login/")
    with page.expect_console_message(lambda message: "NotAllowedError" in message.text):
        page.get_by_role("button", name="Sign in with a passkey").click()
    assert not is_in(page)


def test_five_wrong_codes_lock_and_a_right_one_does_not_help(page: Any, secrets: dict[str, str]):
    secret = secrets["locked"]
    give_password(page, "locked")
    for _ in range(5):
        give_code(page, f"{(int(app(secret, clock.now())) + 500_000) % 1_000_000:06}")
        assert page.get_by_text("Incorrect code").count() == 1
    give_code(page, next_code(secret))
    assert page.get_by_text("Too many failed login attempts").count() == 1
    assert not is_in(page)


def test_a_code_is_taken_once(page: Any, secrets: dict[str, str]):
    secret = secrets["replayed"]
    code = next_code(secret)
    give_password(page, "replayed")
    give_code(page, code)
    assert is_in(page)
    sign_out(page)
    give_password(page, "replayed")
    give_code(page, code)
    assert page.get_by_text("Incorrect code").count() == 1
    assert not is_in(page)


def test_everything_but_passkeys_works_without_scripts(without_scripts: Any, secrets: dict[str, str]):
    page = without_scripts
    give_password(page, "plain")
    assert page.url.endswith("/desk/") or page.url.endswith("/accounts/")
    page.goto("/accounts/")
    secret = set_up_codes(page)
    assert is_in(page)
    sign_out(page)
    assert "A passkey needs scripts" in page.content()
    give_password(page, "plain")
    give_code(page, next_code(secret))
    assert is_in(page)


def test_it_works_by_keyboard_and_says_what_its_fields_are(page: Any, secrets: dict[str, str]):
    secret = secrets["keyboard"]
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.get_by_label("Username").focus()
    page.keyboard.type("keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/login/second/")
    page.get_by_label("Code").focus()
    page.keyboard.type(next_code(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    for path in ("/accounts/", "/accounts/passkeys/", "/identity/device"):
        page.goto(path)
        unlabelled = "inputs => inputs.filter(i => i.type !== 'hidden' && !i.labels.length).length"
        assert page.locator("input").evaluate_all(unlabelled) == 0
        assert page.locator("h1").count() == 1
        assert page.locator("html[lang=en]").count() == 1


def test_the_page_has_its_style_and_says_whose_it_is(page: Any, live: Live):
    page.goto("/accounts/login/")
    rules = page.evaluate("[...document.styleSheets].map(sheet => sheet.cssRules.length)")
    assert len(rules) == 2
    assert min(rules) > 5
    assert page.get_by_text("CERT-EE").count() >= 1
    assert page.get_by_text("Exercise: this node goes by a clock of its own").count() == 1


def test_no_other_site_frames_it(browser: Any, live: Live):
    """A48: a page elsewhere that puts ours under its own buttons shows nothing."""

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<iframe src="{live.url}/accounts/login/" width=800 height=600></iframe>'.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Evil)
    Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_context().new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"http://localhost:{server.server_port}/")
    page.wait_for_timeout(500)
    assert any("frame-ancestors 'none'" in text for text in said)
    assert all("Username" not in (frame.content()) for frame in page.frames[1:])
    page.context.close()
    server.shutdown()
    server.server_close()


def test_a_planted_script_does_not_run(page: Any, live: Live):
    """The policy itself, in the browser: what a hole in a template would let in stays dead."""
    page.goto("/accounts/login/")
    page.evaluate(
        """() => { const s = document.createElement('script'); s.textContent = 'window.planted = 1';
        document.body.append(s); const i = new Image(); i.src = 'https://evil.example/x'; document.body.append(i); }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.planted") is None
    assert any("Content Security Policy" in text for text in page.said)
    page.said.clear()

"""Every route of `people` without credentials (A41), the headers of every answer, and whose forms are taken (A48)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from tests.node.people.signed_in import signed_in
from tests.node.people.typing_in import give_password

from comity.node.people import urls
from comity.node.people.models import Person

# What a stranger gets: open, or where they are sent. A route that is not here fails the test.
OPEN = "200"
SIGN_IN = "to sign in"
SIGNED_OUT = "to the page of signing in, with nothing done"
NO_CODE = "told that the request is none"
NOT_SO = "405"
STRANGERS: dict[str, tuple[str, str]] = {  # name: GET, POST
    "account_login": (OPEN, OPEN),
    "account_logout": (SIGNED_OUT, SIGNED_OUT),
    "account_inactive": (OPEN, NOT_SO),
    "mfa_login_webauthn": (SIGNED_OUT, SIGNED_OUT),
    "mfa_authenticate": (SIGNED_OUT, SIGNED_OUT),
    "account_reauthenticate": (SIGN_IN, SIGN_IN),
    "mfa_reauthenticate": (SIGN_IN, SIGN_IN),
    "mfa_reauthenticate_webauthn": (SIGN_IN, SIGN_IN),
    "mfa_index": (SIGN_IN, SIGN_IN),
    "mfa_activate_totp": (SIGN_IN, SIGN_IN),
    "mfa_deactivate_totp": (SIGN_IN, SIGN_IN),
    "mfa_list_webauthn": (SIGN_IN, SIGN_IN),
    "mfa_add_webauthn": (SIGN_IN, SIGN_IN),
    "mfa_remove_webauthn": (SIGN_IN, SIGN_IN),
    "device_authorization": (SIGN_IN, SIGN_IN),
    "device_code": (NOT_SO, NO_CODE),
    "token": (NOT_SO, NO_CODE),
    "revoke": (NOT_SO, NO_CODE),
}


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> dict[str, str]:
    """name -> path, of every route."""
    found: dict[str, str] = {}
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= walk(pattern.url_patterns, path)
        else:
            assert pattern.name is not None
            found[pattern.name] = re.sub(r"<[^>]+>", "1", path)
    return found


ROUTES = walk(urls.urlpatterns)
PROGRAMS = {"device_code", "token", "revoke"}
PAGES = sorted({*ROUTES} - PROGRAMS)
AUTHORIZATIONS = [
    {},
    {"authorization": ""},
    {"authorization": "Basic YWRtaW46YWRtaW4="},
    {"authorization": "Bearer x,Bearer x"},
    {"cookie": "sessionid=x; sessionid=y"},
    {"remote-user": "ann"},
    {"x-forwarded-user": "ann", "x-forwarded-for": "127.0.0.1"},
]


def kind(response: Any) -> str:
    if response.status_code in (200, 405):
        return str(response.status_code)
    if response.status_code in (400, 401):
        return NO_CODE
    assert response.status_code == 302, response.status_code
    path, _, query = response["Location"].partition("?")
    assert path == "/accounts/login/"
    return SIGN_IN if query.startswith("next=") else SIGNED_OUT


def test_every_route_is_in_the_table():
    assert {*ROUTES} == {*STRANGERS}


@pytest.mark.parametrize("headers", AUTHORIZATIONS, ids=str)
@pytest.mark.parametrize("name", sorted(STRANGERS))
def test_a_stranger_gets_what_the_table_says(ann: Person, name: str, headers: dict[str, str]):
    """A41: without credentials, and with empty, wrong and repeated ones."""
    client = Client(headers=headers)
    assert kind(client.get(ROUTES[name])) == STRANGERS[name][0]
    assert kind(client.post(ROUTES[name])) == STRANGERS[name][1]


@pytest.mark.parametrize("name", PAGES)
def test_a_form_is_taken_from_our_own_pages_alone(ann: Person, name: str):
    """A48."""
    client = signed_in(ann, again=True, client=Client(enforce_csrf_checks=True))
    assert client.post(ROUTES[name], {"action": "confirm"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "password/reset/",
        "password/change/",
        "email/",
        "social/",
        "recovery-codes/",
        "login/code/",
        "../admin/",
    ],
)
def test_what_we_do_not_use_is_not_there(node: Any, path: str):
    assert Client().get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/identity/o/authorize", "/identity/userinfo"])
def test_the_node_is_nobody_elses_identity_provider(node: Any, path: str):
    assert Client().get(path).status_code == 404


class TestHeaders:
    @pytest.mark.parametrize("name", [*PAGES, "nowhere"])
    def test_every_page_may_load_our_files_alone_and_is_in_nobodys_frame(self, ann: Person, name: str):
        response = signed_in(ann, again=True).get(ROUTES.get(name, "/nowhere"))
        policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert "unsafe" not in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"

    def test_a_refused_form_has_them_too(self, ann: Person):
        response = Client(enforce_csrf_checks=True).post("/accounts/login/")
        assert response.status_code == 403
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]

    def test_cookies_are_of_this_site_and_of_no_script(self, ann: Person):
        client = signed_in(ann)
        client.get("/accounts/logout/")
        give_password(client)
        for name in ("sessionid", "csrftoken"):
            cookie = client.cookies[name] if name in client.cookies else Client().get("/accounts/login/").cookies[name]
            assert cookie["httponly"]
        for setting in ("SESSION", "CSRF"):
            assert getattr(settings, f"{setting}_COOKIE_SAMESITE") == "Strict"
            assert getattr(settings, f"{setting}_COOKIE_SECURE") is True

    @pytest.mark.parametrize("name", PAGES)
    def test_no_page_has_a_script_or_a_style_of_its_own(self, ann: Person, name: str):
        """Only files of ours, and data that no browser runs."""
        text = signed_in(ann, again=True).get(ROUTES[name]).content.decode()
        for script in re.findall(r"<script\b[^>]*>", text):
            assert 'src="/static/' in script or 'type="application/json"' in script
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)

    def test_every_page_says_whose_node_it_is_and_that_its_clock_is_an_exercises(self, ann: Person, node: Any):
        node.move(node.now.replace(year=2027))
        for client, path in ((Client(), "/accounts/login/"), (signed_in(ann), "/accounts/"), (Client(), "/nowhere")):
            text = client.get(path).content.decode()
            assert "CERT-EE" in text
            assert "Exercise" in text
            assert "2027-11-23" in text

    def test_templates_hold_no_script_or_style(self):
        for file in (Path(str(urls.__file__)).parent / "templates").rglob("*.html"):
            text = file.read_text()
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), file
            for script in re.findall(r"<script\b[^>]*>", text):
                assert "{% static" in script or 'type="application/json"' in script, file

    def test_the_files_are_served(self, node: Any):
        for path in ("people/pico/pico.min.css", "people/comity.css", "mfa/js/webauthn.js", "account/js/onload.js"):
            response = Client().get(f"/static/{path}")
            assert response.status_code == 200
            assert "Content-Security-Policy" in response


class TestDefaults:
    """A45: nothing starts with a secret that somebody else knows."""

    def test_the_secret_is_of_this_node(self):
        from comity.node.keyring import held

        assert held().sessions.hex() == settings.SECRET_KEY
        assert settings.DEBUG is False
        assert settings.SECRET_KEY_FALLBACKS == []

    @pytest.mark.parametrize(
        "known",
        [b"", b"SECRET-STRING-NEEDS-TO-BE-CHANGED"[:32], b"changeme" * 4, bytes(32), b"\xff" * 32, b"\x01\xfe" * 16],
    )
    def test_a_node_with_a_known_secret_does_not_start(self, tmp_path: Path, known: bytes):
        import dataclasses

        from comity.node.config import current
        from comity.node.keyring import BadKeyring, make_keyring, read_keyring

        make_keyring(tmp_path / "keys")
        file = tmp_path / "keys/sessions.key"
        file.write_bytes(known)
        file.chmod(0o600)
        with pytest.raises(BadKeyring):
            read_keyring(dataclasses.replace(current(), folder=tmp_path))

    @pytest.mark.parametrize("text", ["", "party = 'x'", "secret = 'x'"])
    def test_nor_with_an_empty_or_foreign_configuration(self, tmp_path: Path, text: str):
        from comity.node.config import BadConfig, read_config

        (tmp_path / "comity.toml").write_text(text)
        with pytest.raises(BadConfig):
            read_config(tmp_path)

    def test_django_itself_has_nothing_to_complain_of(self):
        from django.core.checks import run_checks

        assert [str(found) for found in run_checks() if found.level >= 30] == []

    def test_a_host_that_is_not_ours_is_not_answered(self, node: Any):
        with override_settings(ALLOWED_HOSTS=["localhost"]):
            response = Client(headers={"host": "evil.example"}).get("/accounts/login/")
        assert response.status_code == 400


def test_the_whole_site_answers_at_these_routes():
    """They are mounted, under the names by which allauth looks them up."""
    names = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    assert {*ROUTES} - {"device_authorization", *PROGRAMS} <= names

"""Signing in over Django's client: what opens, what stays shut, and setting up a second factor."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from django.test import Client
from tests.node.people.real_time import STEP, Real, app
from tests.node.people.signed_in import signed_in, token_of
from tests.node.people.typing_in import errors, give_code, give_password

from comity.node.people import actions
from comity.node.people.models import Person

SHUT = ["/accounts/", "/accounts/codes/", "/accounts/passkeys/", "/identity/device", "/accounts/again/code/"]


def is_in(client: Client) -> bool:
    """Whether a page that needs a whole session opens."""
    return client.get("/identity/device").status_code == 200


def secret_on(page: Any) -> str:
    found = re.search(r'id="secret">([A-Z2-7]+)<', page.content.decode())
    assert found is not None
    return found[1]


def test_password_and_code(ann: Person, real: Real):
    secret, client = actions.enrol_totp(ann), Client()
    assert give_password(client)["Location"] == "/accounts/login/second/"
    assert not is_in(client)
    assert give_code(client, app(secret, real.at))["Location"] == "/desk/"
    assert is_in(client)


@pytest.mark.parametrize("path", SHUT)
def test_a_password_alone_opens_nothing(ann: Person, real: Real, path: str):
    actions.enrol_totp(ann)
    client = Client()
    give_password(client)
    assert client.get(path)["Location"].startswith("/accounts/login/")


def test_a_code_alone_opens_nothing(ann: Person, real: Real):
    client = Client()
    assert give_code(client, app(actions.enrol_totp(ann), real.at))["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(ann: Person):
    said = [errors(give_password(Client(), name, "not the password at all")) for name in ("ann", "nobody")]
    assert said[0] == said[1] != ""


def test_a_wrong_password_and_an_unknown_name_cost_the_same_work(ann: Person, monkeypatch: pytest.MonkeyPatch):
    """Attack A47: one password hash, which is most of the time that an answer takes."""
    hashed: list[str] = []
    scrypt = hashlib.scrypt
    monkeypatch.setattr(hashlib, "scrypt", lambda *args, **more: hashed.append("scrypt") or scrypt(*args, **more))
    work = []
    for name in ("ann", "nobody"):
        hashed.clear()
        give_password(Client(), name, "not the password at all")
        work.append(len(hashed))
    assert work == [1, 1]


def test_the_password_is_locked_after_five_wrong_ones(ann: Person, real: Real):
    """A40. A right one does not help then, nor does another address."""
    for n in range(5):
        give_password(Client(REMOTE_ADDR=f"192.0.2.{n}"), password="not the password at all")
    assert "Too many" in errors(give_password(Client(REMOTE_ADDR="192.0.2.9")))
    real.move(dt.timedelta(minutes=5))
    assert give_password(Client()).status_code == 302


def test_cancelling_between_password_and_code_forgets_the_password(ann: Person, real: Real):
    secret, client = actions.enrol_totp(ann), Client()
    give_password(client)
    client.post("/accounts/logout/")
    assert give_code(client, app(secret, real.at))["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_the_time_between_password_and_code_is_limited(ann: Person, real: Real):
    secret, client = actions.enrol_totp(ann), Client()
    give_password(client)
    real.move(dt.timedelta(minutes=16))
    give_code(client, app(secret, real.at))
    assert not is_in(client)


def test_signing_in_takes_a_new_session(ann: Person, real: Real):
    """Whoever planted a session beforehand does not share it afterwards."""
    secret, client = actions.enrol_totp(ann), Client()
    client.get("/accounts/login/")
    give_password(client)
    planted = client.cookies["sessionid"].value
    give_code(client, app(secret, real.at))
    assert client.cookies["sessionid"].value != planted
    assert not is_in(with_cookie(planted))


def test_signing_out_ends_the_session_on_the_server(ann: Person):
    client = signed_in(ann)
    kept = client.cookies["sessionid"].value
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client)  # looking at the page is not enough: another site could link to it
    client.post("/accounts/logout/")
    assert not is_in(with_cookie(kept))


def with_cookie(value: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = value
    return client


class TestSettingUp:
    """Somebody without a second factor can do one thing: set one up."""

    @pytest.mark.parametrize("path", ["/identity/device", "/accounts/passkeys/", "/accounts/codes/remove/", "/desk"])
    def test_every_other_page_leads_there(self, ann: Person, path: str):
        client = Client()
        give_password(client)
        response = client.get(path)
        assert response.status_code == 404 or response["Location"] == "/accounts/"

    def test_nothing_can_be_posted_either(self, ann: Person):
        client = Client()
        give_password(client)
        assert client.post("/identity/device?code=ABCD-EFGH", {"action": "confirm"})["Location"] == "/accounts/"

    def test_an_app_for_codes(self, ann: Person, real: Real):
        client = Client()
        give_password(client)
        assert "Set up a second factor first" in client.get("/accounts/").content.decode()
        secret = secret_on(client.get("/accounts/codes/"))
        assert client.post("/accounts/codes/", {"code": app(secret, real.at)})["Location"] == "/accounts/"
        assert is_in(client)
        assert actions.has_second_factor(ann)

    def test_a_wrong_code_sets_nothing_up(self, ann: Person, real: Real):
        client = Client()
        give_password(client)
        secret = secret_on(client.get("/accounts/codes/"))
        wrong = app(secret, real.at + 100 * STEP)
        assert "Incorrect" in errors(client.post("/accounts/codes/", {"code": wrong}))
        assert not actions.has_second_factor(ann)

    def test_a_secret_that_somebody_else_chose_is_not_taken(self, ann: Person, real: Real):
        """The secret is the server's: a form that brings its own sets up nothing."""
        client, chosen = Client(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        give_password(client)
        client.get("/accounts/codes/")
        client.post("/accounts/codes/", {"code": app(chosen, real.at), "secret": chosen})
        assert not actions.has_second_factor(ann)

    def test_setting_up_with_an_old_password_asks_for_it_again(self, ann: Person, real: Real):
        client = Client()
        give_password(client)
        real.move(dt.timedelta(minutes=6))
        assert client.get("/accounts/codes/")["Location"].startswith("/accounts/again/")
        back = client.post("/accounts/again/", {"password": "a cormorant over Haapsalu", "next": "/accounts/codes/"})
        assert back["Location"] == "/accounts/codes/"
        assert client.get("/accounts/codes/").status_code == 200

    def test_a_session_opened_with_the_password_alone_stays_shut(self, ann: Person, real: Real):
        """A thief with the password waits until the owner has set up a second factor: it is not the thief's."""
        thief, owner = Client(), Client()
        give_password(thief)
        give_password(owner)
        secret = secret_on(owner.get("/accounts/codes/"))
        owner.post("/accounts/codes/", {"code": app(secret, real.at)})
        assert is_in(owner)
        assert thief.get("/accounts/")["Location"].startswith("/accounts/login/")
        assert not is_in(thief)

    def test_the_secret_is_sealed_in_the_database(self, ann: Person):
        """SP 800-63B-4 section 3.1.4.2."""
        secret = actions.enrol_totp(ann)
        row = Authenticator.objects.get(user=ann)
        assert secret not in str(row.data)
        row.data["secret"] = row.data["secret"][:-4] + "AAA="
        row.save()
        client = Client(raise_request_exception=False)
        give_password(client)
        assert give_code(client, "000000").status_code == 500  # sealed elsewhere: nobody gets in

    def test_a_second_set_up_needs_the_second_factor_and_not_the_password(self, ann: Person):
        client = signed_in(ann)
        assert client.get("/accounts/passkeys/new/")["Location"].startswith("/accounts/again/code/")
        assert client.get("/accounts/again/")["Location"].startswith("/accounts/again/code/")
        assert signed_in(ann, again=True).get("/accounts/passkeys/new/").status_code == 200

    def test_removing_the_last_one_shuts_every_page(self, ann: Person, real: Real):
        client = signed_in(ann, again=True)
        assert client.post("/accounts/codes/remove/")["Location"] == "/accounts/"
        assert client.get("/accounts/")["Location"].startswith("/accounts/login/")
        give_password(client)
        assert client.get("/identity/device")["Location"] == "/accounts/"


class TestAccounts:
    @pytest.mark.parametrize(
        "username", ["", "Ann", "ann b", "-ann", "ann-", "ann\n", "änn", "a" * 151, "ann@x", "../ann", "аnn"]
    )
    def test_a_name_that_could_pass_for_another_is_refused(self, node: Any, username: str):
        with pytest.raises(actions.BadUsername):
            actions.add_person(username, name="Somebody", now=node.now)

    def test_a_name_is_given_once(self, ann: Person, node: Any):
        with pytest.raises(actions.BadUsername):
            actions.add_person("ann", name="Another", now=node.now)

    @pytest.mark.parametrize("password", ["", "short", "fourteen chars", "1q2w3e4r5t6y7u8i9o0p"])
    def test_a_weak_password_is_refused(self, node: Any, password: str):
        with pytest.raises(actions.BadPassword):
            actions.set_password(node.person("somebody"), password)

    def test_a_new_account_cannot_sign_in(self, node: Any):
        node.person("new", "analyst")
        for password in ("", "!", "new", "password"):
            assert errors(give_password(Client(), "new", password))

    def test_a_closed_account_is_out_at_once(self, ann: Person, node: Any):
        client, token = signed_in(ann), token_of(ann)
        actions.deactivate(ann, by=None, now=node.now)
        actions.deactivate(ann, by=None, now=node.now)
        assert not is_in(client)
        assert not Token.objects.filter(user=ann).exists()
        assert token
        assert give_password(Client())["Location"] == "/accounts/closed/"

    def test_a_new_password_ends_sessions_and_tokens_of_the_old_one(self, ann: Person):
        client = signed_in(ann)
        token_of(ann)
        actions.set_password(ann, "another cormorant altogether")
        assert not is_in(client)
        assert not Token.objects.filter(user=ann).exists()

    def test_codes_are_set_up_by_a_program_in_development_only(self, ann: Person, monkeypatch: pytest.MonkeyPatch):
        import dataclasses

        from comity.node.config import current
        from comity.node.people.actions import second_factor

        production = dataclasses.replace(current(), development=False)
        monkeypatch.setattr(second_factor, "current", lambda: production)
        with pytest.raises(actions.DevelopmentOnly):
            actions.enrol_totp(ann)
        assert not actions.has_second_factor(ann)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://localhost:1/",
        "https://localhost/",
        "javascript:alert(1)",
        "/\\evil.example",
        "x:y",
    ],
)
def test_signing_in_leads_nowhere_else(ann: Person, real: Real, url: str):
    secret, client = actions.enrol_totp(ann), Client()
    give_password(client, next=url)
    assert give_code(client, app(secret, real.at))["Location"] == "/desk/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(ann: Person, real: Real):
    secret, client = actions.enrol_totp(ann), Client()
    asked = client.get("/identity/device?code=ABCD-EFGH")["Location"]
    assert asked == "/accounts/login/?next=/identity/device%3Fcode%3DABCD-EFGH"
    give_password(client, next="/identity/device?code=ABCD-EFGH")
    assert give_code(client, app(secret, real.at))["Location"] == "/identity/device?code=ABCD-EFGH"

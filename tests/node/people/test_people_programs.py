"""A program with a person's token: how it gets one, what it may, and when it may no more."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as Program
from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import include, path
from ninja import NinjaAPI
from tests.node.people.signed_in import signed_in, token_of, with_token
from tests.node.people.test_people_codes import together

from comity.node import clock
from comity.node.people import actions
from comity.node.people.access import bearer, verb
from comity.node.people.models import Person

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
api = NinjaAPI(auth=bearer, urls_namespace="people-programs", docs_url=None)


@api.get("/me")
def me(request: HttpRequest) -> dict[str, str]:
    assert isinstance(request.user, Person)
    return {"username": request.user.username}


@api.post("/approvals", auth=verb("approve"))
def approvals(request: HttpRequest) -> dict[str, str]:
    return {"by": str(request.user)}


@api.exception_handler(actions.NotAllowed)
def refused(request: HttpRequest, error: actions.NotAllowed) -> Any:
    return api.create_response(request, {"what": error.sentence, "do": error.remedy}, status=403)


urlpatterns = [path("api/", api.urls), path("", include("comity.node.people.urls"))]
pytestmark = pytest.mark.usefixtures("routes")


@pytest.fixture
def routes() -> Any:
    """With an interval of nothing, so that a test asks as often as it likes."""
    with override_settings(ROOT_URLCONF=__name__, IDP_OIDC_DEVICE_CODE_INTERVAL=0):
        yield


FORM = "application/x-www-form-urlencoded"


def post(path: str, data: dict[str, str], client: Client | None = None) -> Any:
    from urllib.parse import urlencode

    return (client or Client()).post(path, urlencode(data), content_type=FORM)


def begin(**more: str) -> dict[str, Any]:
    response = post("/identity/device/code", {"client_id": "comity-cli", **more})
    assert response.status_code == 200, response.content
    return dict(response.json())


def poll(device_code: str) -> Any:
    return post("/identity/token", {"client_id": "comity-cli", "device_code": device_code, "grant_type": DEVICE})


def confirm(client: Client, user_code: str, action: str = "confirm") -> Any:
    return client.post(f"/identity/device?code={user_code}", {"action": action})


class TestDeviceFlow:
    """RFC 8628."""

    def test_from_code_to_token(self, ann: Person):
        begun = begin()
        assert begun["verification_uri"].endswith("/identity/device")
        assert poll(begun["device_code"]).json()["error"] == "authorization_pending"
        page = signed_in(ann).get(f"/identity/device?code={begun['user_code']}")
        assert "Comity command line" in page.content.decode()
        assert begun["user_code"] in page.content.decode()
        assert "is signed in" in confirm(signed_in(ann), begun["user_code"]).content.decode()
        given = poll(begun["device_code"]).json()
        assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 8 * 3600, "comity")
        assert "refresh_token" not in given
        me = Client(headers={"authorization": f"Bearer {given['access_token']}"}).get("/api/me")
        assert me.json() == {"username": "ann"}

    def test_the_token_is_kept_as_a_hash(self, ann: Person):
        begun = begin()
        confirm(signed_in(ann), begun["user_code"])
        value = poll(begun["device_code"]).json()["access_token"]
        assert value not in json.dumps(list(Token.objects.values()), default=str)
        assert len(value) >= 43

    def test_a_code_gives_one_token(self, ann: Person):
        begun = begin()
        confirm(signed_in(ann), begun["user_code"])
        assert poll(begun["device_code"]).status_code == 200
        assert poll(begun["device_code"]).json()["error"] == "invalid_grant"
        assert Token.objects.count() == 1

    def test_of_many_asking_at_once_one_gets_it(self, ann_live: Person):
        begun = begin()
        confirm(signed_in(ann_live), begun["user_code"])
        outcomes: list[int] = []
        together([lambda: outcomes.append(poll(begun["device_code"]).status_code)] * 8)
        assert outcomes.count(200) == 1
        assert Token.objects.count() == 1

    def test_a_yes_is_not_lost_to_a_program_that_asks_meanwhile(self, ann_live: Person):
        """allauth reads, and writes back what it read: the yes between the two would be gone."""
        client, begun = signed_in(ann_live), begin()
        outcomes: list[int] = []

        def asking() -> None:
            for _ in range(20):
                outcomes.append(poll(begun["device_code"]).status_code)

        together([asking, lambda: confirm(client, begun["user_code"]), asking])
        outcomes.append(poll(begun["device_code"]).status_code)
        assert outcomes.count(200) == 1

    def test_a_no_is_a_no(self, ann: Person):
        begun = begin()
        confirm(signed_in(ann), begun["user_code"], "deny")
        assert poll(begun["device_code"]).json()["error"] == "access_denied"
        confirm(signed_in(ann), begun["user_code"])
        assert not Token.objects.exists()

    def test_asking_too_often_is_told_so(self, ann: Person):
        with override_settings(IDP_OIDC_DEVICE_CODE_INTERVAL=5):
            begun = begin()
        assert begun["interval"] == 5
        assert [poll(begun["device_code"]).json()["error"] for _ in range(2)] == ["authorization_pending", "slow_down"]

    def test_looking_at_the_page_confirms_nothing(self, ann: Person):
        begun = begin()
        signed_in(ann).get(f"/identity/device?code={begun['user_code']}&action=confirm")
        assert poll(begun["device_code"]).json()["error"] == "authorization_pending"

    def test_another_site_confirms_nothing(self, ann: Person):
        """A48. allauth's own view is exempt from the check."""
        begun = begin()
        client = signed_in(ann, client=Client(enforce_csrf_checks=True))
        assert confirm(client, begun["user_code"]).status_code == 403
        assert poll(begun["device_code"]).json()["error"] == "authorization_pending"

    def test_a_person_without_a_second_factor_confirms_nothing(self, node: Any):
        from tests.node.people.typing_in import PASSWORD, give_password

        bob, client = node.person("bob", "analyst"), Client()
        actions.set_password(bob, PASSWORD)
        give_password(client, "bob")
        begun = begin()
        assert confirm(client, begun["user_code"])["Location"] == "/accounts/"
        assert poll(begun["device_code"]).json()["error"] == "authorization_pending"

    def test_codes_are_not_guessed(self, ann: Person):
        client = signed_in(ann)
        said = [client.get(f"/identity/device?code=AAAA-{n:04}").content.decode() for n in range(21)]
        assert "too many requests" in said[-1]
        assert "too many requests" not in said[0]

    @pytest.mark.parametrize(
        ("data", "error"),
        [
            ({"client_id": "nobody"}, "invalid_request"),
            ({"client_id": "comity-cli", "scope": "admin"}, "invalid_scope"),
            ({"client_id": "comity-cli", "scope": "openid"}, "invalid_scope"),
            ({}, "invalid_request"),
        ],
    )
    def test_only_the_command_line_and_only_its_scope(self, node: Any, data: dict[str, str], error: str):
        response = post("/identity/device/code", data)
        assert response.status_code == 400
        assert response.json()["error"].startswith(error[:7])

    @pytest.mark.parametrize(
        "grant", ["password", "client_credentials", "refresh_token", "authorization_code", "", "x"]
    )
    def test_no_other_grant_gives_the_command_line_a_token(self, ann: Person, grant: str):
        data = {
            "client_id": "comity-cli",
            "grant_type": grant,
            "username": "ann",
            "password": "x",
            "client_secret": "!",
        }
        response = post("/identity/token", data | {"code": "x", "refresh_token": "x", "scope": "comity"})
        assert response.status_code in (400, 401)
        assert not Token.objects.exists()


class TestBearer:
    def test_a_token_acts_as_its_person(self, ann: Person):
        assert with_token(ann).get("/api/me").json() == {"username": "ann"}

    @pytest.mark.parametrize(
        "header",
        [
            "", "Bearer", "Bearer ", "Bearer x", "Basic YW5uOng=", "bearer\t{}", "Token {}", "{}",
            "Bearer {} {}", "Bearer {},Bearer {}", "Bearer é", "Bearer {}x",
        ],
    )  # fmt: skip
    def test_a_header_that_is_none_acts_as_nobody(self, ann: Person, header: str):
        """A41: empty, of the wrong kind, repeated."""
        value = header.replace("{}", token_of(ann))
        assert Client(headers={"authorization": value}).get("/api/me").status_code == 401

    def test_a_session_does_not_open_the_api(self, ann: Person):
        """So that no page of another site can use it."""
        assert signed_in(ann, again=True).get("/api/me").status_code == 401

    def test_a_token_does_not_open_pages(self, ann: Person):
        assert with_token(ann).get("/accounts/").status_code == 302

    @pytest.mark.parametrize("where", ["/api/me?access_token={}", "/api/me?token={}"])
    def test_a_token_in_the_address_is_not_taken(self, ann: Person, where: str):
        assert Client().get(where.format(token_of(ann))).status_code == 401

    def test_its_life_is_over_after_eight_hours(self, ann: Person):
        """A39: one second past its life."""
        just, past = dt.timedelta(seconds=60), dt.timedelta(seconds=-1)
        for lives, status in ((just, 200), (past, 401)):
            client = Client(headers={"authorization": f"Bearer {token_of(ann, lives=lives)}"})
            assert client.get("/api/me").status_code == status

    def test_it_is_over_when_the_account_is_closed(self, ann: Person):
        client = with_token(ann)
        Person.objects.filter(pk=ann.pk).update(is_active=False)
        assert client.get("/api/me").status_code == 401

    def test_it_is_over_when_the_second_factor_is_gone(self, ann: Person):
        client = with_token(ann)
        Authenticator.objects.filter(user=ann).delete()
        assert client.get("/api/me").status_code == 401

    def test_a_token_of_another_program_acts_as_nobody(self, ann: Person):
        """A partner's tool with client credentials is not a person, whatever its row says."""
        token = token_of(ann)
        other = Program.objects.create(
            id="tool", name="A partner's tool", scopes="comity", grant_types="client_credentials"
        )
        Token.objects.filter(user=ann).update(client=other)
        assert Client(headers={"authorization": f"Bearer {token}"}).get("/api/me").status_code == 401

    @pytest.mark.parametrize(
        "change", [{"scopes": ""}, {"scopes": "openid"}, {"type": "rt"}, {"type": "ia"}, {"user": None}]
    )
    def test_nor_does_another_kind_of_token(self, ann: Person, change: dict[str, Any]):
        token = token_of(ann)
        Token.objects.filter(user=ann).update(**change)
        assert Client(headers={"authorization": f"Bearer {token}"}).get("/api/me").status_code == 401

    def test_given_up_it_is_over(self, ann: Person):
        token = token_of(ann)
        assert post("/identity/revoke", {"client_id": "comity-cli", "token": token}).status_code == 200
        assert Client(headers={"authorization": f"Bearer {token}"}).get("/api/me").status_code == 401

    def test_a_verb_is_asked_for_at_each_call(self, ann: Person, node: Any):
        client = with_token(ann)
        assert client.post("/api/approvals").json() == {"by": "ann"}
        actions.end_assignment(ann.assignments.get(), by=None, now=node.now)
        answer = client.post("/api/approvals")
        assert answer.status_code == 403
        assert "approve" in answer.json()["what"]

    def test_without_the_verb_it_is_refused(self, node: Any):
        assert with_token(node.person("bob", "analyst")).post("/api/approvals").status_code == 403

    def test_without_a_token_the_verb_does_not_matter(self, node: Any):
        assert Client().post("/api/approvals").status_code == 401

    def test_the_api_says_how_to_authenticate(self):
        schemes = api.get_openapi_schema()["components"]["securitySchemes"]
        assert {(scheme["type"], scheme["scheme"]) for scheme in schemes.values()} == {("http", "bearer")}


def test_the_command_line_has_no_secret(node: Any):
    program = Program.objects.get()
    assert (program.id, program.type, program.get_grant_types()) == ("comity-cli", "public", [DEVICE])
    assert not any(program.check_secret(guess) for guess in ("", "!", "secret", "comity-cli"))
    assert program.get_redirect_uris() == []


def test_what_is_over_is_forgotten(ann: Person, node: Any):
    from django.contrib.sessions.models import Session

    signed_in(ann)
    token_of(ann)
    token_of(ann, lives=dt.timedelta(seconds=-5))
    Session.objects.create(session_key="over", session_data="", expire_date=clock.real() - dt.timedelta(days=1))
    actions.forget_expired({}, node.now)
    actions.forget_expired({}, node.now)
    assert (Token.objects.count(), Session.objects.filter(pk="over").exists(), Session.objects.count()) == (1, False, 1)

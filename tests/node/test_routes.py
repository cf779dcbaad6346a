"""Every route of people and of their programs, asked by every role, by nobody, and with tokens that do not hold.

The tables are the specification. A route that is not in them fails the test, and so does one that is gone.
Partners' routes have tests of their own (`exchange/serving/test_roles`).
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.urls import URLResolver, get_resolver
from tests.node.people.signed_in import signed_in, token_of, with_token

from comity.node.api import api
from comity.node.people import actions as people

ROLES = {
    "A": "analyst",
    "R": "releasing-officer",
    "P": "privacy-officer",
    "D": "duty-officer",
    "U": "auditor",
    "M": "administrator",
    "-": "",  # somebody without a role
}
API = """
GET  /api/ledger/status                             ARPDUM
POST /api/ledger/verify                             UM
POST /api/ledger/alarms/{alarm}/clear               RPD
GET  /api/ledger/entries                            U
GET  /api/ledger/entries/{index}/proof              U
GET  /api/agreements                                ARPDUM
POST /api/agreements                                R
GET  /api/agreements/{digest}                       ARPDUM
POST /api/signatures                                R
GET  /api/flows                                     ARPDUM
POST /api/flows/{flow_id}/suspend                   RPD
POST /api/flows/{flow_id}/resume                    RPD
GET  /api/consents                                  P
POST /api/consents                                  P
POST /api/consents/{consent_id}/withdraw            P
POST /api/submissions                               AD
GET  /api/submissions                               ARPD
GET  /api/submissions/{submission_id}               ARPD
POST /api/submissions/{submission_id}/submit        AD
POST /api/submissions/{submission_id}/strip         RP
POST /api/submissions/{submission_id}/release       RD
GET  /api/submissions/{submission_id}/decisions     ARPD
POST /api/tell                                      D
GET  /api/questions                                 ARPD
GET  /api/answers                                   ARPD
GET  /api/questions/{question_id}                   ARPD
POST /api/questions/{question_id}/approve           RP
POST /api/questions/{question_id}/reject            RP
GET  /api/releases                                  ARPD
GET  /api/releases/{release_id}/bill                ARPD
GET  /api/releases/{release_id}/receipt             ARPD
POST /api/releases/{release_id}/withdraw            RP
GET  /api/partners                                  ARPDUM
GET  /api/overdue                                   ARPDUM
POST /api/pull                                      AD
POST /api/partners/{party}/pull                     AD
POST /api/partners/{party}/resume                   RPD
GET  /api/tools                                     M
POST /api/tools                                     M
POST /api/tools/{username}/enable                   M
POST /api/tools/{username}/disable                  M
"""
OPEN_API = {"api/openapi.json": 200, "api/": 404}  # what it describes is published with the program
PAGES = """
GET  /                                              ARPDUM-
GET  /desk/                                         ARPD
GET  /desk/questions/{id}/                          ARPD
POST /desk/questions/{id}/look/                     ARPD
POST /desk/questions/{id}/approve/                  RP
POST /desk/questions/{id}/reject/                   RP
POST /desk/questions/{id}/strip/                    RP
"""
# Sign-in: for everybody, and about nobody but oneself. What strangers get there is in `people/test_people_browser`.
SIGN_IN = """
accounts/login/ accounts/login/passkey/ accounts/login/second/ accounts/logout/ accounts/closed/
accounts/again/ accounts/again/code/ accounts/again/passkey/ accounts/ accounts/codes/ accounts/codes/remove/
accounts/passkeys/ accounts/passkeys/new/ accounts/passkeys/<int:pk>/remove/
identity/device/code identity/device identity/token identity/revoke
"""
NOTHING = "00000000-0000-4000-8000-000000000000"


def rows(table: str) -> list[tuple[str, str, str]]:
    """Method, path, and the letters of who is let in."""
    return [(parts[0], parts[1], parts[2]) for line in table.splitlines() if (parts := line.split())]


def filled(path: str) -> str:
    """The path with an id that is nobody's."""
    for name in ("{index}", "{alarm}", "{party}", "{username}", "{digest}"):
        path = path.replace(name, {"{index}": "999999", "{alarm}": "999999", "{party}": "nobody"}.get(name, "nothing"))
    while "{" in path:
        path = path[: path.index("{")] + NOTHING + path[path.index("}") + 1 :]
    return path


def there() -> set[str]:
    def walk(patterns: Any, before: str = "") -> Iterator[str]:
        for pattern in patterns:
            route = f"{before}{pattern.pattern}"
            yield from walk(pattern.url_patterns, route) if isinstance(pattern, URLResolver) else [route]

    return set(walk(get_resolver("comity.node.urls").url_patterns))


@functools.cache
def described() -> dict[str, Any]:
    schema: dict[str, Any] = api.get_openapi_schema()
    return schema


def as_described(route: str) -> str:
    """`api/flows/<uuidstr:flow_id>` as OpenAPI writes it."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


class TestTheTables:
    def test_they_name_every_route(self):
        named = {path.lstrip("/").replace("{id}", "<uuid:question_id>") for _, path, _ in rows(PAGES)}
        named |= {*SIGN_IN.split(), *OPEN_API}
        programs = {route for route in there() if route.startswith("api/")} - OPEN_API.keys()
        assert there() - programs == named
        assert {as_described(route) for route in programs} == {path for _, path, _ in rows(API)}

    def test_they_name_every_method(self):
        found = {(method.upper(), path) for path, methods in described()["paths"].items() for method in methods}
        assert found == {(method, path) for method, path, _ in rows(API)}


@pytest.fixture
def persons(node: Any) -> dict[str, Any]:
    return {
        letter: node.person(f"the-{role or 'stranger'}", *([role] if role else [])) for letter, role in ROLES.items()
    }


def ask(client: Client, method: str, path: str, **headers: str) -> Any:
    client.raise_request_exception = False
    if method == "GET":
        return client.get(filled(path), headers=headers)
    return client.post(filled(path), "{}", content_type="application/json", headers=headers)


class TestPrograms:
    def test_who_may_is_let_in_and_nobody_else(self, persons: dict[str, Any]):
        wrong = []
        for letter, person in persons.items():
            client = with_token(person)
            for method, path, allowed in rows(API):
                status = ask(client, method, path).status_code
                let_in = status not in (401, 403)
                if let_in != (letter in allowed) or status >= 500:
                    wrong.append(f"{method} {path} answered {ROLES[letter] or 'no role'} with {status}")
        assert wrong == []

    @pytest.mark.parametrize(
        "how", ["nobody", "wrong", "expired", "deleted", "closed", "a session", "basic", "other client"]
    )
    def test_without_a_token_that_holds(self, node: Any, persons: dict[str, Any], how: str):
        person = persons["R"]
        client, headers = Client(), {}
        token = token_of(person, lives=dt.timedelta(seconds=-1 if how == "expired" else 3600))
        if how == "deleted":
            Token.objects.all().delete()
        if how == "closed":
            people.deactivate(person, by=persons["M"], now=node.now)
        if how == "other client":
            Token.objects.update(client_id=self._other_client())
        if how == "a session":
            client = signed_in(person, again=True)
        elif how == "basic":
            headers = {"authorization": "Basic cmVsZWFzaW5nOm9mZmljZXI="}
        elif how != "nobody":
            headers = {"authorization": f"Bearer {token if how != 'wrong' else token[::-1]}"}
        found = {ask(client, method, path, **headers).status_code for method, path, _ in rows(API)}
        assert found == {401}

    def _other_client(self) -> str:
        """A partner's tool's."""
        from allauth.idp.oidc.models import Client as Program

        return str(Program.objects.create(id="tool", name="Tool", grant_types="client_credentials").pk)

    def test_nobody_is_told_how_to_come_in_and_nothing_else(self):
        for method, path, _ in rows(API):
            response = ask(Client(), method, path)
            assert response["WWW-Authenticate"] == "Bearer"
            assert response.json()["error"] == "NotSignedIn"

    def test_what_is_open(self):
        for route, status in OPEN_API.items():
            assert Client().get(f"/{route}").status_code == status

    def test_a_refusal_names_the_verb_and_not_the_thing(self, persons: dict[str, Any]):
        """Whether there is such a thing is not told to who may not see it (attack A47)."""
        response = ask(with_token(persons["A"]), "POST", "/api/questions/{id}/approve")
        assert response.status_code == 403
        assert (
            response.json()["sentence"] == "nothing was done: `approve` belongs to no role that you have at this time"
        )


class TestPages:
    def test_who_may_is_let_in_and_nobody_else(self, persons: dict[str, Any]):
        """404: let in, and there is no such question. Sign-in leads to the queue, and whoever has none, home."""
        wrong = []
        for letter, person in persons.items():
            client = signed_in(person, again=True)
            for method, path, allowed in rows(PAGES):
                response = ask(client, method, path)
                status = response.status_code
                let_in = status in (200, 404)
                home = path == "/desk/" and status == 302 and response["Location"] == "/"
                if let_in != (letter in allowed) or not (let_in or home or status == 403):
                    wrong.append(f"{method} {path} answered {ROLES[letter] or 'no role'} with {status}")
        assert wrong == []

    @pytest.mark.parametrize("how", ["nobody", "a token", "half signed in"])
    def test_without_a_whole_session(self, persons: dict[str, Any], how: str):
        client = with_token(persons["R"]) if how == "a token" else Client()
        for method, path, _ in rows(PAGES):
            if how == "half signed in":
                client = Client()
                client.force_login(persons["R"], backend="allauth.account.auth_backends.AuthenticationBackend")
            response = ask(client, method, path)
            assert response.status_code == 302, path
            assert response["Location"].startswith(("/accounts/login/", "/accounts/")), path

    def test_sign_in_fails_for_nobody(self, persons: dict[str, Any]):
        """Each page of it answers whoever asks; what it answers, its own tests say."""
        for client in (Client(), *(signed_in(person) for person in persons.values())):
            client.raise_request_exception = False
            for route in SIGN_IN.split():
                if route != "accounts/logout/":
                    assert client.get(f"/{route.replace('<int:pk>', '1')}").status_code < 500, route

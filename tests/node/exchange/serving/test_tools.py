"""Other tools of a partner's: Basic and OAuth 2, off by default, over TLS alone, read only, over in time."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import http.client
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.core.cache import cache
from django.test import Client

from comity.canon import dumps
from comity.node import clock
from comity.node.exchange.models import Tool
from comity.node.exchange.serving import passwords, tokens, tries
from comity.node.exchange.tools import BadTool, NoSuchTool, add_tool, disable, enable
from comity.node.journal.models import Entry
from comity.node.people.actions import NotAllowed
from comity.node.people.tokens import CLIENT, SCOPE, holder

from .asking import DAY, access_token, administrator, basic, bearer, new_tool, token_of
from .live import Got, LiveNode
from .partners import Partner, indicator, objects_of, shelve


def test_a_tool_is_off_until_it_is_enabled_and_again_when_it_is_disabled(server: LiveNode, br: Partner, node_live: Any):
    secret = new_tool(node_live, "cert-br", on=False)
    by = node_live.person("second", "administrator")
    statuses = [server.ask("GET", "/taxii2/", headers=basic("siem", secret)).status]
    for switch in (enable, disable, enable):
        switch("siem", by=by, now=node_live.now)
        statuses.append(server.ask("GET", "/taxii2/", headers=basic("siem", secret)).status)
    assert statuses == [401, 200, 401, 200]


def test_what_is_done_about_tools_is_in_the_ledger(br: Partner, node_live: Any):
    new_tool(node_live, "cert-br")
    entries = Entry.objects.filter(event__startswith="exchange:tool").order_by("pk")
    assert [entry.event for entry in entries] == ["exchange:tool:added", "exchange:tool:enabled"]
    tool = Tool.objects.get()
    for entry in entries:
        assert str(tool.pk).encode() in bytes(entry.body)
        assert b"siem" not in bytes(entry.body)
        assert b"administrator" not in bytes(entry.body), "who acted stands there as a commitment"


def test_only_an_administrator_adds_tools(br: Partner, node_live: Any):
    for name, roles in {"a": ["analyst"], "b": ["releasing-officer"], "c": ["auditor"], "d": []}.items():
        person = node_live.person(f"person-{name}", *roles)
        with pytest.raises(NotAllowed):
            add_tool("cert-br", scheme="basic", username="siem", ends=node_live.now + DAY, by=person, now=node_live.now)
        with pytest.raises(NotAllowed):
            enable("siem", by=person, now=node_live.now)
    assert not Tool.objects.exists()


BAD = {
    "a stranger's": {"partner": "cert-xx"},
    "ours": {"partner": "cert-ee"},
    "of another scheme": {"scheme": "digest"},
    "with a colon": {"username": "si:em"},
    "with capitals": {"username": "SIEM"},
    "too short": {"username": "ab"},
    "of the command line's name": {"username": CLIENT},
    "over already": {"after": dt.timedelta(0)},
    "for ever": {"after": dt.timedelta(days=3650)},
}


@pytest.mark.parametrize("which", BAD)
def test_a_tool_that_cannot_be_is_not_added(which: str, br: Partner, node_live: Any):
    said = {"partner": "cert-br", "scheme": "basic", "username": "siem", "after": DAY, **BAD[which]}
    ends = node_live.now + said.pop("after")
    with pytest.raises(BadTool):
        add_tool(said.pop("partner"), ends=ends, by=administrator(node_live), now=node_live.now, **said)
    assert not Tool.objects.exists()


def test_a_name_is_used_once_over_both_schemes(br: Partner, node_live: Any):
    new_tool(node_live, "cert-br")
    by = node_live.person("second", "administrator")
    for scheme in ("basic", "oauth2"):
        with pytest.raises(BadTool):
            add_tool("cert-br", scheme=scheme, username="siem", ends=node_live.now + DAY, by=by, now=node_live.now)
    with pytest.raises(NoSuchTool):
        enable("other", by=by, now=node_live.now)


def test_the_secret_is_stored_nowhere(br: Partner, node_live: Any):
    for scheme in ("basic", "oauth2"):
        secret = add_tool(
            "cert-br", scheme=scheme, username=f"siem-{scheme}", ends=node_live.now + DAY, now=node_live.now,
            by=node_live.person(f"admin-{scheme}", "administrator"),
        )  # fmt: skip
        assert len(secret) >= 43, "256 bits"
        rows = [*Tool.objects.values_list(), *OAuthClient.objects.values_list()]
        assert not any(secret in str(value) for row in rows for value in row)


@pytest.mark.parametrize("scheme", ["basic", "oauth2"])
def test_a_tool_is_over_when_its_time_is(scheme: str, server: LiveNode, br: Partner, node_live: Any):
    """Business time; whatever was remembered of its password."""
    secret = new_tool(node_live, "cert-br", scheme=scheme)
    headers = basic("siem", secret) if scheme == "basic" else bearer(access_token(server, "siem", secret))
    assert server.ask("GET", "/taxii2/", headers=headers).status == 200
    node_live.move(30 * DAY)
    assert server.ask("GET", "/taxii2/", headers=headers).status == 401


@pytest.mark.parametrize("scheme", ["basic", "oauth2"])
def test_a_disabled_tool_is_nobody_from_its_next_request_on(scheme: str, server: LiveNode, br: Partner, node_live: Any):
    secret = new_tool(node_live, "cert-br", scheme=scheme)
    headers = basic("siem", secret) if scheme == "basic" else bearer(access_token(server, "siem", secret))
    assert server.ask("GET", "/taxii2/", headers=headers).status == 200
    by = node_live.person("second", "administrator")
    disable("siem", by=by, now=node_live.now)
    assert server.ask("GET", "/taxii2/", headers=headers).status == 401
    if scheme == "oauth2":
        enable("siem", by=by, now=node_live.now)
        assert server.ask("GET", "/taxii2/", headers=headers).status == 401, "its tokens did not come back"


@pytest.mark.parametrize("scheme", ["basic", "oauth2"])
def test_a_tool_reads_what_its_party_reads_and_writes_nothing(
    scheme: str, server: LiveNode, br: Partner, jp: Partner, node_live: Any
):
    shelve(br.material, [indicator()], node_live.now)
    secret = new_tool(node_live, "cert-br", scheme=scheme)
    headers = basic("siem", secret) if scheme == "basic" else bearer(access_token(server, "siem", secret))
    listed = server.ask("GET", "/exchange/collections/", headers=headers).json["collections"]
    assert {one["id"] for one in listed} == {str(br.material.pk), str(br.outbox.pk)}
    assert all(one["can_read"] and not one["can_write"] for one in listed)
    assert len(server.ask("GET", objects_of(br.material), headers=headers).json["objects"]) == 1
    posting = {**headers, "Content-Type": headers["Accept"]}
    body = b'{"objects":[{"type":"x","id":"x--1"}]}'
    assert server.ask("POST", objects_of(br.material), headers=posting, body=body).status == 403
    assert server.ask("POST", objects_of(br.inbox), headers=posting, body=body).status == 404
    assert server.ask("DELETE", objects_of(br.material) + "x/", headers=headers).status == 403
    assert server.ask("GET", objects_of(jp.material), headers=headers).status == 404


def test_credentials_without_tls_are_not_looked_at(br: Partner, node_live: Any):
    """A proxy that forgot TLS, or a development node: Django's own client, which can do without."""
    secret = new_tool(node_live, "cert-br")
    headers = basic("siem", secret)
    assert Client(headers=headers).get("/taxii2/", secure=True).status_code == 200
    plain = Client(headers=headers).get("/taxii2/", secure=False)
    assert plain.status_code == 401
    assert plain.headers["WWW-Authenticate"] == 'Signature realm="comity"', "nor are they asked for"


def test_a_challenge_names_what_is_in_use_and_nothing_else(server: LiveNode, br: Partner, node_live: Any):
    def challenge() -> str:
        return server.ask("GET", "/taxii2/").headers["www-authenticate"]

    assert challenge() == 'Signature realm="comity"'
    new_tool(node_live, "cert-br", on=False)
    assert "Basic" not in challenge()
    by = node_live.person("second", "administrator")
    enable("siem", by=by, now=node_live.now)
    assert 'Basic realm="comity", charset="UTF-8"' in challenge()
    assert "Bearer" not in challenge()
    disable("siem", by=by, now=node_live.now)
    assert challenge() == 'Signature realm="comity"'


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each password hash that was computed."""
    computed: list[str] = []
    scrypt = hashlib.scrypt

    def counting(*args: Any, **kwargs: Any) -> bytes:
        computed.append("scrypt")
        return scrypt(*args, **kwargs)

    passwords._nobody()  # made once, at the first request
    monkeypatch.setattr(hashlib, "scrypt", counting)
    return computed


def test_nobody_learns_whether_a_name_exists(server: LiveNode, br: Partner, node_live: Any, hashed: list[str]):
    """Attack A47: the same bytes and the same work for an unknown name, a wrong password and a disabled tool."""
    secret = new_tool(node_live, "cert-br", on=False)
    hashed.clear()
    answers, work = [], []
    for name, password in (("siem", "wrong"), ("nobody", "wrong"), ("siem", secret)):
        got = server.ask("GET", "/taxii2/", headers=basic(name, password))
        answers.append((got.status, got.body, got.headers["www-authenticate"], sorted(got.headers)))
        work.append(len(hashed))
        hashed.clear()
    assert answers[0] == answers[1] == answers[2]
    assert work == [1, 1, 1]


@pytest.mark.slow
def test_a_password_is_hashed_once_a_minute(
    server: LiveNode, br: Partner, node_live: Any, hashed: list[str], monkeypatch: pytest.MonkeyPatch
):
    """What is remembered is that it matches the hash; who changes the hash is asked for the new password at once."""
    secret = new_tool(node_live, "cert-br")
    hashed.clear()
    for _ in range(3):
        assert server.ask("GET", "/taxii2/", headers=basic("siem", secret)).status == 200
    assert len(hashed) == 1
    assert server.ask("GET", "/taxii2/", headers=basic("siem", secret + "x")).status == 401
    assert len(hashed) == 2
    later = clock.real() + passwords.REMEMBERED
    monkeypatch.setattr(clock, "real", lambda: later)
    assert server.ask("GET", "/taxii2/", headers=basic("siem", secret)).status == 200
    assert len(hashed) == 3
    Tool.objects.update(password=passwords.make_password("another"))
    assert server.ask("GET", "/taxii2/", headers=basic("siem", secret)).status == 401


def test_what_is_remembered_holds_neither_password_nor_hash():
    matches, real = passwords.Matches(), clock.real()
    matches.keep("the password", "scrypt$the hash", real)
    kept = repr(vars(matches)).encode("latin-1", "replace")
    assert b"the password" not in kept
    assert b"the hash" not in kept
    assert matches.known("the password", "scrypt$the hash", real)
    assert not matches.known("the password", "scrypt$another hash", real)
    assert not matches.known("another password", "scrypt$the hash", real)
    assert not matches.known("the password", "scrypt$the hash", real + passwords.REMEMBERED)
    assert not matches.known("the password", "scrypt$the hash", real - dt.timedelta(hours=1)), "a clock set back"
    for number in range(passwords.MOST_REMEMBERED + 5):
        matches.keep(f"password {number}", "hash", real)
    assert len(matches._until) == passwords.MOST_REMEMBERED


@pytest.mark.parametrize("name", ["siem", "nobody"])
@pytest.mark.slow
def test_tries_are_counted_and_then_none_is_looked_at(
    name: str, server: LiveNode, br: Partner, node_live: Any, hashed: list[str], monkeypatch: pytest.MonkeyPatch
):
    """The same for a name that exists and one that does not; and a tool that is at work goes on."""
    at = clock.real()
    monkeypatch.setattr(clock, "real", lambda: at)  # all of it in one window
    secret = new_tool(node_live, "cert-br")
    cache.clear()
    assert server.ask("GET", "/taxii2/", headers=basic("siem", secret)).status == 200
    hashed.clear()
    statuses = [server.ask("GET", "/taxii2/", headers=basic(name, f"wrong {n}")).status for n in range(40)]
    assert statuses == [401] * tries.FROM_ONE_ADDRESS + [429] * (40 - tries.FROM_ONE_ADDRESS)
    assert len(hashed) == tries.FROM_ONE_ADDRESS
    late = server.ask("GET", "/taxii2/", headers=basic(name, "wrong"))
    assert int(late.headers["retry-after"]) > 0
    assert server.ask("GET", "/taxii2/", headers=basic("siem", secret)).status == 200
    cache.clear()


WHERE = {
    "/identity/token": b"grant_type=client_credentials",
    "/identity/revoke": b"token=abc",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@pytest.mark.parametrize(
    ("path", "name", "how"),
    [
        ("/identity/token", "siem", "in the header"),
        pytest.param("/identity/token", "nobody", "in the header", marks=pytest.mark.slow),
        pytest.param("/identity/token", "siem", "in the body", marks=pytest.mark.slow),
        pytest.param("/identity/revoke", "siem", "in the header", marks=pytest.mark.slow),
        pytest.param("/identity/revoke", "nobody", "in the body", marks=pytest.mark.slow),
    ],
)
def test_tries_at_a_program_s_secret_are_counted_too(
    path: str, name: str, how: str, server: LiveNode, br: Partner, node_live: Any, hashed: list[str]
):
    """The same for a name that exists and one that does not; the same work, too (attack A47)."""
    secret = new_tool(node_live, "cert-br", scheme="oauth2")
    cache.clear()

    def ask(secret: str) -> Got:
        if how == "in the header":
            return server.ask("POST", path, headers={**basic(name, secret), **FORM}, body=WHERE[path])
        return server.ask(
            "POST", path, headers=FORM, body=WHERE[path] + f"&client_id={name}&client_secret={secret}".encode()
        )

    for _ in range(3):
        assert token_of(server, "siem", secret).status == 200, "what is right is not counted"
    hashed.clear()
    answers = [ask(f"wrong-{number}") for number in range(34)]
    assert [got.status for got in answers] == [401] * 30 + [429] * 4
    assert len({got.body for got in answers[:30]}) == 1
    assert len(hashed) == 30, "and then none is looked at"
    assert int(answers[-1].headers["retry-after"]) > 0
    assert token_of(server, "siem", secret).status == 429
    cache.clear()


def test_tries_in_parallel_are_counted_one_by_one(server: LiveNode, br: Partner, node_live: Any, hashed: list[str]):
    new_tool(node_live, "cert-br", scheme="oauth2")
    cache.clear()
    hashed.clear()
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda n: token_of(server, "siem", f"wrong-{n}").status, range(45)))
    assert set(statuses) == {401, 429}
    assert statuses.count(401) == len(hashed) <= 30
    cache.clear()


def test_a_program_without_a_secret_asks_as_often_as_it_must(server: LiveNode, br: Partner, node_live: Any):
    """The command line waits for its person to say yes."""
    asking = b"grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=comity-cli&device_code=abc"
    statuses = {server.ask("POST", "/identity/token", headers=FORM, body=asking).status for _ in range(40)}
    assert statuses == {400}


def test_an_address_of_version_6_is_one_with_its_neighbours():
    one, other, far = (tries._network(a) for a in ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1"))
    assert one == other != far
    assert tries._network("192.0.2.1") != tries._network("192.0.2.2")
    assert tries._network("") == tries._network("not an address")


UNSIGNED = ".".join(
    base64.urlsafe_b64encode(part).rstrip(b"=").decode()
    for part in (b'{"alg":"none","jku":"https://evil.example/keys"}', b'{"sub":"siem","scope":"taxii2:read"}', b"")
)
SPOILT = {
    "nothing": "",
    "a scheme alone": "Basic",
    "no base64": "Basic %%%",
    "no colon": "Basic c2llbQ==",
    "control characters": "Basic c2llbTphAGI=",
    "no UTF-8": "Basic /zph",
    "an unknown scheme": "Digest username=siem",
    "an empty token": "Bearer ",
    "a token that nobody has": "Bearer abc",
    "a token as a password": "Basic abc",
    "a token that nobody signed": f"Bearer {UNSIGNED}",
    "a token that is bound to a key": "DPoP abc",
}


@pytest.mark.parametrize("how", SPOILT)
def test_credentials_that_are_none_are_nobodys(how: str, server: LiveNode, br: Partner, node_live: Any):
    """Attack A41: empty, malformed and of the wrong type."""
    new_tool(node_live, "cert-br")
    cache.clear()
    got = server.ask("GET", "/taxii2/", headers={"Accept": "*/*", "Authorization": SPOILT[how]})
    assert got.status == 401
    assert got.body == server.ask("GET", "/taxii2/").body


def test_credentials_that_are_given_twice_are_refused(server: LiveNode, br: Partner, node_live: Any):
    """Attack A41: a good and a bad one; whichever would be looked at first."""
    secret = new_tool(node_live, "cert-br")
    good = basic("siem", secret)["Authorization"]
    for pair in ((good, "Basic Og=="), ("Basic Og==", good), (good, good)):
        connection = http.client.HTTPSConnection("localhost", server.port, context=server.client_context(), timeout=20)
        connection.putrequest("GET", "/taxii2/")
        for value in pair:
            connection.putheader("Authorization", value)
        connection.endheaders()
        assert connection.getresponse().status in (400, 401)
        connection.close()


def test_a_token_is_for_the_scope_and_the_client_that_it_was_made_for(server: LiveNode, br: Partner, node_live: Any):
    secret = new_tool(node_live, "cert-br", scheme="oauth2")
    assert token_of(server, "siem", secret + "x").status in (400, 401)
    assert token_of(server, "siem", secret, scope=SCOPE).status == 400, "no token to act as a person"
    got = token_of(server, "siem", secret)
    assert got.json["scope"] == tokens.SCOPE
    token = got.json["access_token"]
    assert server.ask("GET", "/taxii2/", headers=bearer(token)).status == 200
    assert holder(token) is None, "nobody's own"
    assert not any(token in str(value) for row in Token.objects.values_list() for value in row)


@pytest.mark.parametrize("audience", ["https://localhost:9441/identity/token", "https://localhost:9441", "*"])
def test_an_assertion_proves_no_client(audience: str, server: LiveNode, br: Partner, node_live: Any):
    """Attacks A37 and A38: nothing that a client signs is taken for its secret, whomever it was made for."""
    secret = new_tool(node_live, "cert-br", scheme="oauth2")
    head = {"alg": "HS256", "typ": "JWT"}
    said = {"iss": "siem", "sub": "siem", "aud": audience, "exp": int(clock.real().timestamp()) + 60, "jti": "1"}
    text = ".".join(base64.urlsafe_b64encode(dumps(part)).rstrip(b"=").decode() for part in (head, said))
    signature = hmac.digest(secret.encode(), text.encode(), "sha256")
    form = {
        "grant_type": "client_credentials",
        "client_id": "siem",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}",
    }
    jwt_grant = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": form["client_assertion"],
    }
    for body in (form, jwt_grant):
        got = server.ask("POST", "/identity/token", headers=FORM, body=urlencode(body).encode())
        assert got.status in (400, 401)
    assert not Token.objects.exists()


def test_a_persons_token_opens_nothing_here(server: LiveNode, br: Partner, node_live: Any):
    """Nor does one of a tool's client that bears a person, or another scope."""
    new_tool(node_live, "cert-br", scheme="oauth2")
    person = node_live.person("analyst", "analyst")
    expires = clock.real() + DAY
    for number, (client, user, scope) in enumerate(
        ((CLIENT, person, tokens.SCOPE), ("siem", person, tokens.SCOPE), ("siem", None, SCOPE))
    ):
        token = Token(type=Token.Type.ACCESS_TOKEN, client_id=client, user=user, expires_at=expires)
        token.set_value(f"value-{number}")
        token.set_scopes([scope])
        token.save()
        assert server.ask("GET", "/taxii2/", headers=bearer(f"value-{number}")).status == 401


@pytest.mark.parametrize(("age", "status"), [(tokens.LIFE - dt.timedelta(seconds=5), 200), (tokens.LIFE, 401)])
def test_a_token_is_good_for_an_hour(age: dt.timedelta, status: int, server: LiveNode, br: Partner, node_live: Any):
    """Attack A39: to the second, in real time, whatever expiry stands in its row."""
    token = access_token(server, "siem", new_tool(node_live, "cert-br", scheme="oauth2"))
    Token.objects.update(created_at=clock.real() - age, expires_at=clock.real() + 365 * DAY)
    assert server.ask("GET", "/taxii2/", headers=bearer(token)).status == status


def test_a_token_in_the_query_is_none(server: LiveNode, br: Partner, node_live: Any):
    """RFC 6750 section 2.3 is not offered: a URL is logged and passed on."""
    token = access_token(server, "siem", new_tool(node_live, "cert-br", scheme="oauth2"))
    assert server.ask("GET", f"/taxii2/?access_token={token}", headers={"Accept": "*/*"}).status == 401

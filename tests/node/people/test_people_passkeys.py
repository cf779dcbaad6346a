"""Passkeys: the published vectors first, then one that misbehaves (Web Authentication Level 3, section 7)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from fido2.utils import websafe_encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.people.real_time import Real
from tests.node.people.signed_in import signed_in
from tests.node.people.software_passkey import FLAG, SOUND, Passkey, options_on
from tests.node.people.test_people_sign_in import is_in
from tests.node.people.typing_in import give_password

from comity.node.config import current
from comity.node.people import actions, passkeys, signing_in
from comity.node.people.models import Person

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/webauthn/webauthn_vectors.json").read_text())["cases"]
CASES = {case["title"]: case for case in VECTORS}
# Everything about these is right, and they say that they verified their user on a page of their own.
REGISTERED = {
    "ES256 Credential with Self Attestation",
    "Android Key Attestation with ES256 Credential",
    "TPM Attestation with ES256 Credential",
    "Packed Attestation with RS256 Credential",
}
ACCEPTED = {
    "ES256 Credential with very long credential ID",
    "Packed Attestation with ES384 Credential",
    "TPM Attestation with ES256 Credential",
}


def hexed(text: str) -> str:
    return str(websafe_encode(bytes.fromhex(text)))


def registration(case: dict[str, Any]) -> dict[str, Any]:
    said = case["registration"]
    response = {name: hexed(said[name]) for name in ("clientDataJSON", "attestationObject")}
    return {
        "id": hexed(said["credential_id"]),
        "rawId": hexed(said["credential_id"]),
        "type": "public-key",
        "response": response,
    }


def authentication(case: dict[str, Any]) -> dict[str, Any]:
    response = {
        name: hexed(case["authentication"][name]) for name in ("clientDataJSON", "authenticatorData", "signature")
    }
    return registration(case) | {"response": response}


@pytest.fixture
def asked(node: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session of a node at example.org that has just asked for an answer to a challenge of the vectors."""
    there = dataclasses.replace(current(), url="https://example.org")
    monkeypatch.setattr(passkeys, "current", lambda: there)
    monkeypatch.setattr(signing_in, "current", lambda: there)
    request = RequestFactory().post("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    request.allauth = SimpleNamespace()  # type: ignore[attr-defined]

    def ask(challenge: str) -> None:
        state = {"challenge": hexed(challenge), "user_verification": "required"}
        request.session[STATE_SESSION_KEY] = state
        request.session["people.challenge_at"] = time.time()

    with context.request_context(request):
        yield ask


@pytest.mark.parametrize("title", CASES)
def test_published_registrations(asked: Any, node: Any, title: str):
    asked(CASES[title]["registration"]["challenge"])
    form = passkeys.NewPasskey(
        user=node.person("ann"), data={"name": "key", "credential": json.dumps(registration(CASES[title]))}
    )
    assert form.is_valid() is (title in REGISTERED)


@pytest.mark.parametrize("title", CASES)
def test_published_assertions(asked: Any, node: Any, title: str):
    case, person = CASES[title], node.person("ann")
    row = Authenticator.objects.create(
        user=person, type="webauthn", data={"name": "key", "credential": registration(case)}
    )
    asked(case["authentication"]["challenge"])
    form = passkeys.SecondPasskey(user=person, data={"credential": json.dumps(authentication(case))})
    assert form.is_valid() is (title in ACCEPTED)
    assert not form.is_valid() or form.cleaned_data["credential"] == row


@pytest.mark.parametrize("title", sorted(ACCEPTED))
def test_a_published_assertion_with_one_bit_of_its_signature_changed(asked: Any, node: Any, title: str):
    case, person = CASES[title], node.person("ann")
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "k", "credential": registration(case)})
    signature = bytearray.fromhex(case["authentication"]["signature"])
    signature[-1] ^= 1
    case = case | {"authentication": case["authentication"] | {"signature": signature.hex()}}
    asked(case["authentication"]["challenge"])
    assert not passkeys.SecondPasskey(user=person, data={"credential": json.dumps(authentication(case))}).is_valid()


def set_up(client: Client, passkey: Passkey) -> Any:
    options = options_on(client.get("/accounts/passkeys/new/"))
    return client.post("/accounts/passkeys/new/", {"name": "mine", "credential": passkey.made(options)})


def asking(client: Client) -> dict[str, Any]:
    """The page of signing in asks for a passkey."""
    return dict(
        client.get("/accounts/login/passkey/", headers={"accept": "application/json"}).json()["request_options"]
    )


def sign_in(passkey: Passkey, client: Client | None = None, **how: Any) -> Client:
    client = client or Client()
    client.post("/accounts/login/passkey/", {"credential": passkey.signed(asking(client), **how)})
    return client


@pytest.fixture
def passkey(ann: Person) -> Passkey:
    """Ann's. She has nothing else."""
    client, passkey = Client(), Passkey()
    give_password(client)
    assert set_up(client, passkey)["Location"] == "/accounts/"
    assert is_in(client)
    return passkey


def test_a_passkey_is_all_it_takes(passkey: Passkey):
    assert is_in(sign_in(passkey))


def test_or_the_second_thing(passkey: Passkey):
    client = Client()
    give_password(client)
    options = options_on(client.get("/accounts/login/second/"))
    assert client.post("/accounts/login/second/", {"credential": passkey.signed(options)})["Location"] == "/desk/"
    assert is_in(client)


def test_or_what_is_asked_for_again(passkey: Passkey):
    client = sign_in(passkey)
    options = options_on(client.get("/accounts/again/passkey/"))
    client.post("/accounts/again/passkey/", {"credential": passkey.signed(options), "next": "/accounts/"})
    assert client.get("/accounts/passkeys/new/").status_code == 200


def test_the_node_asks_for_a_passkey_that_verifies_its_user(passkey: Passkey, ann: Person):
    created = options_on(signed_in(ann, again=True).get("/accounts/passkeys/new/"))["publicKey"]
    chosen = created["authenticatorSelection"]
    assert (chosen["userVerification"], chosen["residentKey"]) == ("required", "required")
    assert created["rp"] == {"id": "localhost", "name": "Comity CERT-EE"}
    assert [one["id"] for one in created["excludeCredentials"]] == [websafe_encode(passkey.id)]
    assert asking(Client())["publicKey"]["userVerification"] == "required"
    assert len(created["challenge"]) >= 22  # 128 bits


def test_every_challenge_is_another(node: Any):
    client = Client()
    assert len({asking(client)["publicKey"]["challenge"] for _ in range(10)}) == 10


MISBEHAVIOUR: dict[str, dict[str, Any]] = {
    "another host": {"origin": "https://evil.example"},
    "another port of this host": {"origin": "https://localhost:9442"},
    "no TLS": {"origin": "http://localhost:9441"},
    "a part of this host": {"origin": "https://login.localhost:9441"},
    "another RP": {"rp": "evil.example"},
    "an embedded page": {"more": {"cross_origin": True}},
    "a page that says under whom it is embedded": {"more": {"topOrigin": "https://evil.example"}},
    "nobody touched it": {"flags": FLAG.UV},
    "nobody unlocked it": {"flags": FLAG.UP},
    "backed up though it cannot be": {"flags": SOUND | FLAG.BS},
}


@pytest.mark.parametrize("why", MISBEHAVIOUR)
def test_an_assertion_is_refused(passkey: Passkey, why: str):
    assert not is_in(sign_in(dataclasses.replace(passkey, **MISBEHAVIOUR[why])))
    assert is_in(sign_in(passkey, counted=2))


@pytest.mark.parametrize("why", MISBEHAVIOUR)
def test_a_registration_is_refused(ann: Person, why: str):
    client = Client()
    give_password(client)
    set_up(client, Passkey(**MISBEHAVIOUR[why]))
    assert not actions.has_second_factor(ann)


@pytest.mark.parametrize("flags", [SOUND | FLAG.BE, SOUND | FLAG.BE | FLAG.BS])
def test_a_passkey_that_is_backed_up_is_a_passkey(passkey: Passkey, flags: int):
    passkey.flags = flags
    assert is_in(sign_in(passkey))


def test_an_id_of_1024_bytes_is_refused(ann: Person):
    client = Client()
    give_password(client)
    set_up(client, Passkey(id=bytes(1024)))
    assert not actions.has_second_factor(ann)


def test_a_credential_belongs_to_one_person(passkey: Passkey, node: Any):
    bob = node.person("bob", "analyst")
    set_up(signed_in(bob, again=True), dataclasses.replace(passkey, key=Passkey().key))
    assert not Authenticator.objects.filter(user=bob, type="webauthn").exists()


def test_the_key_of_one_does_not_open_the_account_of_another(passkey: Passkey, node: Any):
    bob = node.person("bob", "releasing-officer")
    other = Passkey(id=b"bob's passkey")
    set_up(signed_in(bob, again=True), other)
    mixed = dataclasses.replace(passkey, user=other.user)
    assert not is_in(sign_in(mixed))
    assert not is_in(sign_in(dataclasses.replace(passkey, id=other.id)))
    client = Client()
    give_password(client)  # Ann's password, Bob's passkey
    options = options_on(client.get("/accounts/login/second/"))
    client.post("/accounts/login/second/", {"credential": other.signed(options)})
    assert not is_in(client)


def test_another_key_under_the_same_id_is_refused(passkey: Passkey):
    assert not is_in(sign_in(dataclasses.replace(passkey, key=Passkey().key)))


def test_an_answer_counts_once(passkey: Passkey):
    client = Client()
    answer = passkey.signed(asking(client))
    client.post("/accounts/login/passkey/", {"credential": answer})
    assert is_in(client)
    client.post("/accounts/logout/")
    client.post("/accounts/login/passkey/", {"credential": answer})
    assert not is_in(client)


def test_an_answer_to_another_session_does_not_count(passkey: Passkey):
    asked, other = Client(), Client()
    answer = passkey.signed(asking(asked))
    asking(other)
    other.post("/accounts/login/passkey/", {"credential": answer})
    assert not is_in(other)


@pytest.mark.parametrize(("seconds", "good"), [(299, True), (301, False)])
def test_a_challenge_lives_five_minutes(passkey: Passkey, real: Real, seconds: int, good: bool):
    client = Client()
    answer = passkey.signed(asking(client))
    real.move(dt.timedelta(seconds=seconds))
    client.post("/accounts/login/passkey/", {"credential": answer})
    assert is_in(client) is good


@pytest.mark.parametrize("counted", [0, -1])
def test_a_counter_that_does_not_go_on_is_a_copied_key(passkey: Passkey, counted: int):
    assert is_in(sign_in(passkey, counted=5))
    assert not is_in(sign_in(passkey, counted=counted))


def test_a_passkey_that_does_not_count_is_taken(passkey: Passkey):
    passkey.counter = 0
    for _ in range(2):
        assert is_in(sign_in(passkey, counted=0))


def test_one_that_has_counted_does_not_stop(passkey: Passkey):
    assert is_in(sign_in(passkey))
    passkey.counter = 0
    assert not is_in(sign_in(passkey, counted=0))


def test_a_closed_account_is_not_opened(passkey: Passkey, ann: Person, node: Any):
    actions.deactivate(ann, by=None, now=node.now)
    client = Client()
    response = client.post("/accounts/login/passkey/", {"credential": passkey.signed(asking(client))})
    assert response["Location"] == "/accounts/closed/"
    assert not is_in(client)


def test_removing_a_passkey_of_somebody_else_is_not_possible(passkey: Passkey, node: Any):
    row = Authenticator.objects.get(type="webauthn")
    client = signed_in(node.person("bob", "administrator"), again=True)
    for method in (client.get, client.post):
        assert method(f"/accounts/passkeys/{row.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=row.pk).exists()


def test_removing_ones_own_is(passkey: Passkey, ann: Person):
    client = signed_in(ann, again=True)
    row = Authenticator.objects.get(type="webauthn")
    assert "mine" in client.get("/accounts/passkeys/").content.decode()
    client.post(f"/accounts/passkeys/{row.pk}/remove/")
    assert not is_in(sign_in(passkey))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "userHandle"]
    ), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=JUNK)
def test_junk_is_refused_and_breaks_nothing(passkey: Passkey, junk: Any):
    """By the forms themselves: no exception but a refusal, whatever is in the field."""
    request = RequestFactory().post("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    request.session[STATE_SESSION_KEY] = {"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "user_verification": "required"}
    request.session["people.challenge_at"] = time.time()
    request.allauth = SimpleNamespace()  # type: ignore[attr-defined]
    person = Person.objects.get(username="ann")
    with context.request_context(request):
        data = {"credential": json.dumps(junk)}
        assert not passkeys.SignInPasskey(data=data).is_valid()
        assert not passkeys.NewPasskey(user=person, data=data).is_valid()


@pytest.mark.parametrize("change", ["userHandle", "clientDataJSON", "authenticatorData", "signature", "id", "rawId"])
@pytest.mark.parametrize("to", [None, "A", 7, "/w=="])
def test_an_answer_with_one_part_that_is_junk(passkey: Passkey, change: str, to: Any):
    client = Client()
    answer = json.loads(passkey.signed(asking(client)))
    (answer if change in answer else answer["response"])[change] = to
    response = client.post("/accounts/login/passkey/", {"credential": json.dumps(answer)})
    assert response.status_code == 302
    assert change in ("id",) or not is_in(client)

"""What a session is good for, and pages that want a verb (`staff`) or the second factor once more (`again`)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from tests.node.people.real_time import STEP, Real, app
from tests.node.people.signed_in import BACKEND, signed_in
from tests.node.people.typing_in import give_code_again, give_password

from comity.node.people import actions
from comity.node.people.access import again, staff
from comity.node.people.models import Person

DONE: list[str] = []


@staff("approve")
def queue(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"for {request.user}")


@staff("approve")
@again
def approve(request: HttpRequest) -> HttpResponse:
    DONE.append(f"{request.method} {request.POST.get('why', '')}")
    return HttpResponse("done")


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page whose author forgot to say who may see it")


urlpatterns = [
    path("queue", queue),
    path("approve", approve),
    path("unmarked", unmarked),
    path("", include("comity.node.people.urls")),
]
pytestmark = pytest.mark.usefixtures("pages")


@pytest.fixture
def pages() -> Any:
    DONE.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield


def opens(client: Client, page: str = "/queue") -> bool:
    return client.get(page).status_code == 200


class TestStaff:
    def test_a_page_opens_to_who_has_its_verb(self, ann: Person):
        assert signed_in(ann).get("/queue").content == b"for ann"

    def test_to_nobody_else(self, node: Any):
        response = signed_in(node.person("bob", "analyst")).get("/queue")
        assert response.status_code == 403
        text = response.content.decode()
        assert "approve" in text
        assert "administrator" in text

    def test_a_page_without_a_word_about_who_may_see_it_is_closed_to_strangers(self, ann: Person):
        assert Client().get("/unmarked")["Location"] == "/accounts/login/?next=/unmarked"
        half = Client()
        give_password(half)
        assert half.get("/unmarked")["Location"] == "/accounts/"

    def test_a_role_that_is_over_shuts_the_page(self, ann: Person, node: Any):
        client = signed_in(ann)
        node.move(dt.timedelta(days=366))
        assert client.get("/queue").status_code == 403

    def test_a_role_that_is_withdrawn_shuts_it_at_the_next_request(self, ann: Person, node: Any):
        client = signed_in(ann)
        assert opens(client)
        actions.end_assignment(ann.assignments.get(), by=None, now=node.now)
        assert client.get("/queue").status_code == 403

    @pytest.mark.parametrize("left_out", ["comity.node.people.session.WholeSessions"])
    def test_the_decorator_stands_without_the_middleware(self, ann: Person, left_out: str):
        """Two locks: whoever takes one off by mistake has not opened the door."""
        kept = [name for name in settings.MIDDLEWARE if name != left_out]
        with override_settings(MIDDLEWARE=kept):
            half = Client()
            half.force_login(ann, backend=BACKEND)
            assert half.get("/queue")["Location"].startswith("/accounts/login/")


class TestWhole:
    def test_django_alone_opens_nothing(self, ann: Person):
        """A session that some other way of signing in made proves no second factor."""
        actions.enrol_totp(ann)
        client = Client()
        client.force_login(ann, backend=BACKEND)
        assert not opens(client)

    @pytest.mark.parametrize("kind", ["password", "recovery_codes", "socialaccount"])
    def test_only_codes_and_passkeys_prove_it(self, ann: Person, kind: str):
        client = signed_in(ann)
        session = client.session
        for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
            if record["method"] == "mfa":
                record.update({"type": kind} if kind == "recovery_codes" else {"method": kind})
        session.save()
        assert not opens(client)

    def test_proofs_of_another_person_prove_nothing(self, ann: Person, node: Any):
        bob = node.person("bob", "releasing-officer")
        client = signed_in(bob)
        records = client.session[AUTHENTICATION_METHODS_SESSION_KEY]
        actions.enrol_totp(ann)
        client.force_login(ann, backend=BACKEND)
        session = client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = records
        session.save()
        assert not opens(client)

    def test_a_factor_that_is_gone_ends_the_sessions_it_opened(self, ann: Person):
        client = signed_in(ann)
        Authenticator.objects.filter(user=ann).delete()
        assert not opens(client)

    def test_another_factor_does_not_keep_them_open(self, ann: Person):
        client = signed_in(ann)
        actions.enrol_totp(ann)
        assert not opens(client)

    def test_it_lasts_twelve_hours(self, ann: Person, real: Real):
        """SP 800-63B-4: however busy it is."""
        client = signed_in(ann)
        for _ in range(23):
            real.move(dt.timedelta(minutes=31))
            assert opens(client)
        real.move(dt.timedelta(minutes=8))
        assert not opens(client)

    @pytest.mark.parametrize(("idle", "open_"), [(59, True), (62, False)])
    def test_left_alone_for_an_hour_it_is_over(self, ann: Person, real: Real, idle: int, open_: bool):
        client = signed_in(ann)
        assert opens(client)
        real.move(dt.timedelta(minutes=idle))
        assert opens(client) is open_

    def test_the_business_clock_does_not_move_it(self, ann: Person, node: Any):
        client = signed_in(ann)
        node.move(dt.timedelta(days=30))
        assert opens(client)


class TestAgain:
    def test_signing_in_is_not_enough(self, ann: Person):
        response = signed_in(ann).post("/approve", {"why": "x"})
        assert response["Location"].startswith("/accounts/again/code/")
        assert DONE == []

    def test_a_code_just_now_is(self, ann: Person, real: Real):
        client = signed_in(ann)
        secret = actions.enrol_totp(ann)
        client = signed_in(ann, client=client)
        asked = client.get("/approve")["Location"]
        assert asked == "/accounts/again/code/?next=%2Fapprove"
        assert give_code_again(client, app(secret, real.at), "/approve")["Location"] == "/approve"
        assert DONE == []
        assert client.post("/approve", {"why": "seen"}).status_code == 200
        assert DONE == ["POST seen"]

    def test_what_was_posted_before_is_neither_kept_nor_done(self, ann: Person, real: Real):
        """A48: a form that was sent too late is not sent by the code that follows it."""
        secret = actions.enrol_totp(ann)
        client = signed_in(ann)
        client.post("/approve", {"why": "sent before"}, headers={"referer": "https://localhost:9441/queue"})
        assert "sent before" not in str(dict(client.session))
        give_code_again(client, app(secret, real.at), "/approve")
        assert DONE == []

    @pytest.mark.parametrize(
        ("referer", "page"),
        [
            ("https://localhost:9441/queue", "%2Fqueue"),
            ("https://localhost:9441/queue?secret=1", "%2Fqueue"),
            ("https://evil.example/queue", "%2Fapprove"),
            ("https://localhost:9442/queue", "%2Fapprove"),
            ("https://localhost:9441//evil.example", "%2Fapprove"),
            ("", "%2Fapprove"),
        ],
    )
    def test_it_leads_back_to_the_page_the_form_stood_on(self, ann: Person, referer: str, page: str):
        response = signed_in(ann).post("/approve", headers={"referer": referer})
        assert response["Location"] == f"/accounts/again/code/?next={page}"

    @pytest.mark.parametrize(("seconds", "done"), [(0, True), (299, True), (300, False)])
    def test_it_counts_for_five_minutes(self, ann: Person, real: Real, seconds: int, done: bool):
        client = signed_in(ann, again=True)
        real.move(dt.timedelta(seconds=seconds))
        assert (client.post("/approve").status_code == 200) is done

    def test_the_password_given_again_does_not_count(self, ann: Person):
        client = signed_in(ann)
        response = client.post("/accounts/again/", {"password": "a cormorant over Haapsalu"})
        assert response["Location"].startswith("/accounts/again/code/")
        assert client.post("/approve").status_code == 302
        assert DONE == []

    def test_it_asks_for_the_verb_first(self, node: Any):
        assert signed_in(node.person("bob", "analyst"), again=True).post("/approve").status_code == 403

    def test_strangers_are_sent_to_sign_in(self, ann: Person):
        assert Client().post("/approve")["Location"] == "/accounts/login/?next="
        assert DONE == []

    def test_a_used_code_is_not_given_again(self, ann: Person, real: Real):
        secret = actions.enrol_totp(ann)
        client = signed_in(ann)
        give_code_again(client, app(secret, real.at), "/approve")
        real.move(dt.timedelta(minutes=5))
        give_code_again(client, app(secret, real.at - 10 * STEP), "/approve")
        assert client.post("/approve").status_code == 302

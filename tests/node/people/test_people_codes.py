"""One-time codes (attack A40; OpenCTI CVE-2024-45404): five tries, then waits, and each code once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa import app_settings
from django.core.cache import cache
from django.db import connections
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st
from tests.node.people.real_time import STEP, Real, app
from tests.node.people.signed_in import signed_in
from tests.node.people.test_people_sign_in import is_in, secret_on
from tests.node.people.typing_in import PASSWORD, errors, give_code, give_code_again, give_password

from comity.node.people import actions, totp, tries
from comity.node.people.models import CodeTries, Person

# RFC 6238 appendix B, the rows of SHA-1: seconds, code. The secret is the ASCII text 12345678901234567890.
RFC_6238 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize("seconds", RFC_6238)
def test_published_codes(seconds: int):
    """Eight digits in the RFC; ours are six, the last six of the same number."""
    at = dt.datetime.fromtimestamp(seconds, dt.UTC)
    with override_settings(MFA_TOTP_DIGITS=8):
        assert actions.code_at(RFC_SECRET, at) == RFC_6238[seconds]
    assert actions.code_at(RFC_SECRET, at) == RFC_6238[seconds][2:] == app(RFC_SECRET, at)


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_on_either_side_is_taken(real: Real, steps: int, taken: bool):
    typed = app(RFC_SECRET, real.at + steps * STEP)
    found = totp.matching_step(RFC_SECRET, typed, real.at)
    assert found == (totp.step_at(real.at) + steps if taken else None)


@pytest.mark.parametrize("typed", ["", "0", "00000", "0000000", "١٢٣٤٥٦", "12345\x00", "a" * 10_000])
def test_what_is_no_code_is_no_code(real: Real, typed: str):
    assert totp.matching_step(RFC_SECRET, typed, real.at) is None


def test_no_code_bypasses_the_check():
    assert app_settings.TOTP_INSECURE_BYPASS_CODE is None


class TestOnce:
    """A code is taken once, wherever it was taken, whatever the cache remembers."""

    def sign_in(self, code: str) -> Client:
        client = Client()
        give_password(client)
        give_code(client, code)
        return client

    @pytest.mark.parametrize("later", [dt.timedelta(0), dt.timedelta(seconds=24), dt.timedelta(seconds=40)])
    def test_a_code_signs_in_once(self, ann: Person, real: Real, later: dt.timedelta):
        """Forty seconds later allauth's cache has forgotten it, and with its step of tolerance it would be good."""
        code = app(actions.enrol_totp(ann), real.at)
        assert is_in(self.sign_in(code))
        cache.clear()
        real.move(later)
        assert not is_in(self.sign_in(code))

    def test_written_otherwise_it_is_the_same_code(self, ann: Person, real: Real):
        code = app(actions.enrol_totp(ann), real.at)
        assert is_in(self.sign_in(f"{code[:3]} {code[3:]}"))
        cache.clear()
        assert not is_in(self.sign_in(code))

    def test_the_code_that_set_the_app_up_signs_nobody_in(self, ann: Person, real: Real):
        client = Client()
        give_password(client)
        secret = secret_on(client.get("/accounts/codes/"))
        code = app(secret, real.at)
        client.post("/accounts/codes/", {"code": code})
        assert is_in(client)
        assert not is_in(self.sign_in(code))
        assert is_in(self.sign_in(app(secret, real.move(STEP))))

    def test_an_earlier_code_is_not_taken_after_a_later_one(self, ann: Person, real: Real):
        secret = actions.enrol_totp(ann)
        assert is_in(self.sign_in(app(secret, real.at)))
        assert not is_in(self.sign_in(app(secret, real.at - STEP)))

    def test_the_code_of_signing_in_is_not_taken_again_for_an_act(self, ann: Person, real: Real):
        secret = actions.enrol_totp(ann)
        client = self.sign_in(app(secret, real.at))
        assert "Incorrect" in errors(give_code_again(client, app(secret, real.at)))
        assert give_code_again(client, app(secret, real.move(STEP)), "/accounts/")["Location"] == "/accounts/"

    def test_of_many_at_the_same_instant_one_wins(self, ann_live: Person, real: Real):
        """Eight connections give the same good code; the cache is emptied all the while."""
        code, outcomes = app(actions.enrol_totp(ann_live), real.at), []

        def sign_in() -> None:
            client = Client()
            give_password(client)
            cache.clear()
            ready.wait()
            response = give_code(client, code)
            outcomes.append(response.status_code == 302 and response["Location"] == "/desk/")

        ready = threading.Barrier(8)
        together([sign_in] * 8)
        assert sorted(outcomes) == [False] * 7 + [True]


class TestTries:
    def wrong(self, client: Client, real: Real, secret: str) -> Any:
        return give_code(client, app(secret, real.at + 1000 * STEP))

    def test_after_five_wrong_codes_a_right_one_does_not_help(self, ann: Person, real: Real):
        secret, client = actions.enrol_totp(ann), Client()
        give_password(client)
        for _ in range(5):
            assert "Incorrect" in errors(self.wrong(client, real, secret))
        assert "Too many" in errors(give_code(client, app(secret, real.at)))
        assert not is_in(client)

    def test_nor_another_session_nor_an_empty_cache(self, ann: Person, real: Real):
        secret = actions.enrol_totp(ann)
        for n in range(5):
            client = Client(REMOTE_ADDR=f"192.0.2.{n}")
            give_password(client)
            self.wrong(client, real, secret)
        cache.clear()
        client = Client(REMOTE_ADDR="192.0.2.200")
        give_password(client)
        assert "Too many" in errors(give_code(client, app(secret, real.at)))
        real.move(dt.timedelta(minutes=5))
        assert give_code(client, app(secret, real.at))["Location"] == "/desk/"

    def test_nor_on_the_page_that_asks_again(self, ann: Person, real: Real):
        client = signed_in(ann)
        secret = actions.enrol_totp(ann)
        client = signed_in(ann)
        for _ in range(5):
            give_code_again(client, "000000")
        cache.clear()
        assert "Too many" in errors(give_code_again(client, app(secret, real.at)))

    def test_tries_at_a_passkey_do_not_lock_the_codes_of_somebody_else(self, ann: Person, real: Real):
        """Whoever knows a name but no password cannot lock anybody out of codes."""
        secret = actions.enrol_totp(ann)
        for _ in range(20):
            Client().post("/accounts/login/passkey/", {"credential": "{}"})
            give_code(Client(), "000000")
        client = Client()
        give_password(client)
        assert give_code(client, app(secret, real.at))["Location"] == "/desk/"

    def test_a_right_code_begins_the_count_anew(self, ann: Person, real: Real):
        secret = actions.enrol_totp(ann)
        for _ in range(3):
            client = Client()
            give_password(client)
            for _ in range(4):
                self.wrong(client, real, secret)
            cache.clear()
            assert give_code(client, app(secret, real.at))["Location"] == "/desk/"
            real.move(STEP)

    def test_a_hundred_failures_in_a_row_close_it_until_an_administrator_opens_it(
        self, ann: Person, node: Any, real: Real
    ):
        """SP 800-63B-4 section 3.2.2."""
        for _ in range(100):
            CodeTries.objects.filter(person=ann).update(opens_at=None)
            assert tries.take(ann, real.at)
        assert not tries.take(ann, real.move(dt.timedelta(days=10_000)))
        actions.reopen(ann, by=node.person("boss", "administrator"), now=node.now)
        assert tries.take(ann, real.at)

    def test_opening_it_again_does_not_make_an_old_code_good(self, ann: Person, node: Any, real: Real):
        secret = actions.enrol_totp(ann)
        assert tries.take(ann, real.at)
        assert tries.spend(ann, totp.step_at(real.at))
        actions.reopen(ann, by=None, now=node.now)
        client = Client()
        give_password(client)
        assert "Incorrect" in errors(give_code(client, app(secret, real.at)))

    def test_in_parallel_five_are_five(self, ann_live: Person, real: Real):
        """Two thousand guesses by eight connections: five are looked at."""
        taken: list[bool] = []

        def guess() -> None:
            taken.extend(tries.take(ann_live, real.at) for _ in range(250))

        together([guess] * 8)
        assert (len(taken), sum(taken)) == (2000, 5)

    def test_in_parallel_over_http(self, ann_live: Person, real: Real):
        """Every guess with a session of its own that gave the password; none gets in, and five are looked at."""
        secret, said = actions.enrol_totp(ann_live), []
        clients = [Client(REMOTE_ADDR=f"192.0.2.{n}") for n in range(8)]
        for client in clients:
            give_password(client)

        def guess(client: Client) -> Callable[[], None]:
            def run() -> None:
                for n in range(5):
                    said.append(errors(give_code(client, app(secret, real.at + (1000 + n) * STEP))))

            return run

        together([guess(client) for client in clients])
        assert len(said) == 40
        assert CodeTries.objects.get(person=ann_live).failures == 5
        assert not any(is_in(client) for client in clients)


def together(work: list[Callable[[], None]]) -> None:
    """Run each on a thread of its own, with connections of its own; an error in one is an error of the test."""
    failed: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def test_waits_double_up_to_a_day():
    minutes = [(tries.wait_after(n) or dt.timedelta()).total_seconds() / 60 for n in range(5, 60, 5)]
    assert minutes == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]


@given(st.integers(0, 300))
def test_a_wait_comes_after_every_fifth_failure_and_no_end_after_a_hundred(failures: int):
    wait = tries.wait_after(failures)
    if failures >= tries.AT_MOST:
        assert wait is None
    else:
        assert wait is not None
        assert (wait > dt.timedelta(0)) == (failures > 0 and failures % tries.AT_ONCE == 0)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=20))
def test_a_year_of_guessing_finds_next_to_nothing(gaps: list[int]):
    """However a guesser paces the tries, at most a hundred are looked at: three codes of a million are good at a time,
    so the chance is at most 3 in 10 000."""
    at, opens, failures = 0.0, 0.0, 0
    for gap in gaps * 40:
        at = max(at + gap, opens)
        if failures >= tries.AT_MOST:
            break
        failures += 1
        wait = tries.wait_after(failures)
        opens = at + (wait.total_seconds() if wait else float("inf"))
    assert failures <= tries.AT_MOST


def test_the_password_is_not_among_what_a_page_sends_back(ann: Person):
    assert PASSWORD not in give_password(Client(), password=PASSWORD + "x").content.decode()

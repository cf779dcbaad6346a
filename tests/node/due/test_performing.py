"""Doing work: under a lease, with back-off after errors, and never in silence."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from node.due import planted

from comity.node import clock
from comity.node.clock import BadClock
from comity.node.due import leases
from comity.node.due.actions import Again, perform, schedule
from comity.node.due.actions.performing import AT_ONCE, MOST_ATTEMPTS, delay
from comity.node.due.models import Due

SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)
SECRET = "anna@shop.example"


class Broken(RuntimeError):
    pass


def fails(_facts: planted.Facts, _now: dt.datetime) -> None:
    raise Broken(f"cannot deliver to {SECRET}")


def asked(node, kind: str = "act") -> Due:
    schedule(kind, "a", node.now)
    return Due.objects.get()


def test_work_gets_its_facts_and_business_time_and_is_then_done(node):
    schedule("note", "a", node.now, {"bill": "bill--1"})
    row = Due.objects.get()
    assert perform(row.pk)
    [(facts, now)] = planted.noted
    row.refresh_from_db()
    assert facts == {"bill": "bill--1"}
    assert row.done_at == now
    assert node.now <= now < node.now + 30 * SECOND
    assert (row.lease_until, row.holder, row.attempts, row.last_error) == (None, "", 0, "")


def test_what_is_done_is_not_done_again(node):
    row = asked(node)
    assert perform(row.pk)
    assert not perform(row.pk)
    assert len(planted.noted) == 1


def test_what_is_not_due_is_not_done(node):
    schedule("note", "a", node.now + HOUR)
    row = Due.objects.get()
    assert not perform(row.pk)
    node.move(HOUR)
    assert perform(row.pk)


def test_a_row_that_is_not_there_is_nobodys_error(node):
    assert not perform(1_000_000)


def test_who_is_at_it_keeps_others_away_until_the_lease_lapses(node):
    row = asked(node, "note")
    assert leases.take(row.pk, node.now)
    assert not perform(row.pk)
    Due.objects.update(lease_until=clock.real() - SECOND)
    assert perform(row.pk)


def test_a_lease_from_before_the_machines_clock_was_set_back_holds_nobody_up(node):
    row = asked(node, "note")
    leases.take(row.pk, node.now)
    Due.objects.update(lease_until=clock.real() + HOUR)
    assert perform(row.pk)


def test_who_lost_the_lease_changes_nothing(node):
    """A worker that slept through its lease, while another took it and is at it."""
    row = asked(node)

    def overslept(_facts: planted.Facts, now: dt.datetime) -> None:
        Due.objects.update(lease_until=clock.real() - SECOND)
        assert leases.take(row.pk, now)

    planted.acts.append(overslept)
    assert not perform(row.pk)
    row.refresh_from_db()
    assert row.done_at is None
    assert row.lease_until > clock.real()


def test_an_error_is_told_by_its_class_alone(node, caplog):
    row = asked(node)
    planted.acts.append(fails)
    assert not perform(row.pk)
    row.refresh_from_db()
    assert (row.last_error, row.attempts) == ("Broken", 1)
    [said] = [record.msg for record in caplog.records]
    assert (said["event"], said["kind"], said["error"]) == ("due work failed", "act", "Broken")
    assert re.fullmatch(r"performing.py:\d+ test_performing.py:\d+", said["place"])
    assert SECRET not in str(said)


def test_the_wait_doubles_from_five_seconds_to_an_hour():
    waits = [delay(n).total_seconds() for n in range(1, MOST_ATTEMPTS)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert delay(10_000) == HOUR


def test_what_failed_is_due_again_after_its_wait(node):
    row = asked(node)
    planted.acts.append(fails)
    perform(row.pk)
    row.refresh_from_db()
    assert 5 * SECOND <= row.due_at - node.now < 30 * SECOND
    node.move(30 * SECOND)
    assert perform(row.pk)
    row.refresh_from_db()
    assert row.last_error == ""


def exhaust(node, row: Due) -> int:
    """Let it fail until it is not tried any more, or for a hundred times."""
    planted.acts[:] = [fails] * 100
    for _ in range(100):
        perform(row.pk)
        node.move(2 * HOUR)
    row.refresh_from_db()
    return len(planted.noted)


def test_after_twelve_errors_in_a_row_it_is_given_up_and_says_so(node, caplog):
    row = asked(node)
    assert exhaust(node, row) == MOST_ATTEMPTS
    assert (row.attempts, row.last_error, row.done_at) == (MOST_ATTEMPTS, "Broken", None)
    assert row.given_up_at is not None
    assert caplog.records[-1].msg["event"] == "due work was given up"
    schedule("act", "a", node.now)  # and can be asked for anew
    assert Due.objects.filter(leases.OPEN).count() == 1


def test_what_may_not_be_given_up_is_tried_for_ever(node):
    row = asked(node, "insist")
    assert exhaust(node, row) == 100
    assert row.given_up_at is None


def test_what_is_asked_for_anew_during_the_last_attempt_is_not_given_up(node):
    row = asked(node)
    Due.objects.update(attempts=MOST_ATTEMPTS - 1)

    def asked_for_and_fails(facts: planted.Facts, now: dt.datetime) -> None:
        schedule("act", "a", now)
        fails(facts, now)

    planted.acts.append(asked_for_and_fails)
    assert not perform(row.pk)
    row.refresh_from_db()
    assert (row.given_up_at, row.attempts) == (None, 0)
    node.move(HOUR)
    assert perform(row.pk)


def test_what_fails_is_not_tried_at_once_though_it_asks_for_itself(node):
    row = asked(node, "insist")

    def asks_and_fails(facts: planted.Facts, now: dt.datetime) -> None:
        schedule("insist", "a", now)
        fails(facts, now)

    planted.acts[:] = [asks_and_fails] * 5
    assert not perform(row.pk)
    assert not perform(row.pk)
    assert len(planted.noted) == 1


def test_work_that_asks_for_itself_without_end_lets_others_have_their_turn(node):
    row = asked(node)
    planted.acts[:] = [lambda _facts, now: schedule("act", "a", now)] * 1000
    assert perform(row.pk)
    assert len(planted.noted) == AT_ONCE


def test_work_can_ask_to_be_tried_again_at_a_time(node):
    row = asked(node)
    later = node.now + 3 * HOUR

    def waits(_facts: planted.Facts, _now: dt.datetime) -> None:
        raise Again(later, "partner-says-retry-after")

    planted.acts.append(waits)
    assert not perform(row.pk)
    row.refresh_from_db()
    assert (row.due_at, row.attempts, row.last_error) == (later, 0, "Again: partner-says-retry-after")
    assert not perform(row.pk)
    node.move(3 * HOUR)
    assert perform(row.pk)


def test_an_earlier_request_stands_against_again(node):
    row = asked(node)

    def waits(_facts: planted.Facts, now: dt.datetime) -> None:
        schedule("act", "a", now + SECOND)
        raise Again(now + HOUR, "later")

    planted.acts.append(waits)
    perform(row.pk)
    row.refresh_from_db()
    assert row.due_at - node.now < 30 * SECOND


def test_a_kind_that_this_version_does_not_know_waits_for_one_that_does(node):
    schedule("of-tomorrow", "a", node.now)
    row = Due.objects.get()
    exhaust(node, row)
    assert (row.last_error, row.given_up_at) == ("NoSuchWork", None)


def test_a_table_that_names_no_function_fails_like_any_work(node):
    schedule("nowhere", "a", node.now)
    row = Due.objects.get()
    assert not perform(row.pk)
    row.refresh_from_db()
    assert row.last_error == "AttributeError"


def test_without_a_clock_nothing_is_done_and_nothing_lost(node):
    row = asked(node)
    node.config.clock_file.write_text("2026-11-23T10:00:00", encoding="ascii")
    with pytest.raises(BadClock, match="does not hold one instant with its zone"):
        perform(row.pk)
    node.move(node.now)
    assert perform(row.pk)

"""The retraction: the origin withdraws what it released, for a coded reason, with a day by which it is gone."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages.releases import BILL, DAY, FOREIGN, IDS, MADE_AT, ORIGIN, a_retraction

from comity.canon import StrictJsonError, dumps
from comity.messages import (
    BadMessage,
    ChangedAfterSigning,
    MalformedMessage,
    ObjectNotListed,
    Retraction,
    Withdrawal,
    message_schema,
    verify_retraction,
)


def verified(content):
    return verify_retraction(Retraction.read(dumps(content)), ORIGIN.public_key(), BILL)


def test_a_release_is_withdrawn_as_a_whole():
    asked = verified(dict(a_retraction().content))
    assert (asked.whole, asked.ids) == (True, frozenset(IDS))
    assert (asked.reason, asked.delete_by) == (Withdrawal.CONSENT_WITHDRAWN, MADE_AT + 3 * DAY)
    assert asked.retraction == a_retraction().id
    assert "objects" not in a_retraction().content


def test_some_objects_of_a_release_are_withdrawn():
    asked = verified(dict(a_retraction(objects=[IDS[4], IDS[0], IDS[4]]).content))
    assert (asked.whole, asked.ids) == (False, frozenset({IDS[0], IDS[4]}))


@given(
    st.none() | st.sets(st.sampled_from(IDS), min_size=1),
    st.sampled_from(Withdrawal),
    st.datetimes(dt.datetime(2026, 11, 25), dt.datetime(9000, 1, 1), timezones=st.just(dt.UTC)),
)
def test_what_a_retraction_asks_is_read_back(objects, reason, delete_by):
    asked = verified(dict(a_retraction(objects=objects, reason=reason, delete_by=delete_by).content))
    assert asked.ids == (frozenset(IDS) if objects is None else objects)
    assert asked.reason is reason
    assert dt.timedelta(0) <= delete_by - asked.delete_by < dt.timedelta(milliseconds=1)


def test_the_reasons_are_those_that_are_published():
    assert message_schema("retraction")["properties"]["reason"]["enum"] == [one.value for one in Withdrawal]


@pytest.mark.parametrize(("objects", "why"), [([], "withdraws nothing"), ([IDS[0], FOREIGN], "does not belong")])
def test_no_retraction_is_made_of_nothing_or_of_what_was_not_released(objects, why):
    with pytest.raises(BadMessage, match=why):
        a_retraction(objects=objects)


def test_nothing_is_asked_for_a_day_that_is_over():
    assert verified(dict(a_retraction(delete_by=MADE_AT).content)).delete_by == MADE_AT
    with pytest.raises(MalformedMessage, match="due before it was made"):
        a_retraction(delete_by=MADE_AT - dt.timedelta(milliseconds=1))


def changed(**changes):
    return {**a_retraction(objects=IDS[:2]).content, **changes}


def without_objects():
    return {name: value for name, value in changed().items() if name != "objects"}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (changed(reason="erasure"), ChangedAfterSigning),
        (changed(delete_by="2027-11-27T09:30:00.000Z"), ChangedAfterSigning),
        (changed(objects=IDS[:1]), ChangedAfterSigning),
        (changed(objects=IDS[:3]), ChangedAfterSigning),
        (without_objects(), ChangedAfterSigning),
        (changed(objects=[*IDS[:1], FOREIGN]), ObjectNotListed),
        (changed(objects=[IDS[1], IDS[0]]), MalformedMessage),
        (changed(objects=[IDS[0], IDS[0]]), MalformedMessage),
        (changed(objects=[]), MalformedMessage),
        (changed(objects=["indicator--1"]), MalformedMessage),
        (changed(reason="the victim asked us to"), MalformedMessage),
        (changed(delete_by="2026-11-23T09:30:00.000Z"), MalformedMessage),
        (changed(delete_by="tomorrow"), MalformedMessage),
    ],
)
def test_a_tampering_is_refused_by_its_name(content, error):
    with pytest.raises(error) as caught:
        verified(content)
    assert type(caught.value) is error


def test_a_list_longer_than_a_bill_can_be_is_refused():
    objects = [f"indicator--00000000-0000-4000-8000-{n:012x}" for n in range(20_001)]
    with pytest.raises(StrictJsonError):
        verified(changed(objects=objects))
    with pytest.raises(MalformedMessage, match="/objects breaks the rule maxItems"):
        Retraction(content=changed(objects=objects))
    assert len(Retraction(content=changed(objects=objects[:-1])).content["objects"]) == 20_000

"""Timestamps: TAXII's have exactly microseconds; versions of objects may have any precision."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import NaiveTime
from comity.node.border import versions as shelf
from comity.node.exchange.taxii import (
    BadTimestamp,
    format_timestamp,
    parse_timestamp,
    version_key,
)

MOMENTS = st.datetimes(timezones=st.just(dt.UTC))


def test_a_timestamp_is_read_to_its_microsecond():
    assert parse_timestamp("2016-11-03T12:30:59.001234Z") == dt.datetime(2016, 11, 3, 12, 30, 59, 1234, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2016-11-03",
        "2016-11-03T12:30:59Z",
        "2016-11-03T12:30:59.001Z",
        "2016-11-03T12:30:59.0012345Z",
        "2016-11-03T12:30:59.001234",
        "2016-11-03T12:30:59.001234+00:00",
        "2016-11-03t12:30:59.001234z",
        "2016-11-03 12:30:59.001234Z",
        "2016-02-30T12:30:59.001234Z",
        "2016-11-03T24:00:00.000000Z",
        "2016-12-31T23:59:60.000000Z",
        "2016-11-03T12:30:59.001234Z\n",
        "２016-11-03T12:30:59.001234Z",
        "Thu, 03 Nov 2016 12:30:59 GMT",
    ],
)
def test_whatever_else_is_no_timestamp(text: str):
    with pytest.raises(BadTimestamp):
        parse_timestamp(text)


def test_a_moment_without_a_zone_is_not_written():
    with pytest.raises(NaiveTime):
        format_timestamp(dt.datetime(2016, 11, 3))


def test_a_moment_of_another_zone_is_written_in_utc():
    there = dt.datetime(2016, 11, 3, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=3)))
    assert format_timestamp(there) == "2016-11-02T22:30:00.000000Z"


@given(MOMENTS)
def test_what_is_written_is_read_back(moment: dt.datetime):
    assert parse_timestamp(format_timestamp(moment)) == moment


@given(MOMENTS, MOMENTS)
def test_written_timestamps_stand_in_the_order_of_time(one: dt.datetime, other: dt.datetime):
    assert (format_timestamp(one) < format_timestamp(other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    ["2016-11-03T12:30:59Z", "2016-11-03T12:30:59.0Z", "2016-11-03T12:30:59.000Z", "2016-11-03T12:30:59.000000000Z"],
)
def test_one_instant_is_one_version_however_it_is_written(text: str):
    assert version_key(text) == "2016-11-03T12:30:59"


def test_versions_stand_in_the_order_of_time_where_their_texts_do_not():
    early, late = "2016-11-03T12:30:59Z", "2016-11-03T12:30:59.5Z"
    assert early > late
    assert version_key(early) < version_key(late)


def test_a_version_keeps_each_digit_of_a_long_fraction():
    assert version_key("2016-11-03T12:30:59.123456789012Z") != version_key("2016-11-03T12:30:59.123456789013Z")


@pytest.mark.parametrize("text", ["", "last", "2016-11-03", "2016-02-30T00:00:00Z", "2016-12-31T23:59:60Z", "0" * 400])
def test_what_is_no_timestamp_has_no_version_key(text: str):
    with pytest.raises(BadTimestamp):
        version_key(text)


@given(MOMENTS, st.text("0123456789", max_size=20))
def test_the_shelf_and_the_query_mean_the_same_by_a_version(moment: dt.datetime, fraction: str):
    """The door compares what it wrote on the shelf with what the query asks for."""
    text = f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}{'.' + fraction if fraction else ''}Z"
    assert version_key(text) == shelf.version_key(text)
    assert format_timestamp(moment) == shelf.taxii_timestamp(moment)

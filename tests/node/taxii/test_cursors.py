"""`next`: sealed, and good for one client's one walk through one list (attack A46)."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comity.node.exchange.taxii import (
    CURSOR_LIFETIME,
    BadCursor,
    Endpoint,
    Walk,
    open_cursor,
    parse_query,
    seal_cursor,
)

KEY = bytes(range(32))
NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
ID = "indicator--cd981c25-8042-4166-8945-51178443bdac"
POSITIONS = st.integers(0, 2**63 - 1)


def walk(text: str = "match[type]=indicator&limit=5", **changed: object) -> Walk:
    endpoint = changed.get("endpoint", Endpoint.OBJECTS)
    assert isinstance(endpoint, Endpoint)
    whole = Walk(client="cert-ee", collection="91a7b528", endpoint=Endpoint.OBJECTS, query=parse_query(text, endpoint))
    return replace(whole, **changed)


TOKEN = seal_cursor(1234, walk(), key=KEY, now=NOW)


@given(POSITIONS)
def test_a_position_comes_back(position: int):
    assert open_cursor(seal_cursor(position, walk(), key=KEY, now=NOW), walk(), key=KEY, now=NOW) == position


def test_the_page_may_change_its_size_on_the_way():
    """As taxii2-client does when it was given fewer items than it asked for."""
    later = walk(f"match[type]=indicator&limit=2&next={TOKEN}")
    assert open_cursor(TOKEN, later, key=KEY, now=NOW) == 1234


def test_a_filter_may_be_written_another_way():
    one = walk("match[type]=indicator,malware&match[version]=2016-11-03T12:30:59Z")
    other = walk("match[version]=2016-11-03T12:30:59.000Z&match%5Btype%5D=malware,indicator")
    assert open_cursor(seal_cursor(7, one, key=KEY, now=NOW), other, key=KEY, now=NOW) == 7


@pytest.mark.parametrize(
    "other",
    [
        walk(client="cert-br"),
        walk(collection="52892447"),
        walk(client="cert-ee91a7b528", collection=""),
        walk("match[type]=malware"),
        walk(""),
        walk("match[type]=indicator&match[version]=all"),
        walk("match[type]=indicator&match[spec_version]=2.1"),
        walk("match[type]=indicator&added_after=2016-11-01T03:04:05.000000Z"),
        walk(f"match[type]=indicator&match[id]={ID}"),
        walk(endpoint=Endpoint.MANIFEST),
        walk("", endpoint=Endpoint.OBJECT, object_id=ID),
    ],
)
def test_a_token_is_no_good_for_another_walk(other: Walk):
    with pytest.raises(BadCursor) as refused:
        open_cursor(TOKEN, other, key=KEY, now=NOW)
    assert refused.value.http_status == 400


def test_a_token_for_one_object_is_no_good_for_another():
    one, other = (walk("", endpoint=Endpoint.OBJECT, object_id=name) for name in (ID, ID.replace("cd", "dc")))
    with pytest.raises(BadCursor):
        open_cursor(seal_cursor(1, one, key=KEY, now=NOW), other, key=KEY, now=NOW)


def test_a_token_is_no_good_under_another_key():
    with pytest.raises(BadCursor):
        open_cursor(TOKEN, walk(), key=bytes(32), now=NOW)


def test_a_token_is_good_until_its_time_is_up():
    assert open_cursor(TOKEN, walk(), key=KEY, now=NOW + CURSOR_LIFETIME) == 1234
    with pytest.raises(BadCursor):
        open_cursor(TOKEN, walk(), key=KEY, now=NOW + CURSOR_LIFETIME + SECOND)


def test_a_token_from_a_time_to_come_is_refused():
    with pytest.raises(BadCursor):
        open_cursor(TOKEN, walk(), key=KEY, now=NOW - dt.timedelta(minutes=5))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "MTIzNDU2Nzg5",
        "a",
        "=",
        TOKEN + "=",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN[:70] + "!" + TOKEN[70:],
        TOKEN[:-1],
        "é",
    ],
)
def test_what_is_not_a_token_is_refused(token: str):
    with pytest.raises(BadCursor):
        open_cursor(token, walk(), key=KEY, now=NOW)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCXYZabcxyz0189-_.~%="))
def test_a_token_with_one_letter_changed_is_refused(at: int, letter: str):
    assume(TOKEN[at] != letter)
    with pytest.raises(BadCursor):
        open_cursor(TOKEN[:at] + letter + TOKEN[at + 1 :], walk(), key=KEY, now=NOW)


@given(st.text(max_size=200) | st.binary(max_size=150).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_no_token_does_worse_than_be_refused(token: str):
    with pytest.raises(BadCursor):
        open_cursor(token, walk(), key=KEY, now=NOW)


@given(POSITIONS)
def test_a_token_tells_nothing_of_the_position(position: int):
    """Else the gaps between two would count what other partners were given."""
    token = seal_cursor(position, walk(), key=KEY, now=NOW)
    raw = base64.urlsafe_b64decode(token)
    assert len(token) == len(TOKEN) == 140
    assert position < 2**24 or position.to_bytes(8, "big").lstrip(b"\0") not in raw
    assert seal_cursor(position, walk(), key=KEY, now=NOW) != token


def test_every_refusal_reads_the_same():
    """Foreign, changed and old: none tells which it was."""
    told = set()
    for token, other, now in (
        (TOKEN, walk(client="cert-br"), NOW),
        (TOKEN[:-1] + ("B" if TOKEN.endswith("A") else "A"), walk(), NOW),
        (TOKEN, walk(), NOW + dt.timedelta(days=9)),
    ):
        with pytest.raises(BadCursor) as refused:
            open_cursor(token, other, key=KEY, now=now)
        told.add((refused.value.title, refused.value.description))
    assert len(told) == 1


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_our_mistake_and_no_400(size: int):
    with pytest.raises(ValueError, match="32"):
        seal_cursor(1, walk(), key=bytes(size), now=NOW)
    with pytest.raises(ValueError, match="32"):
        open_cursor(TOKEN, walk(), key=bytes(size), now=NOW)

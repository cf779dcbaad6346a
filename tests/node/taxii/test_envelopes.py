"""Envelopes: objects go through as the bytes that they are (section 3.7)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import Limits, StrictJsonError
from comity.node.exchange.taxii import InvalidResource, TooLarge, read_added, read_envelope, write_envelope

ODD = b'{"type":"indicator","x":1.0,  "note":"\\u00e9 and \xc3\xa9"}'
PLAIN = b'{"type":"malware"}'


def test_objects_are_spliced_in_and_cut_out_byte_for_byte():
    envelope = read_envelope(write_envelope([ODD, PLAIN], more=True, next="abc"))
    assert envelope.objects == (ODD, PLAIN)
    assert (envelope.more, envelope.next, envelope.ignored) == (True, "abc", ())


def test_nothing_is_an_empty_envelope():
    assert write_envelope([]) == b"{}"
    assert write_envelope(iter(()), more=True) == b'{"more":true}'


def test_a_token_is_written_as_json_writes_texts():
    assert json.loads(write_envelope([], more=True, next='a"\\b')) == {"more": True, "next": 'a"\\b'}


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b'{"a":1},{"b":2}, 3', b' {"a":1}', b'"}'])
def test_what_is_not_an_object_does_not_get_into_an_envelope(body: bytes):
    with pytest.raises(ValueError, match="JSON object"):
        write_envelope([PLAIN, body])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"objects":[]}', "empty"),
        (b'{"objects":{}}', "list"),
        (b'{"objects":null}', "list"),
        (b'{"objects":[[1]]}', "not a JSON object"),
        (b'{"objects":["x"]}', "not a JSON object"),
        (b"[" + PLAIN + b"]", "list named objects"),
        (b'"objects"', "list named objects"),
        (b'{"type":"bundle","id":"bundle--1","objects":[' + PLAIN + b"]}", "bundle"),
        (b'{"type":"bundle","id":"bundle--1"}', "bundle"),
        (PLAIN, "one object"),
        (b'{"more":"true","objects":[' + PLAIN + b"]}", "more"),
        (b'{"more":1}', "more"),
        (b'{"next":12,"objects":[' + PLAIN + b"]}", "next"),
        (b'{"next":"' + b"a" * 5000 + b'"}', "next"),
    ],
)
def test_what_is_not_an_envelope_is_refused(data: bytes, reason: str):
    with pytest.raises(InvalidResource, match=reason) as refused:
        read_envelope(data)
    assert refused.value.http_status == 422


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'{"objects": [',
        b"\xef\xbb\xbf{}",
        b'{"objects":[{}],"objects":[{"a":1}]}',
        b'{"objects":[{"a":1}],"objects":[{"a":1}]}',
        b'{"more":true,"more":false,"objects":[{}]}',
        b'{"objects":[{}]} trailing',
        b'{"objects":' + b"[" * 100_000,
        b'{"objects":[' + b'{"a":' * 100_000,
        b'{"more":NaN,"objects":[{}]}',
    ],
)
def test_what_readers_could_read_differently_is_refused(data: bytes):
    with pytest.raises((StrictJsonError, InvalidResource)):
        read_envelope(data)


def test_the_text_of_the_list_may_stand_in_a_custom_property_too():
    listed = b"[" + PLAIN + b"]"
    envelope = read_envelope(b'{"x_copy":' + listed + b',"objects":' + listed + b"}")
    assert (envelope.objects, envelope.ignored) == ((PLAIN,), ("x_copy",))


def test_an_envelope_that_hides_its_list_among_copies_costs_a_few_looks(monkeypatch: pytest.MonkeyPatch):
    """Attack A28: each look is a pass over the envelope, so thousands of copies would cost the square of its length."""
    from comity.node.exchange.taxii import envelopes

    looks = 0
    loads = envelopes.loads

    def counting(*args: object, **kwargs: object) -> object:
        nonlocal looks
        looks += 1
        return loads(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(envelopes, "loads", counting)
    with pytest.raises(InvalidResource):
        read_envelope(b'{"x_copies":[' + b",".join([b"[{}]"] * 5000) + b'],"objects":[{}]}')
    assert looks <= 16


def test_one_bad_object_does_not_spoil_the_others():
    """It is for whoever reads the objects to say which fails, in the status of the POST."""
    assert read_envelope(b'{"objects":[{"a":1,"a":2},{"b":1}]}').objects == (b'{"a":1,"a":2}', b'{"b":1}')


def test_a_post_adds_at_least_one_object():
    assert read_added(write_envelope([PLAIN]), max_content_length=100).objects == (PLAIN,)
    for nothing in (b"{}", b'{"x_note":"hi"}', b'{"objects":[]}'):
        with pytest.raises(InvalidResource):
            read_added(nothing, max_content_length=100)


def test_a_post_is_as_long_as_the_api_root_says_and_no_longer():
    body = write_envelope([PLAIN])
    assert read_added(body, max_content_length=len(body))
    with pytest.raises(TooLarge) as refused:
        read_added(body, max_content_length=len(body) - 1)
    assert refused.value.http_status == 413


def test_a_server_that_sends_too_much_is_refused():
    with pytest.raises(StrictJsonError):
        read_envelope(write_envelope([PLAIN] * 9), limits=Limits(max_bytes=50))
    with pytest.raises(InvalidResource):
        read_envelope(write_envelope([PLAIN] * 9), limits=Limits(max_items=8))


OBJECTS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=8) | st.lists(st.none()), max_size=4)


@given(st.lists(OBJECTS, max_size=6), st.booleans(), st.text("abc-_", max_size=6))
def test_what_is_enveloped_is_what_comes_out(objects: list[dict[str, object]], more: bool, token: str):
    bodies = [json.dumps(one).encode() for one in objects]
    written = write_envelope(bodies, more=more, next=token)
    assert json.loads(written).get("objects", []) == [json.loads(body) for body in bodies]
    envelope = read_envelope(written)
    assert (list(envelope.objects), envelope.more, envelope.next) == (bodies, more, token)

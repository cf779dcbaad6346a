"""Whatever is changed in a message about a release, at any depth, is refused; where it can be, by its name."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages.releases import FOLLOW_UPS, STRANGER, each_follow_up, read, verify

from comity.canon import ComityError, StrictJsonError, strict_base64
from comity.ledger import BadKey, public_key_text
from comity.messages import (
    MESSAGES,
    ChangedAfterSigning,
    MalformedBill,
    MalformedMessage,
    MessageError,
    NotSigned,
    OtherAgreement,
    OtherBill,
    OtherFlow,
    SignedByAnother,
    UnknownMessage,
    read_message,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every member and item, at any depth."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield (*path, name)
        yield from places(part, (*path, name))


def place_of(content: Any, path: tuple[str | int, ...]) -> tuple[Any, Any]:
    for part in path[:-1]:
        content = content[part]
    return content, path[-1]


def other(value: Any) -> Any:
    """Another value of the same shape: one hexadecimal digit, letter or number on."""
    if isinstance(value, str):
        at = max(i for i, char in enumerate(value) if char not in "Z=")
        spare = "01" if value[at].isdigit() else "ab"
        return value[:at] + (spare[1] if value[at] == spare[0] else spare[0]) + value[at + 1 :]
    return {dict: {}, list: [], int: -1}[type(value)] if not value or not isinstance(value, int) else value + 1


PLACES = [(message, path) for message in FOLLOW_UPS for path in places(dict(message.content))]


@pytest.mark.parametrize(
    ("message", "path"), PLACES, ids=[f"{one.KIND}/{'/'.join(map(str, path))}" for one, path in PLACES]
)
@pytest.mark.parametrize("spoil", ["changed", "removed", "nulled"])
def test_no_member_at_any_depth_can_be_changed_or_left_out(message, path, spoil):
    content = copy.deepcopy(dict(message.content))
    holder, name = place_of(content, path)
    if spoil == "removed":
        del holder[name]
    else:
        holder[name] = None if spoil == "nulled" else other(holder[name])
    assert content != message.content
    with pytest.raises((MalformedMessage, MessageError, UnknownMessage, BadKey)) as caught:
        verify(read(content))
    assert caught.value.remedy


OBJECT_PLACES = [
    (message, path)
    for message in FOLLOW_UPS
    for path in [(), *places(dict(message.content))]
    if path == () or isinstance(place_of(dict(message.content), path)[0][path[-1]], dict)
]


@pytest.mark.parametrize(
    ("message", "path"), OBJECT_PLACES, ids=[f"{one.KIND}/{'/'.join(map(str, path))}" for one, path in OBJECT_PLACES]
)
def test_a_member_that_is_not_published_is_refused_even_when_it_is_signed(message, path):
    """Free text never travels: there is no place for it."""
    content = copy.deepcopy(dict(message.content))
    target = content
    for part in path:
        target = target[part]
    target["note"] = "approved by phone"
    with pytest.raises(MalformedMessage):
        read({**content, "signature": message.content["signature"]})


Spoil = Callable[[dict[str, Any]], None]


def setting(*path: str, to: Any) -> Spoil:
    def spoil(content: dict[str, Any]) -> None:
        holder, name = place_of(content, path)
        holder[name] = to

    return spoil


def removing(name: str) -> Spoil:
    return lambda content: content.__delitem__(name)


SHARED: list[tuple[str, Spoil, type[ComityError]]] = [
    ("bill", setting("bill", to="comity-bill--00000000-0000-4000-8000-000000000000"), OtherBill),
    ("agreement", setting("agreement", "id", to="ee-jp-csirt"), OtherAgreement),
    ("agreement version", setting("agreement", "version", to=3), OtherAgreement),
    ("agreement digest", setting("agreement", "digest", to="sha256:" + "0" * 64), OtherAgreement),
    ("origin", setting("flow", "origin", to="cert-jp"), OtherFlow),
    ("receiver", setting("flow", "destination", to="cert-jp"), OtherFlow),
    ("both turned round", setting("flow", to={"origin": "cert-br", "destination": "cert-ee"}), OtherFlow),
    ("signer", setting("signed_by", to=public_key_text(STRANGER.public_key())), SignedByAnother),
    ("signature", setting("signature", to=strict_base64.encode(bytes(64))), ChangedAfterSigning),
    ("no signature", removing("signature"), NotSigned),
    ("made later", setting("created", to="2026-11-26T12:00:00.000Z"), ChangedAfterSigning),
    ("modified", setting("modified", to="2026-11-26T12:00:00.000Z"), ChangedAfterSigning),
    ("version of the form", setting("spec_version", to="2.0"), MalformedMessage),
    ("extension", setting("extensions", to={}), MalformedMessage),
    ("type", setting("type", to="comity-rumour"), UnknownMessage),
    ("type of another kind", setting("type", to="comity-bill"), MalformedBill),
    ("type that is none", setting("type", to=["comity-receipt"]), UnknownMessage),
    ("no such day", setting("created", to="2026-02-30T00:00:00.000Z"), MalformedMessage),
    ("no such second", setting("created", to="2026-02-28T23:59:60.000Z"), MalformedMessage),
    ("year nought", setting("created", to="0000-01-01T00:00:00.000Z"), MalformedMessage),
    ("another spelling of a moment", setting("modified", to="2026-11-24T09:30:00Z"), MalformedMessage),
    ("a word with a terminal's code", setting("flow", "origin", to="cert\x1b[2J"), MalformedMessage),
    ("a word without end", setting("agreement", "id", to="x" * 201), MalformedMessage),
]


@each_follow_up
@pytest.mark.parametrize(("spoil", "error"), [one[1:] for one in SHARED], ids=[one[0] for one in SHARED])
def test_a_tampering_is_refused_by_its_name(message, spoil, error):
    content = copy.deepcopy(dict(message.content))
    spoil(content)
    with pytest.raises(error) as caught:
        verify(read(content))
    assert type(caught.value) is error
    assert caught.value.remedy


@each_follow_up
def test_another_id_is_a_change(message):
    name = f"comity-{message.KIND}--00000000-0000-4000-8000-000000000000"
    with pytest.raises(ChangedAfterSigning):
        verify(read({**message.content, "id": name}))


@given(st.sampled_from(FOLLOW_UPS), st.data())
def test_no_character_of_a_message_can_be_changed(message, data):
    raw = bytes(message)
    at = data.draw(st.integers(0, len(raw) - 2))  # the line feed after it is no part of the message
    byte = data.draw(st.integers(32, 126).filter(lambda value: value != raw[at]))
    with pytest.raises(ComityError):
        verify(read_message(raw[:at] + bytes([byte]) + raw[at + 1 :]))


@given(st.sampled_from(FOLLOW_UPS), st.integers(0, 2000))
def test_a_message_that_breaks_off_is_refused(message, length):
    with pytest.raises(StrictJsonError):
        read_message(bytes(message)[: min(length, len(bytes(message)) - 2)])


NO_MESSAGES = [b"", b"[]", b"null", b"7", b"{}", b'{"type":7}', b'{"type":"comity-receipt"}', b"\xff"]


@pytest.mark.parametrize("data", NO_MESSAGES)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(ComityError):
        read_message(data)
    for kind in MESSAGES.values():
        with pytest.raises(ComityError):
            kind.read(data)


@each_follow_up
def test_a_name_that_is_given_twice_is_refused(message):
    with pytest.raises(StrictJsonError, match="given twice"):
        read_message(bytes(message).replace(b'"type":', b'"type":"x","type":'))

"""Whatever changes in a signed message, however little, the message is no longer the signed one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comity.node.exchange.signatures import (
    Answer,
    Request,
    SignatureRefused,
    nonce_of,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)

from .keys import NOW, OURS, THEIRS, MemoryNonces, pinned

SEGMENT = st.text("abcdefghijklmnopqrstuvwxyz0123456789-._~", min_size=1, max_size=8)
PRINTABLE = [chr(code) for code in range(32, 127)]
HEADERS = ("Content-Type", "Content-Digest", "Signature-Input", "Signature")


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Any request that a node sends, signed."""
    body = draw(st.binary(max_size=200))
    target = f"https://{draw(SEGMENT.filter(lambda s: s[0].isalnum()))}.example/" + "/".join(draw(st.lists(SEGMENT)))
    if draw(st.booleans()):
        target += f"?{draw(SEGMENT)}={draw(SEGMENT)}"
    headers = [("Accept", "*/*"), *([("Content-Type", draw(SEGMENT))] if body else [])]
    request = Request(
        method=draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"])),
        target_uri=target,
        headers=tuple(headers),
        body=body,
    )
    return sign_request(request, key=OURS, now=NOW, nonce=nonce_of(draw(st.binary(min_size=16, max_size=16))))


def accepted(request: Request) -> None:
    verify_request(request, keys=pinned(OURS), nonces=MemoryNonces(), now=NOW)


def refused(request: Request) -> None:
    with pytest.raises(SignatureRefused):
        accepted(request)


@given(requests())
def test_what_we_sign_verifies(request: Request):
    accepted(request)


@given(requests(), st.data())
def test_a_changed_byte_of_the_content_is_found(request: Request, data: st.DataObject):
    assume(request.body)
    at = data.draw(st.integers(0, len(request.body) - 1))
    flip = data.draw(st.integers(1, 255))
    body = bytearray(request.body)
    body[at] ^= flip
    refused(dataclasses.replace(request, body=bytes(body)))


@given(requests(), st.binary(min_size=1, max_size=5), st.booleans())
def test_content_added_or_cut_is_found(request: Request, more: bytes, cut: bool):
    refused(dataclasses.replace(request, body=request.body[:-1] if cut and request.body else request.body + more))


@given(requests(), st.text(PRINTABLE, min_size=1, max_size=8))
def test_another_method_is_found(request: Request, method: str):
    assume(method != request.method)
    refused(dataclasses.replace(request, method=method))


@given(requests(), st.data())
def test_a_changed_character_of_the_target_is_found(request: Request, data: st.DataObject):
    refused(dataclasses.replace(request, target_uri=one_changed(request.target_uri, data)))


@given(requests(), st.data())
def test_a_changed_character_of_a_covered_header_or_of_the_signature_is_found(request: Request, data: st.DataObject):
    refused(dataclasses.replace(request, headers=in_one_header(request.headers, data)))


@given(requests(), st.data())
def test_a_covered_header_that_is_missing_or_there_twice_is_found(request: Request, data: st.DataObject):
    names = [name for name, _ in request.headers if name in HEADERS]
    name = data.draw(st.sampled_from(names))
    lines = [line for line in request.headers if line[0] != name]
    if data.draw(st.booleans()):
        lines += [line for line in request.headers if line[0] == name] * 2
    refused(dataclasses.replace(request, headers=tuple(lines)))


@given(requests(), requests())
def test_no_signature_serves_for_another_request(one: Request, other: Request):
    assume(one.field("signature-input") != other.field("signature-input"))
    moved = [line for line in one.headers if not line[0].startswith("Signature")]
    moved += [line for line in other.headers if line[0].startswith("Signature")]
    assume((one.method, one.target_uri, one.body) != (other.method, other.target_uri, other.body))
    refused(dataclasses.replace(one, headers=tuple(moved)))


@given(requests(), st.integers(200, 599), st.binary(max_size=100), st.data())
def test_an_answer_with_anything_changed_is_found(request: Request, status: int, body: bytes, data: st.DataObject):
    proof = verify_request(request, keys=pinned(OURS), nonces=MemoryNonces(), now=NOW)
    plain = Answer(status=status, headers=(("Content-Type", "application/json"),), body=body)
    answer = sign_answer(plain, to=request, proof=proof, key=THEIRS, now=NOW, nonce=nonce_of(bytes(16)))
    verify_answer(answer, to=request, keys=pinned(THEIRS), now=NOW)
    change: Callable[[], tuple[Answer, Request]] = data.draw(
        st.sampled_from([
            lambda: (dataclasses.replace(answer, status=status + 1), request),
            lambda: (dataclasses.replace(answer, body=body + b"x"), request),
            lambda: (dataclasses.replace(answer, headers=in_one_header(answer.headers, data)), request),
            lambda: (answer, dataclasses.replace(request, method="PATCH")),
            lambda: (answer, dataclasses.replace(request, target_uri=request.target_uri + "x")),
        ])
    )  # fmt: skip
    changed, to = change()
    with pytest.raises(SignatureRefused):
        verify_answer(changed, to=to, keys=pinned(THEIRS), now=NOW)


def in_one_header(headers: tuple[tuple[str, str], ...], data: st.DataObject) -> tuple[tuple[str, str], ...]:
    """One character of one covered or signing header's value is another; space around a value is no part of it."""
    at = data.draw(st.sampled_from([i for i, (name, _) in enumerate(headers) if name in HEADERS]))
    name, value = headers[at]
    other = one_changed(value, data)
    assume(other.strip(" ") == other)
    return (*headers[:at], (name, other), *headers[at + 1 :])


def one_changed(text: str, data: st.DataObject) -> str:
    at = data.draw(st.integers(0, len(text) - 1))
    char = data.draw(st.sampled_from([char for char in PRINTABLE if char != text[at]]))
    return text[:at] + char + text[at + 1 :]

"""The gateway: what a stranger sends is read within limits, and is what the application then sees."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.node.running import gateway
from comity.node.running.gateway import Gateway

Answer = tuple[int, list[tuple[str, str]], bytes]


@dataclass
class Head:
    """A request's head, as Granian gives it."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    method: str = "POST"
    path: str = "/"
    query_string: str = ""
    scheme: str = "https"
    http_version: str = "1.1"
    server: str = "127.0.0.1:9441"
    client: str = "192.0.2.7:4711"
    authority: str | None = None
    host: str | None = "node.example"

    @property
    def headers(self) -> Head:
        return self

    def items(self) -> list[tuple[str, str]]:
        return [*([("host", self.host)] if self.host else []), *self.sent]


@dataclass
class Wire:
    """Whoever sends: gives these chunks, each when the one before was taken; then waits, or has gone."""

    chunks: Iterable[bytes] = ()
    waits: bool = False
    answer: Answer | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            await asyncio.sleep(0)
            yield chunk
        if self.waits:
            await asyncio.Event().wait()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        assert self.answer is None, "answered twice"
        self.answer = int(status), headers, body


seen: list[dict[str, Any]] = []


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """An application that keeps what it was asked and answers with the body."""
    body = environ["wsgi.input"].read()
    seen.append({**environ, "body": body})
    start("201 Created", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [body[:2], body[2:]]


def ask(head: Head | None = None, wire: Wire | None = None, application: gateway.Application = echo) -> Answer:
    seen.clear()
    wire = wire or Wire()
    asyncio.run(Gateway(application, 2, "node.example").__rsgi__(head or Head(), wire))  # type: ignore[arg-type]
    assert wire.answer is not None
    return wire.answer


def sent(body: bytes, *headers: tuple[str, str]) -> Head:
    return Head([("content-length", str(len(body))), *headers])


def test_the_application_gets_the_request_and_the_sender_its_answer():
    head = sent(b"hello", ("content-type", "application/json"), ("x-comity", "1"))
    head.path, head.query_string = "/taxii2/", "limit=1"
    assert ask(head, Wire([b"he", b"llo"])) == (
        201,
        [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
        b"hello",
    )
    [environ] = seen
    wanted = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/taxii2/",
        "QUERY_STRING": "limit=1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "5",
        "HTTP_HOST": "node.example",
        "HTTP_X_COMITY": "1",
        "REMOTE_ADDR": "192.0.2.7",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "9441",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
        "body": b"hello",
    }
    assert {name: environ[name] for name in wanted} == wanted


def test_an_ipv6_address_is_written_without_brackets():
    head = Head()
    head.client, head.server = "[2001:db8::1]:4711", "[::1]:9441"
    ask(head)
    assert (seen[0]["REMOTE_ADDR"], seen[0]["SERVER_NAME"]) == ("2001:db8::1", "::1")


def test_a_path_is_bytes_as_wsgi_writes_them():
    """PEP 3333: texts are bytes, one character each."""
    head = Head(path="/é")
    ask(head)
    assert seen[0]["PATH_INFO"].encode("latin-1").decode() == "/é"


def test_repeated_fields_are_one_list():
    """RFC 9110 section 5.3. The last one alone would hide the others from who checks a signature."""
    ask(Head([("signature", "a=:x:"), ("signature", "b=:y:")]))
    assert seen[0]["HTTP_SIGNATURE"] == "a=:x:,b=:y:"


def test_a_name_with_an_underscore_does_not_pass_for_one_with_a_hyphen():
    ask(Head([("content-digest", "true"), ("content_digest", "false"), ("content_length", "7"), ("x_user", "admin")]))
    assert seen[0]["HTTP_CONTENT_DIGEST"] == "true"
    assert "HTTP_X_USER" not in seen[0]
    assert "CONTENT_LENGTH" not in seen[0]


REFUSED = {
    "two hosts (RFC 9112 section 3.2)": ([("host", "other.example")], 400),
    "two lengths": ([("content-length", "1"), ("content-length", "2")], 400),
    "two credentials": ([("authorization", "Bearer a"), ("authorization", "Bearer b")], 400),
    "a body without a length": ([("transfer-encoding", "chunked")], 411),
    "a head that is too large": ([("x-a", "a" * gateway.MOST_HEAD)], 431),
    "a body that is too large": ([("content-length", str(gateway.MOST_BODY + 1))], 413),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_head_that_can_be_read_in_two_ways_is_refused_before_anybody_sees_it(case: str):
    headers, status = REFUSED[case]
    assert ask(Head(headers), Wire([b"x"])) == (status, [("connection", "close")], b"")
    assert seen == []


@pytest.mark.parametrize("host", ["node.example", "Node.Example", "node.example:9441"])
def test_our_own_host_is_taken_however_it_is_spelt(host: str):
    assert ask(Head(host=host))[0] == 201


@pytest.mark.parametrize("host", ["other.example", "node.example.other.example", "evil@other.example", "[node", ""])
def test_another_host_than_ours_is_refused(host: str):
    """A name of theirs that leads to our address: DNS rebinding."""
    assert ask(Head(host=host))[0] == (421 if host else 400)
    assert seen == []


def test_a_target_that_names_another_host_than_the_field_is_refused():
    assert ask(Head(authority="other.example"))[0] == 400
    assert ask(Head(authority="node.example"))[0] == 201


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one():
    assert ask(sent(b"hello"), Wire([b"hel"]))[0] == 400
    assert seen == []


def test_who_sends_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway, "FIRST_BYTES", 0.02)
    assert ask(sent(b"hello"), Wire([b"hel"], waits=True))[0] == 408
    assert seen == []


def test_who_sends_a_byte_now_and_then_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway, "FIRST_BYTES", 0.02)

    class Dripping(Wire):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for _ in range(1000):
                await asyncio.sleep(0.005)
                yield b"x"

    assert ask(sent(b"x" * 1000), Dripping())[0] == 408


def test_who_sends_fast_enough_may_send_for_long(monkeypatch: pytest.MonkeyPatch):
    """More than FIRST_BYTES in all, at a hundred times the slowest pace that is allowed."""
    monkeypatch.setattr(gateway, "FIRST_BYTES", 0.05)

    class Steady(Wire):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for _ in range(20):
                await asyncio.sleep(0.01)
                yield b"x" * 50_000

    assert ask(sent(b"x" * 1_000_000), Steady())[0] == 201


def test_many_large_bodies_at_once_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway, "MOST_BODIES", 10)
    one = Gateway(echo, 2, "node.example")
    wires = [Wire([b"1234", b"5"]) for _ in range(3)]

    async def together() -> None:
        await asyncio.gather(*(one.__rsgi__(sent(b"12345"), wire) for wire in wires))  # type: ignore[arg-type]

    asyncio.run(together())
    answers = sorted(wire.answer[0] for wire in wires if wire.answer)
    assert answers == [201, 201, 503]
    later = Wire([b"12345"])
    asyncio.run(one.__rsgi__(sent(b"12345"), later))  # type: ignore[arg-type]
    assert later.answer is not None
    assert later.answer[0] == 201  # what was refused or answered counts no more


def test_what_the_application_could_not_catch_is_one_answer_without_its_words(caplog: pytest.LogCaptureFixture):
    def broken(_environ: dict[str, Any], _start: Callable[..., Any]) -> list[bytes]:
        raise RuntimeError("anna@shop.example")

    assert ask(application=broken) == (500, [("connection", "close")], b"")
    assert "anna" not in str([record.msg for record in caplog.records])


def test_what_the_application_opened_is_closed():
    class Parts(io.BytesIO):
        pass

    parts = Parts(b"one\ntwo\n")

    def application(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        return parts

    assert ask(application=application) == (200, [], b"one\ntwo\n")
    assert parts.closed


@given(cuts=st.lists(st.binary(max_size=50), max_size=20))
def test_a_body_arrives_as_it_was_sent_however_it_was_cut(cuts: list[bytes]):
    body = b"".join(cuts)
    assert ask(sent(body), Wire(cuts))[2] == body

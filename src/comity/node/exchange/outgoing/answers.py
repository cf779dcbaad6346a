"""What came back: read with a limit, whole or not at all, never followed elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2

from comity.canon import printable
from comity.node.exchange.outgoing.codings import decoded
from comity.node.exchange.outgoing.errors import BadAnswer
from comity.node.exchange.signatures import Answer, Field, Request, Verified, fields_of

_MIB = 1024 * 1024
_WITHOUT_CONTENT = frozenset((204, 304))  # RFC 9110 section 6.4.1


class Redirected(BadAnswer):
    what = "{party} answered with a redirect to {to}"
    why = "a redirect is never followed: the agreement names one address"
    do = "if {party} has moved, agree its new address; nothing was sent there, no signature and no credential"


class BrokenAnswer(BadAnswer):
    what = "{party} gave no whole answer"
    why = "{reason}"


class AnswerTooLarge(BadAnswer):
    what = "the answer of {party} was thrown away"
    why = "it is longer than the {limit} bytes that are read"
    do = "ask for less at once, as by a smaller page; if it lasts, ask the duty officer of {party}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Most bytes of an answer: as received, and after its content coding is undone."""

    received: int = 32 * _MIB
    decoded: int = 64 * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that may be used. With `proof`, `sent` and `received` are evidence that outlives the connection."""

    received: Answer  # as it came
    body: bytes  # its content, the content coding undone
    proof: Verified | None  # None where no signature was asked for
    sent: Request  # as it went, signature included

    @property
    def status(self) -> int:
        return self.received.status

    def field(self, name: str) -> str | None:
        """All values of a header (its name in lower case), joined; None when it is absent."""
        return self.received.field(name)


def read_answer(response: httpx2.Response, *, limits: Limits, party: str) -> Answer:
    """Status, headers and the content as sent. Raises: Redirected, BrokenAnswer, AnswerTooLarge."""
    headers = fields_of(response.headers.raw)
    answer = Answer(status=response.status_code, headers=headers)
    if 300 <= answer.status < 400 and answer.status != 304:
        raise Redirected(party=party, to=_where(answer))
    if answer.status < 200:
        raise BrokenAnswer(party=party, reason="it asks to change the protocol")
    if answer.status not in _WITHOUT_CONTENT and not _framed(headers):
        # RFC 9112 section 6.3: without either, a cut connection looks like the end.
        raise BrokenAnswer(party=party, reason="it does not say where its content ends")
    return Answer(status=answer.status, headers=headers, body=_content(response, limits.received, party))


def decoded_body(answer: Answer, *, limits: Limits, party: str) -> bytes:
    """Raises: BadCoding, DecompressionBomb."""
    return decoded(answer.body, answer.field("content-encoding"), limit=limits.decoded, party=party)


def _framed(headers: tuple[Field, ...]) -> bool:
    return any(name.lower() in ("content-length", "transfer-encoding") for name, _ in headers)


def _content(response: httpx2.Response, limit: int, party: str) -> bytes:
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > limit:
            raise AnswerTooLarge(party=party, limit=limit)
    return bytes(content)


def _where(answer: Answer) -> str:
    """Where a redirect points, without the query, which can hold a credential."""
    location = answer.field("location")
    return "nowhere" if location is None else printable(location.partition("?")[0])

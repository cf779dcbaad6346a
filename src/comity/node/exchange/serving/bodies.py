"""Bodies of requests: read within a limit, and decoded within it (attacks A03 and A33)."""

from __future__ import annotations

from django.http import HttpRequest

from comity.node.exchange.outgoing import BadCoding, DecompressionBomb
from comity.node.exchange.outgoing.codings import ACCEPTED, decoded
from comity.node.exchange.taxii import BadRequest, TooLarge, UnsupportedMediaType

MAX_CONTENT_LENGTH = 10 * 1024 * 1024  # octets after decoding; the API root tells it (TAXII 2.1 section 4.2.1)
CODED_MORE = 64 * 1024  # octets by which a coded body may be longer: gzip of what cannot be made shorter


class UnsupportedCoding(UnsupportedMediaType):
    what = "the content coding of the request's body is not taken here"
    why = "the Content-Encoding header is not {taken}, or names more than one"
    do = "send the envelope as it is, or coded once with {taken}"


class BrokenCoding(BadRequest):
    what = "the body of the request cannot be decoded"
    why = "its {coding} stream is broken, breaks off, or something follows it"
    do = "send it again"


def received(request: HttpRequest) -> bytes:
    """The body as it was sent. Raises: TooLarge, having read no more than was allowed."""
    most = MAX_CONTENT_LENGTH + CODED_MORE
    body: bytes = request.read(most + 1)
    if len(body) > most:
        raise TooLarge(most=MAX_CONTENT_LENGTH)
    return body


def without_coding(body: bytes, coding: str | None) -> bytes:
    """The body without its content coding (RFC 9110 section 8.4).

    Raises: UnsupportedCoding; BrokenCoding; TooLarge: more than `MAX_CONTENT_LENGTH` octets, or too many for each one
            received.
    """
    if coding is not None and coding.strip().lower() not in ("identity", ACCEPTED):  # a list of two is no name either
        raise UnsupportedCoding(taken=ACCEPTED)
    try:
        return decoded(body, coding, limit=MAX_CONTENT_LENGTH, party="the client")
    except DecompressionBomb as error:
        raise TooLarge(most=MAX_CONTENT_LENGTH) from error
    except BadCoding as error:
        raise BrokenCoding(coding=ACCEPTED) from error

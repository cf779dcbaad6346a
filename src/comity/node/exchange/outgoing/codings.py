"""Undoing the one content coding that we ask for, without ever holding more than was allowed (attack A03)."""

from __future__ import annotations

import zlib

from comity.node.exchange.outgoing.errors import BadAnswer

ACCEPTED = "gzip"
MAX_RATIO = 100  # decoded bytes for each byte received
_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 64 * 1024


class BadCoding(BadAnswer):
    what = "the answer of {party} cannot be decoded"
    why = "{reason}"


class DecompressionBomb(BadAnswer):
    what = "the answer of {party} was thrown away"
    why = "it unpacks to more than {limit} bytes (at most {ratio} times what was received)"


def decoded(content: bytes, coding: str | None, *, limit: int, party: str) -> bytes:
    """The content without its coding.

    Args:    coding: Content-Encoding as received, several lines joined; None when there was none.
             limit: most bytes that may come out; `MAX_RATIO` times the received ones binds as well.
    Raises:  BadCoding: another coding than gzip, more than one, a broken, truncated or continued stream.
             DecompressionBomb.
    Source:  RFC 9110 section 8.4, RFC 1952.
    """
    name = (coding or "identity").strip().lower()
    if name == "identity" or not content:
        return content
    if name not in (ACCEPTED, "x-gzip"):  # a list of two is no name either
        raise BadCoding(party=party, reason="it has another content coding than gzip, or more than one")
    return _unzipped(content, min(limit, MAX_RATIO * len(content)), party)


def _unzipped(content: bytes, limit: int, party: str) -> bytes:
    unzip, out, rest = zlib.decompressobj(_GZIP), bytearray(), content
    try:
        while not unzip.eof and (rest or unzip.unconsumed_tail):
            out += unzip.decompress(unzip.unconsumed_tail or rest, _PIECE)
            rest = b""
            if len(out) > limit:
                raise DecompressionBomb(party=party, limit=limit, ratio=MAX_RATIO)
    except zlib.error as error:
        raise BadCoding(party=party, reason="it is not gzip") from error
    if not unzip.eof or unzip.unused_data:
        raise BadCoding(party=party, reason="its gzip stream breaks off, or something follows it")
    return bytes(out)

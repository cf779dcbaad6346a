"""Standard base64 (RFC 4648 section 4) with exactly one spelling for every value."""

from __future__ import annotations

import base64
import binascii


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of a padded, standard-alphabet base64 text.

    Raises: ValueError for white space, the URL-safe alphabet, missing padding, or stray bits after the last byte
    (two texts of one value would let a signed line be respelled).
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not standard base64") from error
    if encode(data) != text:
        raise ValueError("not the one base64 spelling of its bytes")
    return data

"""Compressed files: one gzip coding, decoded as a stream under limits (attack A03)."""

from __future__ import annotations

import zlib

from comity.canon import InputError
from comity.material.limits import LIMITS, Limits

GZIP = b"\x1f\x8b"
MAX_RATIO = 100  # decoded to compressed bytes (A03; OWASP ASVS 5.2.3); real STIX and MISP stay below 30
_SMALL = 1024 * 1024  # up to here any ratio is harmless
_CHUNK = 64 * 1024
_OTHERS = {
    b"PK\x03\x04": "a zip archive",
    b"\xfd7zXZ": "an xz file",
    b"BZh": "a bzip2 file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
}


class CompressedTooFar(InputError):
    what = "this compressed file is not read"
    why = "{reason}"
    do = "give the file itself, or one gzip file with one document of ordinary size in it"


def decompressed(data: bytes, *, limits: Limits = LIMITS, at: str | None = None) -> bytes:
    """The content of a gzip file; bytes that are not compressed are given back as they are.

    Never holds more than the limit of decoded bytes. Raises: CompressedTooFar.
    """
    other = next((name for magic, name in _OTHERS.items() if data.startswith(magic)), None)
    if other:
        raise CompressedTooFar(at=at, reason=f"it is {other}, and only gzip is read")
    if not data.startswith(GZIP):
        return data
    whole = _inflate(data, limits, at)
    if whole.startswith((GZIP, *_OTHERS)):
        raise CompressedTooFar(at=at, reason="what is in it is compressed again")
    return whole


def _inflate(data: bytes, limits: Limits, at: str | None) -> bytes:
    allowed = min(limits.max_bytes, max(_SMALL, MAX_RATIO * len(data)))
    stream = zlib.decompressobj(wbits=31)
    decoded = bytearray()
    rest = data
    try:
        while rest and not stream.eof:
            decoded += stream.decompress(rest, _CHUNK)
            rest = stream.unconsumed_tail
            if len(decoded) > allowed:
                raise CompressedTooFar(at=at, reason=f"it grows beyond {allowed} bytes")
    except zlib.error:
        raise CompressedTooFar(at=at, reason="its gzip coding is broken") from None
    if not stream.eof:
        raise CompressedTooFar(at=at, reason="it ends before its gzip coding does")
    if stream.unused_data:
        raise CompressedTooFar(at=at, reason="something follows the first gzip stream")
    return bytes(decoded)

"""Messages as they are signed: a request, its answer, the keys, and what a verified signature says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Field: TypeAlias = tuple[str, str]  # one header line: name, value. A repeated header is a repeated line.

Keys: TypeAlias = Callable[[str], Ed25519PublicKey | None]
"""keyid -> the key pinned for it, or None. INVARIANT: it answers for no key but those of agreements in force."""


def fields_of(raw: Iterable[tuple[bytes, bytes]]) -> tuple[Field, ...]:
    """Header lines as a server or client has them in bytes (ASGI `scope["headers"]`), in order, none merged."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def combined(headers: Iterable[Field], name: str) -> str | None:
    """All values of a header joined as RFC 9421 section 2.1 joins them; None when it is absent."""
    values = [value.strip(" \t") for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, as it was sent or received.

    `target_uri` is absolute, as the server knows itself: its configured scheme, host (lower case) and port (left out
    where it is the scheme's own), and path and query exactly as they came, still percent-encoded.
    """

    method: str
    target_uri: str
    headers: tuple[Field, ...] = ()
    body: bytes = b""  # as sent, after any content coding

    @classmethod
    def received(cls, method: str, target_uri: str, raw: Iterable[tuple[bytes, bytes]], body: bytes) -> Request:
        return cls(method=method, target_uri=target_uri, headers=fields_of(raw), body=body)

    def field(self, name: str) -> str | None:
        """All values of a header (its name in lower case), joined; None when it is absent."""
        return combined(self.headers, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response to a `Request`, as it was sent or received."""

    status: int
    headers: tuple[Field, ...] = ()
    body: bytes = b""  # as sent, after any content coding

    def field(self, name: str) -> str | None:
        """All values of a header (its name in lower case), joined; None when it is absent."""
        return combined(self.headers, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A node's own key and the name under which its partners have pinned it."""

    keyid: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A signature that verified. Only the covered components are proved: nothing else of the message is."""

    keyid: str
    created: dt.datetime  # UTC, to the second
    expires: dt.datetime
    nonce: str
    label: str  # which of the message's signatures; not itself signed
    covered: tuple[str, ...]  # component identifiers in their order, as `"@method"`

"""Signed requests of partners' nodes, and our answers to them (RFC 9421, the profile of `signatures`).

The keyid of a node is the id of its party in the agreements, as `cert-ee`, and nothing else. Its key is the one that
the newest accepted agreement pins for that party.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.http import HttpRequest, HttpResponse

from comity.ledger import read_public_key
from comity.node import chance, clock, keyring
from comity.node.config import current
from comity.node.exchange.outgoing import Origin
from comity.node.exchange.serving import bodies
from comity.node.exchange.serving.nonces import StoredNonces
from comity.node.exchange.signatures import (
    NONCE_BYTES,
    Answer,
    Field,
    Request,
    SignatureRefused,
    SigningKey,
    Verified,
    nonce_of,
    sign_answer,
    verify_request,
)
from comity.node.exchange.taxii import Unauthenticated
from comity.node.treaties.models import Party

log = structlog.get_logger(__name__)
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*")  # what RFC 3986 section 2.3 never escapes, and the slash
_SIGNED_WITH = ("content-digest", "signature-input", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request that its sender's key signed."""

    message: Request
    proof: Verified

    def sign(self, response: HttpResponse) -> None:
        """INVARIANT: the answer to a signed request is signed, whatever it says, and can be the answer to no other."""
        answer = Answer(
            status=response.status_code,
            headers=(("Content-Type", response.headers["Content-Type"]),),
            body=response.content,
        )
        key = SigningKey(keyid=current().party, private=keyring.held().signing)
        nonce = nonce_of(chance.octets(NONCE_BYTES))
        signed = sign_answer(answer, to=self.message, proof=self.proof, key=key, now=clock.real(), nonce=nonce)
        for name, value in signed.headers:
            if name.lower() in _SIGNED_WITH:
                response.headers[name] = value


def is_signed(request: HttpRequest) -> bool:
    """Whether it says that it is: one header of the two is enough to be held to it."""
    return "HTTP_SIGNATURE" in request.META or "HTTP_SIGNATURE_INPUT" in request.META


def verify(request: HttpRequest) -> SignedRequest:
    """Verify it whole, before anything reads its content, and use up its nonce.

    INVARIANT: what is verified is what was signed (attack A36). WSGI gives the path without its percent signs, and two
    targets can come out alike: a path that could have been written in two ways is nobody's.

    Raises: Unauthenticated, for every reason the same; the log has the reason. TooLarge.
    """
    if not _PLAIN.fullmatch(request.path):
        log.warning("exchange:request:refused", reason="path", method=request.method)
        raise Unauthenticated()
    message = _message(request)
    try:
        proof = verify_request(message, keys=pinned, nonces=StoredNonces(), now=clock.real())
    except SignatureRefused as error:
        log.warning("exchange:request:refused", reason=error.reason.name.lower(), method=request.method)
        raise Unauthenticated() from error
    return SignedRequest(message=message, proof=proof)


def pinned(keyid: str) -> Ed25519PublicKey | None:
    """The key of a partner: of every party that an accepted agreement binds to us.

    Also after its end, since receipts, retractions and deletions still flow then; what it may read, the door decides.
    """
    key = Party.objects.filter(pk=keyid, flows__isnull=False).values_list("key", flat=True).first()
    return None if key is None else read_public_key(key)


def _message(request: HttpRequest) -> Request:
    assert request.method is not None  # noqa: S101 -- Django has it of every request
    return Request(
        method=request.method, target_uri=target_uri(request), headers=_headers(request), body=bodies.received(request)
    )


def target_uri(request: HttpRequest) -> str:
    """As this node knows itself, whatever Host the request names (attack A36); its query as it came."""
    query = request.META.get("QUERY_STRING", "")
    return f"{_origin(current().url)}{request.path}" + (f"?{query}" if query else "")


@functools.cache
def _origin(url: str) -> str:
    """In the one spelling that callers use too."""
    return str(Origin.read(url))


def _headers(request: HttpRequest) -> tuple[Field, ...]:
    """Header lines, as far as WSGI tells them apart: of several with one name it makes one."""
    named = ((name.removeprefix("HTTP_"), value) for name, value in request.META.items() if _is_header(name))
    return tuple((name.replace("_", "-").lower(), value) for name, value in named)


def _is_header(name: str) -> bool:
    return name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")

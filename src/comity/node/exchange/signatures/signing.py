"""Signing: what our own requests and answers carry."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
from collections.abc import Sequence

from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    MappingKeyResolver,
    algorithms,
)

from comity.canon import InputError, utc
from comity.node.exchange.signatures.library import AnswerView, RequestView
from comity.node.exchange.signatures.messages import Answer, Field, Request, SigningKey, Verified
from comity.node.exchange.signatures.profile import BEHIND, LABEL, TAG

NONCE_BYTES = 16
_OURS = frozenset(("content-digest", "signature", "signature-input"))


class Unsignable(InputError):
    what = "this message cannot be signed"
    why = "{reason}"
    do = "mend the message; nothing was sent"


def nonce_of(octets: bytes) -> str:
    """16 random bytes as base64url without padding: 22 characters."""
    if len(octets) < NONCE_BYTES:
        raise ValueError("a nonce has at least 128 bits")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def sign_request(request: Request, *, key: SigningKey, now: dt.datetime, nonce: str) -> Request:
    """The request with Content-Digest (where it has content), Signature-Input and Signature.

    Args:    now: real time. The signature serves from then for a minute, as long as receivers accept it.
             nonce: new for every request, see `nonce_of`.
    Raises:  Unsignable: content without a type, a header that signing writes, a target that is not absolute.
    Source:  RFC 9421 section 3.1; the project's profile, rules 1, 2 and 4.
    """
    _check_open(request.headers)
    cover = ["@method", "@target-uri", *(("content-digest", "content-type") if request.body else ())]
    view = RequestView(request)
    _sign(view, cover, request.body or None, key, now, nonce)
    return dataclasses.replace(request, headers=tuple(view.headers.lines))


def sign_answer(
    answer: Answer, *, to: Request, proof: Verified, key: SigningKey, now: dt.datetime, nonce: str
) -> Answer:
    """The answer with a signature over it and over the request's method, target and signature.

    Args:    to: the request as it was received.
             proof: what verifying it gave; only a verified request is answered so.
    Raises:  Unsignable.
    Source:  RFC 9421 section 2.4.
    """
    _check_open(answer.headers)
    cover = ["@status", "content-digest", '"@method";req', '"@target-uri";req', f'"signature";req;key="{proof.label}"']
    if answer.field("content-type") is not None:
        cover.append("content-type")
    view = AnswerView(answer, to)
    _sign(view, cover, answer.body, key, now, nonce)
    return dataclasses.replace(answer, headers=tuple(view.headers.lines))


def _check_open(headers: Sequence[Field]) -> None:
    for name, _ in headers:
        if name.lower() in _OURS:
            raise Unsignable(reason=f"it already has the header {name}, which signing writes")


def _sign(
    view: RequestView | AnswerView,
    cover: Sequence[str],
    body: bytes | None,  # Content-Digest is made of it, of empty content too
    key: SigningKey,
    now: dt.datetime,
    nonce: str,
) -> None:
    created = utc(now).replace(microsecond=0)
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key.keyid: key.private}),
    )
    try:
        signer.sign(
            view, key_id=key.keyid, created=created, expires=created + BEHIND, nonce=nonce, label=LABEL, tag=TAG,
            include_alg=False, covered_component_ids=cover, body=body,
        )  # fmt: skip
    except HTTPMessageSignaturesException as error:
        raise Unsignable(reason=str(error)) from error

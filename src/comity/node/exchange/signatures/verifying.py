"""Verifying a received request or answer: every rule of the profile, in order, before anything reads the content."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from cryptography.exceptions import InvalidSignature as NotThisKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    MappingKeyResolver,
    VerifyResult,
    algorithms,
)

from comity.canon import utc
from comity.node.exchange.signatures.digests import check_digest
from comity.node.exchange.signatures.library import AnswerView, RequestView, byte_sequence, members
from comity.node.exchange.signatures.messages import Answer, Keys, Request, Verified
from comity.node.exchange.signatures.nonces import Nonces
from comity.node.exchange.signatures.profile import (
    LABEL,
    MAX_FIELD,
    TAG,
    Component,
    check_cover,
    check_nonce,
    check_parameters,
    cover_of_answer,
    cover_of_request,
)
from comity.node.exchange.signatures.refusals import Reason, SignatureRefused


def verify_request(request: Request, *, keys: Keys, nonces: Nonces, now: dt.datetime) -> Verified:
    """Verify a request as it was received, before anything reads its content, and use up its nonce.

    Args:    now: real time, not business time.
             keys: answers for the partners' pinned keys. Which party a keyid is, is the caller's to know (rule 6).
    Raises:  SignatureRefused: answer one generic 401, and log its `reason` and `detail`. Whatever `nonces` raises.
    Source:  RFC 9421 section 3.2; the project's profile, rules 1 to 7; attacks A34 to A37.
    """
    verified = _verify(RequestView(request), request, cover_of_request(request), keys, now)
    if '"content-digest"' in verified.covered:
        check_digest(request.field("content-digest"), request.body)
    # Last, so that only what its key's owner signed can use up a nonce.
    check_nonce(verified.nonce)
    if not nonces.use(verified.keyid, verified.nonce, verified.expires):
        raise SignatureRefused(reason=Reason.NONCE_USED, detail=verified.nonce)
    return verified


def verify_answer(answer: Answer, *, to: Request, keys: Keys, now: dt.datetime) -> Verified:
    """Verify an answer to `to`, our own signed request.

    It covers our request's signature, which holds our nonce, so it needs no ledger of its own to be used only once.

    Args:    keys: of the party that was called and of no other.
    Raises:  SignatureRefused.
    Source:  RFC 9421 sections 2.4 and 3.2.
    """
    verified = _verify(AnswerView(answer, to), answer, cover_of_answer(answer, LABEL), keys, now)
    check_digest(answer.field("content-digest"), answer.body)
    check_nonce(verified.nonce)
    return verified


def _verify(
    view: RequestView | AnswerView,
    message: Request | Answer,
    required: frozenset[Component],
    keys: Keys,
    now: dt.datetime,
) -> Verified:
    for name in ("signature-input", "signature"):
        field = message.field(name)
        if field is None:
            raise SignatureRefused(reason=Reason.ABSENT, detail=name)
        if len(field) > MAX_FIELD:
            raise SignatureRefused(reason=Reason.TOO_LONG, detail=f"{name}: {len(field)} characters")
    verifier = _Verifier(required, keys, utc(now))
    try:
        results = verifier.verify(view, max_age=None, expect_tag=TAG)
    except HTTPMessageSignaturesException as error:
        raise SignatureRefused(reason=_reason(error, verifier), detail=str(error)) from error
    (result,) = results  # the verifier has refused a second one
    _check_spelling(message, result)
    return _verified(result)


def _reason(error: HTTPMessageSignaturesException, verifier: _Verifier) -> Reason:
    if isinstance(error.__cause__, NotThisKey):
        return Reason.WRONG_SIGNATURE
    return Reason.NOT_OURS if not verifier.seen and "expected tag" in str(error) else Reason.UNREADABLE


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with the profile's rules in the place it has for rules on parameters, and our clock."""

    def __init__(self, required: frozenset[Component], keys: Keys, now: dt.datetime) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=None)
        self._required = required
        self._keys = keys
        self._now = now
        self.seen = 0

    def validate_created_and_expires(self, sig_input: Any, max_age: dt.timedelta | None = None) -> None:
        """Called once for each signature with our tag, before anything of it is computed."""
        self.seen += 1
        if self.seen > 1:  # rule 5
            raise SignatureRefused(reason=Reason.TWO_OF_OURS)
        check_parameters(sig_input.params, self._now)
        check_cover(((item.value, frozenset(item.params.items())) for item in sig_input), self._required)
        self._pin(sig_input.params["keyid"])

    def _pin(self, keyid: str) -> None:
        # INVARIANT: the key decides the algorithm: what is not an Ed25519 key that we looked up verifies nothing (A37).
        key = self._keys(keyid)
        if not isinstance(key, Ed25519PublicKey):
            raise SignatureRefused(reason=Reason.UNKNOWN_KEY, detail=keyid)
        self.key_resolver = MappingKeyResolver(public_keys={keyid: key}, private_keys={})


def _check_spelling(message: Request | Answer, result: VerifyResult) -> None:
    """The headers hold the chosen signature in its one canonical spelling (RFC 9421 section 2.5, RFC 9651).

    A structured field can be written in many ways, base64 with stray bits among them; what was logged as evidence
    would then not be what another implementation reads.
    """
    signature = members(message.field("signature") or "")[result.label]
    for name, value in (
        ("signature-input", result.covered_components['"@signature-params"']),
        ("signature", byte_sequence(signature)),
    ):
        member = re.escape(f"{result.label}={value}")
        if not re.search(rf"(?:^|,[ \t]*){member}(?:[ \t]*,|$)", message.field(name) or ""):
            raise SignatureRefused(reason=Reason.RESPELLED, detail=name)


def _verified(result: VerifyResult) -> Verified:
    parameters = result.parameters
    return Verified(
        keyid=str(parameters["keyid"]),
        created=dt.datetime.fromtimestamp(int(parameters["created"]), dt.UTC),
        expires=dt.datetime.fromtimestamp(int(parameters["expires"]), dt.UTC),
        nonce=str(parameters["nonce"]),
        label=result.label,
        covered=tuple(name for name in result.covered_components if name != '"@signature-params"'),
    )

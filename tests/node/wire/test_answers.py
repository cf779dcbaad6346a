"""Answers that are evidence: bound to their request, so that none can be moved to another (RFC 9421 section 2.4)."""

from __future__ import annotations

import dataclasses

import pytest
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from comity.node.exchange.signatures import (
    LIFETIME,
    TAG,
    Answer,
    Reason,
    Request,
    SignatureRefused,
    Unsignable,
    Verified,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)
from comity.node.exchange.signatures.library import AnswerView

from .keys import NONCE, NOW, OTHER_NONCE, OURS, THEIRS, MemoryNonces, pinned

TARGET = "https://node-b.example/taxii2/api/collections/"
BODY = b'{"objects":[]}'
OK = Answer(status=200, headers=(("Content-Type", "application/taxii+json;version=2.1"),), body=BODY)


def asked(*, nonce: str = NONCE, target: str = TARGET, method: str = "GET") -> tuple[Request, Verified]:
    """A request as the partner has it, and what it proved."""
    request = sign_request(Request(method=method, target_uri=target), key=OURS, now=NOW, nonce=nonce)
    return request, verify_request(request, keys=pinned(OURS), nonces=MemoryNonces(), now=NOW)


def answered(answer: Answer = OK, to: tuple[Request, Verified] | None = None) -> Answer:
    request, proof = to or asked()
    return sign_answer(answer, to=request, proof=proof, key=THEIRS, now=NOW, nonce=OTHER_NONCE)


def reason(answer: Answer, to: Request | None = None) -> Reason:
    with pytest.raises(SignatureRefused) as refused:
        verify_answer(answer, to=to or asked()[0], keys=pinned(THEIRS), now=NOW)
    return refused.value.reason


def test_an_answer_covers_its_status_its_content_and_its_request():
    verified = verify_answer(answered(), to=asked()[0], keys=pinned(THEIRS), now=NOW)
    assert verified.keyid == "cert-br"
    assert set(verified.covered) == {
        '"@status"',
        '"content-digest"',
        '"@method";req',
        '"@target-uri";req',
        '"signature";req;key="node"',
        '"content-type"',
    }


@pytest.mark.parametrize("answer", [Answer(status=204), Answer(status=202, body=b"x"), Answer(status=404, body=b"{}")])
def test_any_answer_can_be_evidence(answer: Answer):
    verify_answer(answered(answer), to=asked()[0], keys=pinned(THEIRS), now=NOW)


def test_an_answer_to_one_request_does_not_serve_for_another():
    """The other request differs in nothing but its nonce."""
    assert reason(answered(), to=asked(nonce=OTHER_NONCE)[0]) is Reason.WRONG_SIGNATURE
    assert reason(answered(), to=asked(target=TARGET + "other/")[0]) is Reason.WRONG_SIGNATURE
    assert reason(answered(), to=asked(method="DELETE")[0]) is Reason.WRONG_SIGNATURE


REQUIRED = ["@status", "content-digest", '"@method";req', '"@target-uri";req', '"signature";req;key="node"']


@pytest.mark.parametrize("missing", [None, *REQUIRED])
def test_an_answer_that_leaves_one_of_them_open_is_refused(missing: str | None):
    request, _ = asked()
    view = AnswerView(OK, request)
    HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={"cert-br": THEIRS.private}),
    ).sign(
        view, key_id="cert-br", created=NOW, expires=NOW + LIFETIME, nonce=OTHER_NONCE, tag=TAG, include_alg=False,
        covered_component_ids=[name for name in REQUIRED if name != missing],
        body=None if missing == "content-digest" else BODY,
    )  # fmt: skip
    answer = dataclasses.replace(OK, headers=tuple(view.headers.lines))
    if missing is None:
        verify_answer(answer, to=request, keys=pinned(THEIRS), now=NOW)
    else:
        assert reason(answer, to=request) is Reason.NOT_COVERED


def test_a_request_stripped_of_its_signature_is_not_answered_to():
    bare = Request(method="GET", target_uri=TARGET)
    assert reason(answered(), to=bare) is Reason.UNREADABLE


def test_status_content_and_type_cannot_be_changed():
    answer = answered()
    assert reason(dataclasses.replace(answer, status=404)) is Reason.WRONG_SIGNATURE
    assert reason(dataclasses.replace(answer, body=b"{}")) is Reason.DIGEST
    assert reason(dataclasses.replace(answer, body=b"")) is Reason.DIGEST
    html = tuple((n, "text/html" if n == "Content-Type" else v) for n, v in answer.headers)
    assert reason(dataclasses.replace(answer, headers=html)) is Reason.WRONG_SIGNATURE


def test_an_unsigned_answer_is_refused():
    assert reason(OK) is Reason.ABSENT


def test_a_partner_s_answer_signed_by_another_partner_is_refused():
    """Rule 6: the keys that are asked are those of the party that was called."""
    request, proof = asked()
    other = sign_answer(OK, to=request, proof=proof, key=OURS, now=NOW, nonce=OTHER_NONCE)
    assert reason(other) is Reason.UNKNOWN_KEY


def test_a_signed_request_is_no_answer():
    """The same tag and key: what keeps the two apart is what they cover."""
    request = sign_request(Request(method="GET", target_uri=TARGET), key=THEIRS, now=NOW, nonce=OTHER_NONCE)
    assert reason(Answer(status=200, headers=request.headers)) is Reason.NOT_COVERED


def test_a_signed_answer_is_no_request():
    answer = answered()
    request = Request(method="GET", target_uri=TARGET, headers=answer.headers, body=answer.body)
    with pytest.raises(SignatureRefused) as refused:
        verify_request(request, keys=pinned(THEIRS), nonces=MemoryNonces(), now=NOW)
    assert refused.value.reason is Reason.NOT_COVERED


def test_what_signing_writes_is_not_taken_over():
    with pytest.raises(Unsignable, match="Signature"):
        answered(dataclasses.replace(OK, headers=(("Signature", "x=:AAAA:"),)))

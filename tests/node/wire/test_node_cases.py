"""The project's own request cases, `vectors/http-signatures/node_cases.json`: the expected reason for each.

Two cases, `ok-get` and `uncovered-date-changed`, are marked valid there and carry the nonce `n-0001`. Rule 2 of the
profile asks for at least 128 bits in base64url, and the text wins over the verdict: they pass every rule but that one,
which is the last to be checked, and the same requests signed with a whole nonce are accepted.
"""

from __future__ import annotations

from typing import Any

import pytest

from comity.node.exchange.signatures import Reason, Request, SignatureRefused, sign_request, verify_request

from .keys import NODE, NONCE, NOW, MemoryNonces, only, published_ed25519, published_public

REASONS = {
    "duplicate-header-added": Reason.WRONG_SIGNATURE,
    "body-and-digest-changed": Reason.WRONG_SIGNATURE,
    "digest-not-covered": Reason.NOT_COVERED,
    "body-changed": Reason.DIGEST,
    "content-type-changed": Reason.WRONG_SIGNATURE,
    "other-target": Reason.WRONG_SIGNATURE,
    "no-nonce": Reason.NOT_OURS,  # it has no tag either, and that is seen first
    "wrong-tag": Reason.NOT_OURS,
    "expired-before-created": Reason.LIFETIME,
    "method-not-covered": Reason.NOT_COVERED,
    "ok-get": Reason.WEAK_NONCE,
    "uncovered-date-changed": Reason.WEAK_NONCE,
}
KEYS = only("test-key-ed25519", published_public("test-key-ed25519"))


def unsigned(case: dict[str, Any]) -> Request:
    message = case["message"]
    return Request(
        method=message["method"],
        target_uri=message["uri"],
        headers=tuple((name, value) for name, value in message["headers"]),
        body=message["body"].encode(),
    )


def as_sent(case: dict[str, Any]) -> Request:
    request = unsigned(case)
    lines = (("Signature-Input", case["signature_input"]), ("Signature", case["signature"]))
    return Request(
        method=request.method, target_uri=request.target_uri, headers=request.headers + lines, body=request.body
    )


def test_every_case_is_here():
    assert {case["case"] for case in NODE["cases"]} == set(REASONS)
    assert {case["case"] for case in NODE["cases"] if case["valid"]} == {"ok-get", "uncovered-date-changed"}


@pytest.mark.parametrize("case", NODE["cases"], ids=lambda case: case["case"])
def test_the_case_is_refused_for_its_reason(case: dict[str, Any]):
    nonces = MemoryNonces()
    with pytest.raises(SignatureRefused) as refused:
        verify_request(as_sent(case), keys=KEYS, nonces=nonces, now=NOW)
    assert refused.value.reason is REASONS[case["case"]]
    assert nonces.held == 0, "a refused request uses up nothing"


@pytest.mark.parametrize("case", [case for case in NODE["cases"] if case["valid"]], ids=lambda case: case["case"])
def test_the_valid_cases_are_accepted_with_a_nonce_of_128_bits(case: dict[str, Any]):
    request = unsigned(case)
    without_digest = tuple(line for line in request.headers if line[0] != "Content-Digest")
    signed = sign_request(
        Request(method=request.method, target_uri=request.target_uri, headers=without_digest, body=request.body),
        key=published_ed25519(),
        now=NOW,
        nonce=NONCE,
    )
    verified = verify_request(signed, keys=KEYS, nonces=MemoryNonces(), now=NOW)
    assert verified.keyid == "test-key-ed25519"
    required = NODE["required_components"] if request.body else ["@method", "@target-uri"]
    assert [f'"{name}"' for name in required] == list(verified.covered)
    lines = dict(signed.headers)
    if request.body:
        assert lines["Content-Digest"] == dict(request.headers)["Content-Digest"], "our digest is the published one"

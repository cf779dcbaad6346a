"""The published examples of RFC 9421, appendix B.

The profile has Ed25519 alone, so of appendix B.2 only sig-b26 can apply to our own code, and even that one carries
none of the profile's parameters: the library that we stand on remakes and verifies it, our verifying half refuses it.
The RSA-PSS, ECDSA and HMAC examples are verified by the library as evidence that it builds signature bases as
published; for us they are refusals.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
    algorithms,
)

from comity.node.exchange.signatures import Answer, Reason, Request, SignatureRefused, verify_request
from comity.node.exchange.signatures.library import AnswerView, RequestView

from .keys import NOW, RFC9421, MemoryNonces, published_ed25519, published_public

ALGORITHMS = {
    "ed25519": algorithms.ED25519,
    "rsa-pss-sha512": algorithms.RSA_PSS_SHA512,
    "ecdsa-p256-sha256": algorithms.ECDSA_P256_SHA256,
    "hmac-sha256": algorithms.HMAC_SHA256,
}


@dataclass(frozen=True)
class Example:
    case: dict[str, Any]

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        label = self.case["signature_input"].partition("=")[0]
        signature = self.case["signature"].removeprefix(f"{label}=")
        return (("Signature-Input", self.case["signature_input"]), ("Signature", f"{label}={signature}"))

    def request(self, message: dict[str, Any]) -> Request:
        headers = tuple((name, value) for name, value in message["headers"])
        host = {name.lower(): value for name, value in headers}["host"]
        return Request(
            method=message["method"],
            target_uri=f"https://{host}{message['target']}",
            headers=headers + self.lines,
            body=message.get("body", "").encode(),
        )


def key_of(name: str) -> Any:
    key = RFC9421["keys"][name]
    return base64.b64decode(key["secret_base64"]) if key["kind"] == "HMAC" else published_public(name)


class Ageless(HTTPMessageVerifier):
    """The examples were signed in 2021."""

    def validate_created_and_expires(self, sig_input: Any, max_age: dt.timedelta | None = None) -> None:
        return None


def library(name: str, algorithm: str) -> HTTPMessageVerifier:
    keys = MappingKeyResolver(public_keys={name: key_of(name)}, private_keys={})
    return Ageless(signature_algorithm=ALGORITHMS[algorithm], key_resolver=keys)


@pytest.mark.parametrize("case", RFC9421["cases"], ids=lambda case: case["case"])
def test_the_library_builds_the_published_base_and_verifies_the_published_signature(case: dict[str, Any]):
    example = Example(case)
    view: RequestView | AnswerView = RequestView(example.request(RFC9421["request"]))
    if case["message"] == "response":
        answer = RFC9421["response"]
        headers = tuple((name, value) for name, value in answer["headers"]) + example.lines
        to = Request(method="POST", target_uri="https://example.com/foo?param=Value&Pet=dog")
        view = AnswerView(Answer(status=answer["status"], headers=headers, body=answer["body"].encode()), to)
    (result,) = library(case["keyid"], case["algorithm"]).verify(view, max_age=None)
    assert "\n".join(f"{name}: {value}" for name, value in result.covered_components.items()) == case["signature_base"]


def test_the_ed25519_example_is_remade_byte_for_byte():
    """Appendix B.2.6, by the same library call and the same view of a message that our signing half uses."""
    case = next(case for case in RFC9421["cases"] if case["algorithm"] == "ed25519")
    key = published_ed25519()
    request = Example(case).request(RFC9421["request"])
    view = RequestView(Request(method=request.method, target_uri=request.target_uri, headers=request.headers[:-2]))
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key.keyid: key.private}),
    )
    signer.sign(
        view,
        key_id=key.keyid,
        label="sig-b26",
        created=dt.datetime.fromtimestamp(1618884473, dt.UTC),
        include_alg=False,
        use_existing_digest=True,
        covered_component_ids=["date", "@method", "@path", "@authority", "content-type", "content-length"],
    )
    assert dict(view.headers.items())["Signature"] == case["signature"]
    assert dict(view.headers.items())["Signature-Input"] == case["signature_input"]


@pytest.mark.parametrize("case", RFC9421["cases"], ids=lambda case: case["case"])
def test_an_example_without_our_tag_is_not_ours(case: dict[str, Any]):
    """Rule 5. None of the examples was made for this exchange, whoever signed it."""
    request = Example(case).request(RFC9421["request"])
    with pytest.raises(SignatureRefused) as refused:
        verify_request(request, keys=key_of, nonces=MemoryNonces(), now=NOW)
    assert refused.value.reason is Reason.NOT_OURS


@pytest.mark.parametrize("case", RFC9421["transformations"], ids=lambda case: case["case"])
def test_what_a_proxy_may_change_and_what_not(case: dict[str, Any]):
    """Appendix B.4, Ed25519: a reordered or extended message verifies, one with a covered part changed does not."""
    view = RequestView(Example(case).request(case["message"]))
    verifier = library("test-key-ed25519", "ed25519")
    if case["valid"]:
        (result,) = verifier.verify(view, max_age=None)
        base = "\n".join(f"{name}: {value}" for name, value in result.covered_components.items())
        assert base == case["signature_base_if_valid"]
    else:
        with pytest.raises(InvalidSignature):
            verifier.verify(view, max_age=None)


def test_the_library_refuses_what_it_cannot_cover():
    """RFC 9421 section 2.4: `req` on a request is an error; so is a component that is not there."""
    for component in ('"@method";req', '"x-absent"', '"@status"', '"@signature-params"'):
        view = RequestView(Request(method="GET", target_uri="https://node-b.example/"))
        signer = HTTPMessageSigner(
            signature_algorithm=algorithms.ED25519,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={"k": published_ed25519().private}),
        )
        with pytest.raises((HTTPMessageSignaturesException, AssertionError)):
            signer.sign(view, key_id="k", covered_component_ids=[component])

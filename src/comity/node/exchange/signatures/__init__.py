"""signatures: RFC 9421 message signatures between nodes, in the profile `tag="cti-exchange"`. Knows no framework.

A request is signed and verified; its answer is bound to it, so that an answer cannot be moved to another request.
"""

from comity.node.exchange.signatures.messages import Answer, Field, Keys, Request, SigningKey, Verified, fields_of
from comity.node.exchange.signatures.nonces import Nonces
from comity.node.exchange.signatures.profile import LABEL, LIFETIME, TAG
from comity.node.exchange.signatures.refusals import Reason, SignatureRefused
from comity.node.exchange.signatures.signing import NONCE_BYTES, Unsignable, nonce_of, sign_answer, sign_request
from comity.node.exchange.signatures.verifying import verify_answer, verify_request

__all__ = [
    "LABEL",
    "LIFETIME",
    "NONCE_BYTES",
    "TAG",
    "Answer",
    "Field",
    "Keys",
    "Nonces",
    "Reason",
    "Request",
    "SignatureRefused",
    "SigningKey",
    "Unsignable",
    "Verified",
    "fields_of",
    "nonce_of",
    "sign_answer",
    "sign_request",
    "verify_answer",
    "verify_request",
]

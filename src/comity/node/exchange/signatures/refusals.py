"""Why a signature was refused: one sentence for the wire, the exact reason for the audit log."""

from __future__ import annotations

import enum

from comity.canon import ProofError


class Reason(enum.Enum):
    """For the audit log alone; its text is shown to operators."""

    ABSENT = "there is no signature"
    UNREADABLE = "the signature headers or a covered component cannot be read"
    TOO_LONG = "the signature headers are too long"
    RESPELLED = "the signature headers are not in the one spelling that was signed"
    NOT_OURS = "no signature is made for this exchange"
    TWO_OF_OURS = "more than one signature is made for this exchange"
    PARAMETER_MISSING = "a required parameter is missing"
    NOT_COVERED = "a required component is not covered"
    LIFETIME = "it is made to live too long, or not at all"
    TOO_OLD = "it was made too long ago"
    TOO_NEW = "it was made in the future"
    EXPIRED = "it has expired"
    ALGORITHM = "it names another algorithm than its key's"
    UNKNOWN_KEY = "no agreement in force pins its key"
    WRONG_SIGNATURE = "it does not verify: something signed was changed, or another key signed"
    NO_DIGEST = "the content has no digest of a known algorithm"
    DIGEST = "the content is not what its digest says"
    WEAK_NONCE = "its nonce is not 128 bits in base64url"
    NONCE_USED = "its nonce was used before"


class SignatureRefused(ProofError):
    """INVARIANT: `what`, `why` and `do` are the same for every reason, so that a sender learns nothing by trying.

    `reason` and `detail` (which may quote the message) are for the audit log and leave the node never.
    """

    what = "the message's signature was not accepted"
    why = "it is not what this exchange asks of a signed message"
    do = "sign it anew and send it again; if that fails too, the operator of this node finds the reason in its log"

    def __init__(self, *, at: str | None = None, **fields: object) -> None:
        super().__init__(at=at, **fields)
        reason = fields["reason"]
        assert isinstance(reason, Reason)  # noqa: S101 -- for the type checker; only this package raises it
        self.reason: Reason = reason
        self.detail: str = str(fields.get("detail", ""))

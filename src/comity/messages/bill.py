"""The bill of a release: the list of what went to whom, for what, under which clauses, and until when.

A STIX 2.1 object of our own type, `comity-bill`, so that it travels in a collection like everything else. It goes only
to the partner who gets the objects; what the public log holds of it is a salted commitment.
"""

from __future__ import annotations

import datetime as dt
import hmac
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.canon import InputError, Json, ProofError, digest_of, dumps, format_instant, loads, strict_base64
from comity.ledger import leaf_hash, public_key_text, read_public_key, root_of
from comity.messages.published import EXTENSION_ID, misfit

TYPE = "comity-bill"
_SIGNED_AS = b"comity/bill-signature/v1\n"  # no other text that a key of ours signs begins so
_LISTED_AS = b"comity/bill-entry/v1\n"


class BadRelease(InputError):
    what = "no bill can be made for this release"
    why = "{reason}"
    do = "make the bill from a bundle and the record of the crossing that wrote it"


class MalformedBill(ProofError):
    what = "this is not a bill"
    why = "{reason}"
    do = "ask its sender for the bill again, byte for byte"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One object of a release, as it left."""

    id: str
    version: str | None  # `modified`, or `created` where the type has no versions; None for an observable
    digest: str  # "sha256:..." of its canonical form
    clauses: tuple[str, ...]  # that let it leave: INVARIANT: at least one
    law: tuple[str, ...] = ()  # ids of facts in the law pack
    expires: str | None = None  # when the receiver deletes it; an instant

    def to_json(self) -> dict[str, Json]:
        optional = {"version": self.version, "law": list(self.law) or None, "expires": self.expires}
        required: dict[str, Json] = {"id": self.id, "digest": self.digest, "clauses": list(self.clauses)}
        return required | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a release rests on: agreement, flow, purpose, circumstances, and the versions that decided."""

    agreement: str
    agreement_version: int
    agreement_digest: str
    baseline_digest: str | None
    origin: str  # party
    destination: str  # party
    purpose: str
    circumstances_digest: str
    law_version: str
    law_digest: str
    program: str
    detectors: str
    made_at: dt.datetime  # business time


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A bill whose form was checked; nothing more is known of it until `verify_bill` has passed."""

    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        if reason := misfit(dict(self.content)):
            raise MalformedBill(reason=reason)

    @property
    def id(self) -> str:
        return str(self.content["id"])

    @property
    def signed_part(self) -> bytes:
        """What the signature is over."""
        body = {name: value for name, value in self.content.items() if name not in ("signature", "logged")}
        return _SIGNED_AS + dumps(body)

    @property
    def digest(self) -> str:
        """`sha256:...` of everything but how it was logged: what the log commits to."""
        return digest_of({name: value for name, value in self.content.items() if name != "logged"})

    @property
    def signer(self) -> Ed25519PublicKey:
        """Whose signature it claims. Raises: BadKey."""
        return read_public_key(str(self.content["signed_by"]))

    def __bytes__(self) -> bytes:
        """The file, in canonical form."""
        return dumps(dict(self.content)) + b"\n"

    def with_members(self, **members: Json) -> Bill:
        return Bill(content={**self.content, **members})


def read_bill(data: bytes, *, at: str | None = None) -> Bill:
    """Raises: StrictJsonError; MalformedBill."""
    content = loads(data, at=at)
    if not isinstance(content, dict):
        raise MalformedBill(at=at, reason="it is not one JSON object")
    return Bill(content=content)


def bill_secret(key: Ed25519PrivateKey) -> bytes:
    """A secret for `make_bill` and `log_bill` out of the signing key, so that the same release gives the same bytes.

    Who must be able to destroy salts (a node that deletes on terms) passes a random secret for each bill instead.
    """
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"comity/bill-secret/v1").derive(key.private_bytes_raw())


def derived(secret: bytes, use: str, text: bytes) -> bytes:
    """32 bytes for one use, that nobody without the secret can foretell."""
    return hmac.digest(secret, f"comity/{use}/v1\n".encode() + text, "sha256")


def root(listed: Iterable[Mapping[str, Json]]) -> str:
    """`sha256:...`, the RFC 6962 root over the entries of a bill."""
    return "sha256:" + root_of(leaf_hash(_LISTED_AS + dumps(dict(entry))) for entry in listed).hex()


def make_bill(
    release: Release, objects: Iterable[Listed], *, key: Ed25519PublicKey, log_name: str, secret: bytes
) -> Bill:
    """The bill of a release, not yet signed.

    Args:   objects: in any order; the bill lists them by id and version.
            key: the origin's public key, which the agreement pins.
            log_name: what the log calls itself in which the bill will be entered.
            secret: 32 bytes; the same ones give the same bill. See `bill_secret`.
    Raises: BadRelease for no objects, two of one id and version, or one that no clause let out; MalformedBill.
    """
    ordered = sorted(objects, key=lambda one: (one.id, one.version or ""))
    if not ordered:
        raise BadRelease(reason="it has no objects")
    names = {(one.id, one.version) for one in ordered}
    if len(names) != len(ordered):
        raise BadRelease(reason="two of its objects have one id and version")
    for one in ordered:
        if not one.clauses:
            raise BadRelease(reason=f"no clause is named that lets {one.id} leave")
    listed = [one.to_json() for one in ordered]
    made_at = format_instant(release.made_at)
    body: dict[str, Json] = {
        "type": TYPE,
        "spec_version": "2.1",
        "created": made_at,
        "modified": made_at,
        "extensions": {EXTENSION_ID: {"extension_type": "new-sdo"}},
        "agreement": {
            "id": release.agreement,
            "version": release.agreement_version,
            "digest": release.agreement_digest,
        },
        "flow": {"origin": release.origin, "destination": release.destination},
        "purpose": release.purpose,
        "circumstances_digest": release.circumstances_digest,
        "law": {"version": release.law_version, "digest": release.law_digest},
        "program": release.program,
        "detectors": release.detectors,
        "listed": listed,
        "root": root(listed),
        "log_name": log_name,
        "signed_by": public_key_text(key),
    }
    if release.baseline_digest is not None:
        body["baseline_digest"] = release.baseline_digest
    name = uuid.UUID(bytes=derived(secret, "bill-id", dumps(body))[:16], version=4)
    return Bill(content={**body, "id": f"{TYPE}--{name}"})


def sign_bill(bill: Bill, key: Ed25519PrivateKey) -> Bill:
    """The bill with its origin's signature. Raises: BadRelease when the bill names another key."""
    if bill.signer != key.public_key():
        raise BadRelease(reason="the key that signs is not the one that the bill names")
    return bill.with_members(signature=strict_base64.encode(key.sign(bill.signed_part)))

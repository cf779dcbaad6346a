"""The bill of a release: the list of what went to whom, for what, under which clauses, and until when.

A STIX 2.1 object of our own type, `comity-bill`, so that it travels in a collection like everything else. It goes only
to the partner who gets the objects; what the public log holds of it is a salted commitment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.canon import Json, dumps
from comity.ledger import leaf_hash, root_of
from comity.messages.message import Message
from comity.messages.signed import BadMessage, MalformedMessage, sign_message

_LISTED_AS = b"comity/bill-entry/v1\n"


class BadRelease(BadMessage):
    what = "no bill can be made for this release"
    why = "{reason}"
    do = "make the bill from a bundle and the record of the crossing that wrote it"


class MalformedBill(MalformedMessage):
    what = "this is not a bill"


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
class Bill(Message):
    """A bill whose form was checked; nothing more is known of it until `verify_bill` has passed."""

    KIND: ClassVar[str] = "bill"
    SIGNER: ClassVar[str] = "origin"
    UNSIGNED: ClassVar[frozenset[str]] = frozenset({"signature", "logged"})  # the proof comes after the signature

    @classmethod
    def malformed(cls, reason: str, at: str | None = None) -> MalformedBill:
        return MalformedBill(at=at, reason=reason)


def read_bill(data: bytes, *, at: str | None = None) -> Bill:
    """Raises: StrictJsonError; MalformedBill."""
    return Bill.read(data, at=at)


def bill_secret(key: Ed25519PrivateKey) -> bytes:
    """A secret for `make_bill` and `log_bill` out of the signing key, so that the same release gives the same bytes.

    Who must be able to destroy salts (a node that deletes on terms) passes a random secret for each bill instead.
    """
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"comity/bill-secret/v1").derive(key.private_bytes_raw())


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
    members: dict[str, Json] = {
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
    }
    if release.baseline_digest is not None:
        members["baseline_digest"] = release.baseline_digest
    return Bill.compose(members, made_at=release.made_at, key=key, secret=secret)


def sign_bill(bill: Bill, key: Ed25519PrivateKey) -> Bill:
    """The bill with its origin's signature. Raises: BadRelease when the bill names another key."""
    if bill.signer != key.public_key():
        raise BadRelease(reason="the key that signs is not the one that the bill names")
    return sign_message(bill, key)

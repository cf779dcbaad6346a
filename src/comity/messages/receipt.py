"""The receipt: who received a release countersigns its bill's root, for what was stored, and names what was not.

INVARIANT: a transfer is complete when the receipt for the bill's root verifies and names nothing missing (promise 10).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import Json, printable
from comity.messages.bill import Bill
from comity.messages.follow_up import FollowUp, FollowUpError, check_follow_up
from comity.messages.verifying import ObjectNotListed, ObjectTwice


class NotStored(StrEnum):
    """Why an object of a release is not stored."""

    QUARANTINED = "quarantined"  # it breaks what the agreement lets the sender send; a person looks at it
    UNREADABLE = "unreadable"  # it cannot be read as what it says it is
    CHANGED = "changed"  # it is not the object whose digest the bill lists
    TOMBSTONED = "tombstoned"  # it was deleted on terms before, and does not come back (attack A81)
    RETRACTED = "retracted"  # its origin withdrew it before it was stored
    EXPIRED = "expired"  # it had to be deleted by the time it came
    NOT_RECEIVED = "not-received"  # the bill lists it, and it did not come


class OtherRoot(FollowUpError):
    what = "the receipt countersigns another list than the bill's"
    why = "it names the root {found}, and the bill's is {expected}"


class WrongCount(FollowUpError):
    what = "the numbers of the receipt do not add up"
    why = "it says {stored} stored and names {missing} that are not, and the bill lists {listed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One object of a release that its receiver did not store."""

    id: str
    version: str | None = None  # as the bill lists it; None for an observable
    reason: NotStored

    def to_json(self) -> dict[str, Json]:
        version = {} if self.version is None else {"version": self.version}
        return {"id": self.id, **version, "reason": self.reason.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a verified receipt says."""

    bill: str
    root: str
    stored: int  # objects, each version of one counted
    missing: tuple[Missing, ...]
    made_at: dt.datetime  # when the receiver had stored them: business time

    @property
    def complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(FollowUp):
    """A receipt whose form was checked; nothing more is known of it until `verify_receipt` has passed."""

    KIND: ClassVar[str] = "receipt"
    SIGNER: ClassVar[str] = "destination"

    @property
    def missing(self) -> tuple[Missing, ...]:
        return tuple(
            Missing(id=one["id"], version=one.get("version"), reason=NotStored(one["reason"]))
            for one in self.content["missing"]
        )

    def _misfit(self) -> str | None:
        names = [_name(one) for one in self.missing]
        return None if names == sorted(names) else "what is missing is not in the order of ids and versions"

    def _check(self, bill: Bill) -> None:
        root, listed = bill.content["root"], len(bill.content["listed"])
        if self.content["root"] != root:
            raise OtherRoot(found=self.content["root"], expected=root)
        stored, missing = int(self.content["stored"]), self.missing
        _check_names(missing, bill)
        if stored + len(missing) != listed:
            raise WrongCount(stored=stored, missing=len(missing), listed=listed)


def make_receipt(
    bill: Bill, missing: Iterable[Missing] = (), *, made_at: dt.datetime, key: Ed25519PublicKey, secret: bytes
) -> Receipt:
    """The receipt of a release whose bill was verified, not yet signed.

    Args:   missing: every object that the bill lists and that is not stored.
            made_at: when the rest was stored; business time.
            key: the receiver's public key, which the agreement pins.
            secret: 32 bytes; the same ones give the same receipt.
    Raises: BadMessage for an object that the bill does not list, or that is named twice; NaiveTime.
    """
    gone = sorted(missing, key=_name)
    try:
        _check_names(gone, bill)
    except (ObjectNotListed, ObjectTwice) as error:
        raise Receipt.refused(error.sentence) from error
    members: dict[str, Json] = {
        "root": bill.content["root"],
        "stored": len(bill.content["listed"]) - len(gone),
        "missing": [one.to_json() for one in gone],
    }
    return Receipt.about(bill, members, made_at=made_at, key=key, secret=secret)


def verify_receipt(receipt: Receipt, key: Ed25519PublicKey, bill: Bill) -> Received:
    """Check a receipt against the bill that this side signed.

    Args:   key: the receiver's, which the agreement pins.
    Raises: as `check_follow_up`; OtherRoot; ObjectNotListed, ObjectTwice; WrongCount.
    """
    check_follow_up(receipt, key, bill)
    return Received(
        bill=bill.id,
        root=bill.content["root"],
        stored=int(receipt.content["stored"]),
        missing=receipt.missing,
        made_at=receipt.made_at,
    )


def _check_names(missing: Iterable[Missing], bill: Bill) -> None:
    listed = {(one["id"], one.get("version", "")) for one in bill.content["listed"]}
    seen: set[tuple[str, str]] = set()
    for one in missing:
        if _name(one) not in listed:
            raise ObjectNotListed(object_id=printable(one.id))
        if _name(one) in seen:
            raise ObjectTwice(object_id=printable(one.id))
        seen.add(_name(one))


def _name(one: Missing) -> tuple[str, str]:
    return one.id, one.version or ""

"""The deletion receipt: the receiver says what it deleted of a release, or holds back from deleting, and why.

INVARIANT: it names no object in clear. Each stands as a commitment that only the salt of the bill opens; when both
sides have destroyed the bill with what it lists, the receipt proves that so many objects were deleted, and nobody can
ask it about a given one (attack A65).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import Json, digest_of, format_instant, parse_instant, printable
from comity.ledger import commitment
from comity.messages.bill import Bill
from comity.messages.follow_up import FollowUp, FollowUpError, check_follow_up, check_listed, listed_ids
from comity.messages.verifying import NotLogged, ObjectNotListed


class DeletionCause(StrEnum):
    """What made the deletion due."""

    EXPIRY = "expiry"
    RETRACTION = "retraction"
    SUNSET = "sunset"


class HoldGround(StrEnum):
    """What keeps an object from being deleted when it is due."""

    LEGAL_OBLIGATION = "legal-obligation"
    LEGAL_CLAIMS = "legal-claims"
    JUDICIAL_PROCEEDINGS = "judicial-proceedings"
    CRIME_INVESTIGATION = "crime-investigation"
    COLLISION = "collision"  # a duty to keep meets the duty to delete, and a person has not decided yet


class NotOfThisBill(FollowUpError):
    what = "the deletion receipt names an object of another release"
    why = "one of its commitments opens to no object that the bill lists"


class OtherRetraction(FollowUpError):
    what = "the deletion receipt answers another retraction"
    why = "it names {found}, which was not made for this release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Objects that are kept although they are due, on a ground that is looked at again."""

    ids: frozenset[str]
    ground: HoldGround
    review_by: dt.datetime  # UTC; when it is decided anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What a verified deletion receipt says."""

    bill: str
    cause: DeletionCause
    retraction: str | None  # the one that it answers
    ids: frozenset[str]  # of the objects deleted, in all their versions
    deleted_at: dt.datetime | None  # None if all are held
    held: tuple[Hold, ...]
    made_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionReceipt(FollowUp):
    """A deletion receipt whose form was checked; nothing more is known of it until it was verified."""

    KIND: ClassVar[str] = "deletion-receipt"
    SIGNER: ClassVar[str] = "destination"

    @property
    def retraction_id(self) -> str | None:
        """The retraction that it answers, if it answers one."""
        return self.content.get("retraction")

    @property
    def deleted_at(self) -> dt.datetime | None:
        at = self.content.get("deleted_at")
        return None if at is None else parse_instant(at)

    def _misfit(self) -> str | None:
        held = self.content["held"]
        lists = [self.content["deleted"], *(hold["objects"] for hold in held)]
        if any(one != sorted(one) for one in lists):
            return "its objects are not in the order of their commitments"
        named = list(chain(*lists))
        if len(set(named)) != len(named):
            return "it names one object in two places"
        if self.deleted_at is not None and self.deleted_at > self.made_at:
            return "it was made before what it says was done"
        if any(parse_instant(hold["review_by"]) < self.made_at for hold in held):
            return "a hold was due for review before the receipt was made"
        return None

    def _check(self, bill: Bill) -> None:
        self.opened(bill)

    def opened(self, bill: Bill) -> tuple[frozenset[str], tuple[Hold, ...]]:
        """What was deleted and what is held, by the ids in the bill. Raises: NotLogged; NotOfThisBill."""
        names = {_commitment(bill, object_id): object_id for object_id in listed_ids(bill)}
        held = tuple(
            Hold(
                ids=_opened(names, hold["objects"]),
                ground=HoldGround(hold["ground"]),
                review_by=parse_instant(hold["review_by"]),
            )
            for hold in self.content["held"]
        )
        return _opened(names, self.content["deleted"]), held


def make_deletion_receipt(
    bill: Bill,
    deleted: Iterable[str] = (),
    *,
    cause: DeletionCause,
    deleted_at: dt.datetime | None = None,
    held: Iterable[Hold] = (),
    retraction: str | None = None,
    made_at: dt.datetime,
    key: Ed25519PublicKey,
    secret: bytes,
) -> DeletionReceipt:
    """The receipt for what was deleted of a release, not yet signed. It is made before the bill is destroyed too.

    Args:   deleted: ids of the objects that are gone, in all their versions, and cannot be read again.
            deleted_at: when the last of them went; business time. Given if and only if any went.
            held: what is due and stays.
            retraction: id of the retraction that this answers. Given if and only if that is the cause.
            key: the receiver's public key, which the agreement pins.
            secret: 32 bytes; the same ones give the same receipt.
    Raises: BadMessage for an object that the bill does not list, or a bill that was not logged; MalformedMessage;
            NaiveTime.
    """
    gone, holds = frozenset(deleted), tuple(held)
    try:
        check_listed(bill, sorted(gone.union(*(hold.ids for hold in holds))))
        members: dict[str, Json | None] = {
            "cause": cause.value,
            "retraction": retraction,
            "deleted": _closed(bill, gone),
            "deleted_at": None if deleted_at is None else format_instant(deleted_at),
            "held": [
                {
                    "objects": _closed(bill, hold.ids),
                    "ground": hold.ground.value,
                    "review_by": format_instant(hold.review_by),
                }
                for hold in holds
            ],
        }
    except (ObjectNotListed, NotLogged) as error:
        raise DeletionReceipt.refused(error.sentence) from error
    return DeletionReceipt.about(bill, members, made_at=made_at, key=key, secret=secret)


def verify_deletion_receipt(
    receipt: DeletionReceipt, key: Ed25519PublicKey, bill: Bill, *, retractions: Collection[str] = ()
) -> Deleted:
    """Check a deletion receipt against the bill that this side signed.

    Args:   key: the receiver's, which the agreement pins.
            bill: as it was logged: its salt opens what the receipt names.
            retractions: ids of those that this side made for this bill.
    Raises: as `check_follow_up`; OtherRetraction; NotLogged; NotOfThisBill.
    """
    check_follow_up(receipt, key, bill)
    if receipt.retraction_id is not None and receipt.retraction_id not in retractions:
        raise OtherRetraction(found=printable(receipt.retraction_id))
    deleted, held = receipt.opened(bill)
    return Deleted(
        bill=bill.id,
        cause=DeletionCause(receipt.content["cause"]),
        retraction=receipt.retraction_id,
        ids=deleted,
        deleted_at=receipt.deleted_at,
        held=held,
        made_at=receipt.made_at,
    )


def _commitment(bill: Bill, object_id: str) -> str:
    logged = bill.content.get("logged")
    if logged is None:
        raise NotLogged()
    return commitment(bytes.fromhex(logged["salt"]), digest_of({"bill": bill.id, "object": object_id}))


def _closed(bill: Bill, ids: Iterable[str]) -> list[Json]:
    return sorted(_commitment(bill, object_id) for object_id in ids)


def _opened(names: dict[str, str], commitments: Iterable[str]) -> frozenset[str]:
    try:
        return frozenset(names[one] for one in commitments)
    except KeyError as error:
        raise NotOfThisBill() from error

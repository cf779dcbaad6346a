"""The retraction: the origin withdraws a release, or some of its objects, and says by when they are deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import format_instant, parse_instant
from comity.messages.bill import Bill
from comity.messages.follow_up import FollowUp, check_follow_up, check_listed, listed_ids
from comity.messages.verifying import ObjectNotListed


class Withdrawal(StrEnum):
    """Why a release is withdrawn. A code and no more: what happened to whom stays at home."""

    CONSENT_WITHDRAWN = "consent-withdrawn"
    ERROR = "error"  # it should not have crossed
    SUPERSEDED_BY_REDUCED = "superseded-by-reduced"  # a version that says less has crossed, or will
    AGREEMENT_ENDED = "agreement-ended"
    ERASURE = "erasure"  # a data subject's right (GDPR Art. 17 and its like)
    LAW_CHANGED = "law-changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retracted:
    """What a verified retraction asks."""

    retraction: str
    bill: str
    ids: frozenset[str]  # of the objects to delete, in all their versions
    whole: bool  # the release as a whole is withdrawn
    reason: Withdrawal
    delete_by: dt.datetime
    made_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction(FollowUp):
    """A retraction whose form was checked; nothing more is known of it until `verify_retraction` has passed."""

    KIND: ClassVar[str] = "retraction"
    SIGNER: ClassVar[str] = "origin"

    @property
    def delete_by(self) -> dt.datetime:
        return parse_instant(self.content["delete_by"])

    def _misfit(self) -> str | None:
        objects = self.content.get("objects", [])
        if objects != sorted(objects):
            return "its objects are not in the order of their ids"
        return "what it asks was due before it was made" if self.delete_by < self.made_at else None

    def _check(self, bill: Bill) -> None:
        check_listed(bill, self.content.get("objects", ()))


def make_retraction(
    bill: Bill,
    objects: Iterable[str] | None = None,
    *,
    reason: Withdrawal,
    delete_by: dt.datetime,
    made_at: dt.datetime,
    key: Ed25519PublicKey,
    secret: bytes,
) -> Retraction:
    """The retraction of a release, not yet signed.

    Args:   objects: ids of those that are withdrawn; None for all of the release.
            delete_by: until when the receiver has deleted them; business time, not before `made_at`.
            key: the origin's public key, which the agreement pins.
            secret: 32 bytes; the same ones give the same retraction.
    Raises: BadMessage for no objects, or one that the bill does not list; MalformedMessage; NaiveTime.
    """
    ids = None if objects is None else sorted(set(objects))
    if ids is not None:
        _check_objects(bill, ids)
    members = {"reason": reason.value, "delete_by": format_instant(delete_by), "objects": ids}
    return Retraction.about(bill, members, made_at=made_at, key=key, secret=secret)


def verify_retraction(retraction: Retraction, key: Ed25519PublicKey, bill: Bill) -> Retracted:
    """Check a retraction against the bill that it withdraws; what is deleted is what came with that bill, and no more.

    Args:   key: the origin's, which the agreement pins.
    Raises: as `check_follow_up`; ObjectNotListed.
    """
    check_follow_up(retraction, key, bill)
    objects = retraction.content.get("objects")
    return Retracted(
        retraction=retraction.id,
        bill=bill.id,
        ids=listed_ids(bill) if objects is None else frozenset(objects),
        whole=objects is None,
        reason=Withdrawal(retraction.content["reason"]),
        delete_by=retraction.delete_by,
        made_at=retraction.made_at,
    )


def _check_objects(bill: Bill, ids: list[str]) -> None:
    if not ids:
        raise Retraction.refused("it withdraws nothing")
    try:
        check_listed(bill, ids)
    except ObjectNotListed as error:
        raise Retraction.refused(error.sentence) from error

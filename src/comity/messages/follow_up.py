"""What follows a bill: a message about one release, from either side, that names it by bill, agreement and flow.

MessageError
├── OtherAgreement      (as for a bill)
├── NotLogged, ObjectNotListed, ObjectTwice     (as for a bill)
└── FollowUpError
    ├── OtherBill       it is about another release
    ├── OtherFlow       it names other parties than the bill does
    ├── OtherRoot, WrongCount           a receipt: see `receipt.py`
    └── NotOfThisBill, OtherRetraction  a deletion receipt: see `deletion_receipt.py`
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import Json, Limits, printable
from comity.messages.bill import Bill
from comity.messages.message import Message
from comity.messages.signed import BadMessage, MessageError, check_signature, check_signer
from comity.messages.verifying import ObjectNotListed, OtherAgreement

SECRET_SIZE = 32
MAX_BYTES = 4 * 1024 * 1024  # of one message: 20 000 ids or commitments, which is what one bill may list, and room


class FollowUpError(MessageError):
    do = "do nothing on its word; keep it as it is, and ask the sender"


class OtherBill(FollowUpError):
    what = "the {message} is about another release"
    why = "it names the bill {found}, and this one is {expected}"
    do = "look up the bill that it names; if you have none of that id, it is not for you"


class OtherFlow(FollowUpError):
    what = "the {message} is about another flow"
    why = "it names {found}, and the bill names {expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(Message):
    """A message about one release. `SIGNER` says which side of the flow sends it."""

    LIMITS: ClassVar[Limits] = Limits(max_bytes=MAX_BYTES)

    @property
    def bill_id(self) -> str:
        """By which its reader finds the bill to verify it against."""
        return str(self.content["bill"])

    @property
    def sender(self) -> str:
        """The party that it claims to come from."""
        return str(self.content["flow"][self.SIGNER])

    @classmethod
    def about(
        cls,
        bill: Bill,
        members: Mapping[str, Json | None],
        *,
        made_at: dt.datetime,
        key: Ed25519PublicKey,
        secret: bytes,
    ) -> Self:
        """The message with these members (those that are None left out), about this bill, not yet signed.

        Raises: BadMessage; MalformedMessage; NaiveTime.
        """
        if len(secret) != SECRET_SIZE:
            raise cls.refused(f"a secret has {SECRET_SIZE} bytes, not {len(secret)}")
        said = {name: value for name, value in members.items() if value is not None}
        named = {"bill": bill.id, "agreement": bill.content["agreement"], "flow": bill.content["flow"]}
        return cls.compose({**said, **named}, made_at=made_at, key=key, secret=secret)

    def _check(self, bill: Bill) -> None:
        """What else this kind must agree with its bill in. Raises: a MessageError."""

    @classmethod
    def refused(cls, reason: str) -> BadMessage:
        return BadMessage(message=cls.name(), reason=reason)


def check_follow_up(message: FollowUp, key: Ed25519PublicKey, bill: Bill) -> None:
    """That it is about this bill, agrees with it, and is signed as it is by the key that the agreement pins.

    Raises: SignedByAnother, OtherBill, OtherAgreement, OtherFlow; its kind's own; NotSigned, ChangedAfterSigning: in
            this order, so that what was changed is named where it can be.
    """
    name, said, expected = message.name(), message.content, bill.content
    check_signer(message, key)
    if message.bill_id != bill.id:
        raise OtherBill(message=name, found=message.bill_id, expected=bill.id)
    if said["agreement"] != expected["agreement"]:
        found, ours = _agreement(said["agreement"]), _agreement(expected["agreement"])
        raise OtherAgreement(message=name, found=found, expected=ours)
    if said["flow"] != expected["flow"]:
        raise OtherFlow(message=name, found=_flow(said["flow"]), expected=_flow(expected["flow"]))
    message._check(bill)
    check_signature(message, key)


def check_listed(bill: Bill, ids: Iterable[str]) -> None:
    """That the bill lists every one of the objects. Raises: ObjectNotListed."""
    listed = listed_ids(bill)
    for object_id in ids:
        if object_id not in listed:
            raise ObjectNotListed(object_id=printable(object_id))


def listed_ids(bill: Bill) -> frozenset[str]:
    """Ids of the objects of a release; two versions of one object have one id."""
    return frozenset(one["id"] for one in bill.content["listed"])


def _agreement(named: Mapping[str, Json]) -> str:
    return f"{printable(named['id'])}/{named['version']} {named['digest']}"


def _flow(named: Mapping[str, Json]) -> str:
    return f"{printable(named['origin'])} to {printable(named['destination'])}"

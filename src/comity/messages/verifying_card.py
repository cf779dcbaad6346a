"""Verifying the card of a node: whose it is, that it holds now, and that no newer one was seen.

MessageError
├── SignedByAnother, NotSigned, ChangedAfterSigning     (as for any message)
└── CardError
    ├── OtherParty      it is another party's
    ├── OtherUrl        it is that of another node
    ├── CardExpired, CardNotYetValid    it does not hold now
    ├── OlderCard       a newer one was seen
    └── DevelopmentCard its node is in development, and the reader is not
"""

from __future__ import annotations

import datetime as dt

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import format_instant, printable, utc
from comity.messages.card import Card, read_card
from comity.messages.signed import MessageError, check_signature, check_signer

CLOCK_TOLERANCE = dt.timedelta(minutes=5)  # two nodes' clocks may differ by this much


class CardError(MessageError):
    do = "exchange nothing with this node until it shows a card that holds; ask the partner by another way"


class OtherParty(CardError):
    what = "the card is another party's"
    why = "it names {found}, and {expected} was expected"


class OtherUrl(CardError):
    what = "the card is that of another node"
    why = "it names {found}, and {expected} was asked"


class CardExpired(CardError):
    what = "the card has expired"
    why = "it held until {until}, and it is {now}"
    do = "fetch it again; if it is still this one, its node has stopped renewing it: ask the partner"


class CardNotYetValid(CardError):
    what = "the card is from the future"
    why = "it was issued at {issued}, and it is {now}"
    do = "compare the clocks of both nodes"


class OlderCard(CardError):
    what = "the card is older than one that was seen"
    why = "its serial is {found}, and {seen} was seen"
    do = "keep to the newer card and tell the partner: somebody shows an old one, or its node was restored from backup"


class DevelopmentCard(CardError):
    what = "the card is that of a node in development"
    why = "its clock and its authority may be made up, and this node is in production"
    do = "exchange with the partner's production node"


def verify_card(
    data: bytes,
    pinned_key: Ed25519PublicKey,
    party: str,
    now: dt.datetime,
    *,
    url: str | None = None,
    last_serial: int | None = None,
    development: bool = False,
) -> Card:
    """Check the card that a node shows.

    Args:   data: as it was served.
            pinned_key, party: whose node it should be, and the key that the agreement pins for it.
            now: business time.
            url: of the node that was asked, as the agreement names it.
            last_serial: of the last card of this node that was accepted; the same card may be seen again.
            development: whether the reader is itself in development; else a card of a node that is, is refused.
    Raises: StrictJsonError, MalformedMessage; SignedByAnother, OtherParty, OtherUrl, NotSigned, ChangedAfterSigning,
            CardNotYetValid, CardExpired, OlderCard, DevelopmentCard, in this order; NaiveTime.
    """
    card = read_card(data)
    check_signer(card, pinned_key)
    if card.party != party:
        raise OtherParty(found=printable(card.party), expected=printable(party))
    if url is not None and card.url != url:
        raise OtherUrl(found=printable(card.url), expected=printable(url))
    check_signature(card, pinned_key)
    _check_moment(card, utc(now))
    if last_serial is not None and card.serial < last_serial:
        raise OlderCard(found=card.serial, seen=last_serial)
    if card.development and not development:
        raise DevelopmentCard()
    return card


def _check_moment(card: Card, now: dt.datetime) -> None:
    if now + CLOCK_TOLERANCE < card.issued_at:
        raise CardNotYetValid(issued=card.content["issued_at"], now=format_instant(now))
    if now >= card.valid_until:
        raise CardExpired(until=card.content["valid_until"], now=format_instant(now))

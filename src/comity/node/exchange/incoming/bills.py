"""What is verified of a bill before anything that came with it is kept: signature, list, log, receiver, witnesses."""

from __future__ import annotations

from comity.canon import ComityError
from comity.ledger import QuorumNotMet, VerifierKey, read_public_key
from comity.messages import Bill, verify_bill
from comity.node.config import current
from comity.node.exchange.client.agreed import witnesses_of
from comity.node.exchange.codes import code_of
from comity.node.exchange.models import Peer
from comity.node.treaties.models import Text

UNKNOWN_AGREEMENT, TOO_FEW_WITNESSES = "unknown-agreement", "too-few-witnesses"


class NotGenuine(ComityError):
    """A bill that its partner did not sign so, that is not in its log, or that is not for us: `code` says which."""

    what = "a bill of {party} was refused"
    why = "{reason}"
    do = "nothing that came with it is kept; look at the alarm, and resume the partner when you know what happened"

    @property
    def code(self) -> str:
        return str(self.fields["code"])


def check_genuine(bill: Bill, peer: Peer) -> None:
    """That the partner signed it, for us, and that its log holds it. Raises: NotGenuine."""
    try:
        verify_bill(
            bill,
            read_public_key(peer.party.key),
            (),
            log_key=VerifierKey.parse(peer.log_key),
            receiver=current().party,
            absent=_ids(bill),
        )
    except ComityError as error:
        raise NotGenuine(party=peer.pk, reason=error.sentence, code=code_of(error)) from error


def wanting(bill: Bill, peer: Peer) -> str:
    """What a genuine bill still lacks before it counts: a code; "" when nothing.

    Both can come with time: a text that we have not accepted yet, and the card of a witness that we have not met.
    """
    text = Text.objects.filter(digest=bill.content["agreement"]["digest"]).first()
    if text is None:
        return UNKNOWN_AGREEMENT
    try:
        verify_bill(
            bill,
            read_public_key(peer.party.key),
            (),
            log_key=VerifierKey.parse(peer.log_key),
            policy=witnesses_of(text, peer.pk),
            absent=_ids(bill),
        )
    except QuorumNotMet:
        return TOO_FEW_WITNESSES
    except ComityError as error:  # a witness's line that does not verify
        raise NotGenuine(party=peer.pk, reason=error.sentence, code=code_of(error)) from error
    return ""


def _ids(bill: Bill) -> frozenset[str]:
    return frozenset(one["id"] for one in bill.content["listed"])

"""Every kind of message that partners exchange: a new one is a file, a schema, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.canon import Json, ProofError, loads, printable
from comity.messages.bill import Bill
from comity.messages.deletion_receipt import DeletionReceipt
from comity.messages.message import Message
from comity.messages.receipt import Receipt
from comity.messages.retraction import Retraction

MESSAGES: Mapping[str, type[Message]] = {
    kind.stix_type(): kind
    for kind in (
        Bill,
        Receipt,
        Retraction,
        DeletionReceipt,
    )
}
"""By the type that a message has as a STIX object."""


class UnknownMessage(ProofError):
    what = "this message is of a kind that is not known here"
    why = "its type is {found}"
    do = "keep it, and ask its sender; a newer node may send kinds that this one does not know"


def read_message(data: bytes, *, at: str | None = None) -> Message:
    """The message in these bytes, of whichever kind. Raises: StrictJsonError; UnknownMessage; MalformedMessage."""
    content = loads(data, at=at)
    return message_of(content if isinstance(content, dict) else {})


def message_of(content: Mapping[str, Any]) -> Message:
    """The message that a STIX object is. Raises: UnknownMessage; MalformedMessage."""
    stix_type: Json = content.get("type")
    kind = MESSAGES.get(stix_type) if isinstance(stix_type, str) else None
    if kind is None:
        raise UnknownMessage(found=printable(str(stix_type)))
    return kind(content=content)

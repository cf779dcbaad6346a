"""open: read what is in a box, for as long as its key is there."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from comity.canon import InputError
from comity.node.keyring import held
from comity.node.vault.chunks import chunks
from comity.node.vault.models import Box, BoxKey
from comity.node.vault.sealed import bound_content, bound_key, unlock

DESTROYED = "its key was destroyed"
NO_KEY = "no key for it is in the database of keys"
FOREIGN_KEY = "its key does not open with this node's sealing key"
BROKEN = "its seal is broken: what is kept is not what was sealed"
_log = structlog.get_logger(__name__)


class Unreadable(InputError):
    what = "box {box} cannot be opened"
    why = "{reason}"
    do = "{remedy}"


class Opened(dict[UUID, bytes]):
    """Contents by id of box. A box that cannot be opened is not in it; asking for it by index raises Unreadable."""

    def __init__(self) -> None:
        super().__init__()
        self.unreadable: dict[UUID, str] = {}

    def __missing__(self, box_id: UUID) -> bytes:
        reason = self.unreadable[box_id]
        remedy = (
            "nothing: it was deleted" if reason == DESTROYED else "restore keys and database as they belong together"
        )
        raise Unreadable(box=box_id, reason=reason, remedy=remedy)


def opened(box: Box) -> bytes:
    """The content. Raises: Unreadable."""
    return opened_many([box])[box.pk]


def opened_many(boxes: Iterable[Box]) -> Opened:
    """The contents of all that can be opened, by id of box: one question to the database of keys for each chunk."""
    listed, sealing = list(boxes), held().sealing
    wrapped = _wrapped([box.pk for box in listed])
    found = Opened()
    for box in listed:
        data = _open(box, wrapped.get(box.pk), sealing)
        if isinstance(data, bytes):
            found[box.pk] = data
        else:
            found.unreadable[box.pk] = data
    return found


def _wrapped(ids: list[UUID]) -> dict[UUID, bytes]:
    rows = (BoxKey.objects.filter(box_id__in=chunk).values_list("box_id", "wrapped") for chunk in chunks(ids))
    return {box_id: bytes(wrapped) for answer in rows for box_id, wrapped in answer}


def _open(box: Box, wrapped: bytes | None, sealing: bytes) -> bytes | str:
    """The content, or why there is none."""
    if not wrapped:
        return NO_KEY if wrapped is None else DESTROYED
    reason = FOREIGN_KEY
    try:
        key = unlock(sealing, wrapped, bound_key(box.pk))
        reason = BROKEN
        return unlock(key, bytes(box.sealed), bound_content(box.pk, box.kind))
    except (InvalidTag, ValueError):
        # A destroyed key is the order of things; this is not, and somebody should look.
        _log.error("vault:box:broken", box=str(box.pk), reason=reason)
        return reason

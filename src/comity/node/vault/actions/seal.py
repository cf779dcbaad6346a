"""seal: put content into a box of its own, under a key of its own.

INVARIANT: a key is committed to its database before its box exists. Where the caller's transaction then fails, the key
is left without a box, opens nothing, and is destroyed by the sweep once it is an hour old.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from comity.node import chance, clock
from comity.node.databases import KEYS
from comity.node.keyring import held
from comity.node.vault.actions.kinds import KINDS, must_be_known
from comity.node.vault.models import Box, BoxKey
from comity.node.vault.sealed import KEY_SIZE, NONCE_SIZE, bound_content, bound_key, lock

Item = tuple[str, bytes, dt.datetime | None]  # kind, content, expiry


def seal(kind: str, data: bytes, *, now: dt.datetime, expires: dt.datetime | None = None) -> Box:
    """One box. `now` and `expires` are business time; without expiry it stays while what it belongs to is kept.

    Raises: UnknownCode.
    """
    return seal_many([(kind, data, expires)], now)[0]


def seal_many(items: Iterable[Item], now: dt.datetime) -> list[Box]:
    """A box for each item, in their order. Raises: UnknownCode, before anything is written."""
    sealing, made = held().sealing, clock.real()
    boxes: list[Box] = []
    keys: list[BoxKey] = []
    for kind, data, expires in items:
        must_be_known(kind, KINDS, "kind of box")
        box_id, octets = chance.uuid4(), chance.octets(KEY_SIZE + 2 * NONCE_SIZE)
        key, inner, outer = octets[:KEY_SIZE], octets[KEY_SIZE:-NONCE_SIZE], octets[-NONCE_SIZE:]
        sealed = lock(key, inner, data, bound_content(box_id, kind))
        boxes.append(Box(id=box_id, kind=kind, sealed=sealed, made_at=now, expires=expires))
        keys.append(BoxKey(box_id=box_id, wrapped=lock(sealing, outer, key, bound_key(box_id)), made_at=made))
    # Durable: whatever transaction the caller has open is on the other database, and this one is over at its end.
    with transaction.atomic(using=KEYS, durable=True):
        BoxKey.objects.bulk_create(keys)
    return Box.objects.bulk_create(boxes)

"""The name by which rows know an object: its id, and once it is gone a keyed one, where the id can tell what it was.

An observable's id is made of its value without a key (STIX 2.1 section 2.9), and other producers make more ids so. All
values can be tried: whoever has the rows that remain would read a person out of them.
"""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Iterable

from comity.node.keyring import held

USE = "names"
# INVARIANT: of what a row is left with, only what was drawn at random stays as it is (UUID version 4, RFC 9562 5.4).
_RANDOM = re.compile(
    r"[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    re.ASCII,
)


def once_gone(object_id: str) -> str:
    """The id for the rows that remain: the same of one drawn at random, or made here; else one under our own key.

    Its type stays, and its UUID is shaped as version 4 (HMAC-SHA-256, cut to 128 bits). Again is no harm.
    """
    if _RANDOM.fullmatch(object_id):
        return object_id
    octets = hmac.digest(held().derived(USE), object_id.encode(), "sha256")[:16]
    return f"{object_id.partition('--')[0]}--{uuid.UUID(bytes=octets, version=4)}"


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """By every name that rows may know them by, while they are held and after: the id."""
    return {name: object_id for object_id in ids for name in (object_id, once_gone(object_id))}

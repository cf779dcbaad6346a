"""The keyed tag of a tombstone: it says "this was deleted" without saying what to whoever lacks the node's secret."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from comity.canon import dumps
from comity.node.keyring import held

USE = "tombstones"
Version = tuple[str, str, str]  # agreement, object id, version


def tags(versions: Iterable[Version]) -> dict[str, Version]:
    """By tag. 64 hexadecimal digits: HMAC-SHA-256 over the JCS form of the three, since ids can be guessed."""
    key = held().derived(USE)
    return {hmac.digest(key, dumps(list(version)), "sha256").hex(): version for version in versions}

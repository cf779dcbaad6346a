"""witnessing: the parties of an agreement whose word makes a log good, for the origin and the receiver alike."""

from __future__ import annotations

from comity.node.treaties.models import Text
from comity.node.treaties.texts import with_baseline


def witnessing(text: Text, origin: str) -> list[str]:
    """Ids of the parties, but the origin of a log, whose nodes witness as the text or its baseline says, in order.

    A release under the text needs the cosignatures of more than half of them. Raises: TextChanged.
    """
    said = [party for one in with_baseline(text) if one is not None for party in one.text.parties]
    return sorted({
        party.id
        for party in said
        if party.capability is not None and party.capability.witnesses == "yes" and party.id != origin
    })  # fmt: skip

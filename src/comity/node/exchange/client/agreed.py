"""Who is bound by the texts that stand, and whose word makes a partner's proof good."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from comity.agreement import Agreement, parse
from comity.ledger import Group, Policy, VerifierKey
from comity.node.config import current
from comity.node.exchange.models import Peer
from comity.node.keyring import held
from comity.node.treaties.actions import witnessing
from comity.node.treaties.models import Party, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Proves:
    """What a party's node can prove, as some text says (promise 10)."""

    witnesses: bool  # it cosigns the others' logs
    receipts: bool  # it countersigns what it stores
    deletes: bool  # it proves what it deletes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Another party of a text that was not superseded: a partner's, or of a baseline only."""

    party: Party
    proves: Proves


def others() -> list[Bound]:
    """All but ourselves that have an address, by id.

    A text that is over still binds: what it let cross must be deleted.
    """
    said = _said(Text.objects.filter(superseded_at=None))
    rows = Party.objects.filter(pk__in=said).exclude(url="").exclude(pk=current().party).order_by("pk")
    return [Bound(party=row, proves=said[row.pk]) for row in rows]


def witnesses_of(text: Text, origin: str) -> Policy:
    """Whose cosignatures a release under this text needs: more than half of the parties but its origin.

    The parties are those of the text and of its baseline whose nodes are witnesses. We are one of them, with our own
    key, since it is not our log. One whose card we have not seen counts, and cannot be counted for: INVARIANT, not
    knowing a witness never lowers the quorum.
    """
    named = witnessing(text, origin)
    keys = dict(Peer.objects.filter(pk__in=named).exclude(witness_key="").values_list("pk", "witness_key"))
    known = {party: VerifierKey.parse(key) for party, key in keys.items()}
    if current().party in named:
        known[current().party] = held().witness.verifier
    group = Group(threshold=len(named) // 2 + 1, members=tuple(sorted(known)))
    return Policy(witnesses=known, groups={"parties": group}, quorum="parties")


def _said(texts: Iterable[Text]) -> dict[str, Proves]:
    """Party -> what one of the texts says that it can prove."""
    said: dict[str, Proves] = {}
    for text in texts:
        for party in _parsed(text.digest, bytes(text.source)).text.parties:
            before, stated = said.get(party.id), party.capability
            said[party.id] = Proves(
                witnesses=(stated is not None and stated.witnesses == "yes")
                or (before is not None and before.witnesses),
                receipts=(stated is not None and stated.receipts == "signed")
                or (before is not None and before.receipts),
                deletes=(stated is not None and stated.deletes == "proved") or (before is not None and before.deletes),
            )
    return said


@functools.lru_cache(maxsize=64)
def _parsed(digest: str, source: bytes) -> Agreement:
    """Read once: a text never changes."""
    return parse(source, digest)

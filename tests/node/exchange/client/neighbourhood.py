"""A world whose two partners answer on loopback, and what the tests do with it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from tests.node.world import ANNEX, BR, EE_BR, Content, World

from comity.ledger import SignerKey
from comity.messages import Bill
from comity.node import keyring
from comity.node.due import actions as due
from comity.node.due.models import Due
from comity.node.exchange import actions
from comity.node.exchange.models import Parcel, Peer
from comity.node.journal.models import Alarm
from comity.node.vault.models import Holding

from .neighbour import Neighbour


@dataclass
class Neighbourhood:
    world: World
    br: Neighbour
    jp: Neighbour

    def __post_init__(self) -> None:
        self.br.witness, self.jp.witness = self.world.witnesses
        self.br.origin, self.jp.origin = (self.world.origins[one.party] for one in (self.br, self.jp))

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside is undone after it, on both sides: a world is slow to make."""
        with contextlib.ExitStack() as stack:
            for alias in connections:
                block = transaction.atomic(using=alias)
                block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase does
                stack.enter_context(block)
                stack.callback(transaction.set_rollback, True, using=alias)
            yield
        for one in (self.br, self.jp):
            one.forget()

    # -- what our node does

    def meet(self) -> dict[str, str]:
        """It looks round, and meets everybody. Returns: why not, by party; "" where it went through."""
        actions.meet_work({}, self.world.now)
        return {one.party: self.work("meet", party=one.party) for one in (self.br, self.jp)}

    def pull(self, neighbour: Neighbour | None = None) -> str:
        """It visits a partner. Returns: what held it up; "" """
        return self.work("pull", party=(neighbour or self.br).party)

    def work(self, kind: str, **facts: str) -> str:
        """One piece of due work, taken off the table. Returns: why it is to be tried again; "" where it was done."""
        Due.objects.filter(kind=kind, key__in=[*facts.values()]).delete()
        try:
            getattr(actions, f"{kind}_work")(facts, self.world.now)
        except due.Again as again:
            return again.why
        return ""

    # -- what the partners do

    @property
    def witnesses(self) -> list[SignerKey]:
        """Of cert-br's log: we, and cert-jp."""
        return [keyring.held().witness, self.jp.witness.signer]

    def bill(self, objects: Iterable[Content], *, by: Iterable[SignerKey] | None = None, **how: Any) -> Bill:
        """Of a release of cert-br's."""
        how = {"text": self.world.texts[EE_BR], **how}
        return self.br.bill(objects, by=self.witnesses if by is None else by, **how)

    def release(self, objects: Iterable[Content], **how: Any) -> Bill:
        """cert-br puts a release on its shelf: the bill first."""
        listed = list(objects)
        bill = self.bill(listed, **how)
        self.br.put([bill, *listed])
        return bill

    # -- what became of it

    @property
    def peer(self) -> Peer:
        return Peer.objects.get(pk=BR)

    def held(self, partner: str = BR) -> list[str]:
        rows = Holding.objects.filter(partner=partner, direction="received", deleted_at=None)
        return sorted(rows.values_list("object_id", flat=True))

    def alarms(self) -> set[str]:
        return set(Alarm.objects.filter(cleared_at=None).values_list("code", flat=True))

    def parcels(self) -> dict[str, tuple[str, str]]:
        return {row.pk: (row.state, row.reason) for row in Parcel.objects.all()}

    def receipts(self) -> list[Content]:
        return [one for one in self.world.told(BR) if one["type"] == "comity-receipt"]

    def waits(self, kind: str) -> Mapping[str, Any]:
        rows = Due.objects.filter(kind=kind, done_at=None, given_up_at=None)
        return {row.key: row.due_at for row in rows}

    @property
    def annex(self) -> str:
        return ANNEX[BR]

"""Parcels: releases on their way in. What has come of each lies sealed and unused until it is whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from comity.canon import digest_of, loads, parse_instant
from comity.messages import Bill, read_bill
from comity.node.exchange.incoming.strays import version_of
from comity.node.exchange.models import Parcel, Part
from comity.node.exchange.taxii import read_envelope, write_envelope
from comity.node.treaties.models import Party
from comity.node.vault import actions as vault
from comity.node.vault.models import Box

WAITING, STORED, REFUSED = "waiting", "stored", "refused"
PATIENCE = dt.timedelta(hours=24)  # business time that a release is given to come whole
KEPT = dt.timedelta(days=7)  # a box of a parcel that nobody settles; the sweep destroys it
MOST_WAITING = 100  # releases of one partner that are under way at once
REMEMBERED = 20  # refused bills of a partner whose objects are still told from strays

Name = tuple[str, str | None]


@dataclass
class Open:
    """A parcel with its bill, and which of the bill's places have come."""

    row: Parcel
    bill: Bill
    came: set[int] = field(default_factory=set)

    @property
    def listed(self) -> Sequence[Mapping[str, Any]]:
        listed: Sequence[Mapping[str, Any]] = self.bill.content["listed"]
        return listed

    def gone(self) -> list[Mapping[str, Any]]:
        """What has not come."""
        return [line for place, line in enumerate(self.listed) if place not in self.came]

    def is_over(self, now: dt.datetime) -> bool:
        """Whether it is waited for no longer: whole, but for what has expired meanwhile; or its time is up."""
        return now >= self.row.first_seen + PATIENCE or all(_expired(line, now) for line in self.gone())

    def objects(self) -> list[dict[str, Any]]:
        """All that came, each place once. What cannot be opened any more did not come."""
        parts = list(self.row.parts.exclude(box=None).select_related("box").order_by("pk"))
        opened = vault.opened_many([part.box for part in parts if part.box is not None])
        found: dict[int, dict[str, Any]] = {}
        for part in parts:
            if part.box_id is not None and part.box_id in opened:
                objects = map(loads, read_envelope(opened[part.box_id]).objects)
                found.update(zip(part.places, objects, strict=True))
        self.came = set(found)
        return list(found.values())


class ObjectDiffers(Exception):
    """An object has the id and version of one that a waiting bill lists, and other content."""

    def __init__(self, parcel: Open) -> None:
        super().__init__()
        self.parcel = parcel


class Parcels:
    """Those of one partner, read once, and what an object that comes belongs to."""

    def __init__(self, party: Party) -> None:
        self._party = party
        rows = Parcel.objects.filter(party=party).exclude(bill_box=None).select_related("bill_box")
        waiting = rows.filter(state=WAITING).order_by("first_seen", "pk")
        refused = rows.filter(state=REFUSED).order_by("-settled_at")[:REMEMBERED]
        self._names: dict[Name, list[tuple[Open, int, str]]] = {}
        self.waiting: dict[str, Open] = {}
        for one in _opened([*waiting, *refused]):
            self._add(one)

    def _add(self, one: Open) -> None:
        if one.row.state == WAITING:
            self.waiting[one.row.pk] = one
        for place, line in enumerate(one.listed):
            self._names.setdefault((line["id"], line.get("version")), []).append((one, place, line["digest"]))

    def open(self, bill: Bill, *, state: str = WAITING, reason: str = "", now: dt.datetime) -> None:
        """Begin a parcel, or remember a bill that was refused. In the caller's transaction."""
        row = Parcel(
            bill_id=bill.id,
            party=self._party,
            state=state,
            reason=reason,
            bill_box=vault.seal("parcel", bytes(bill), now=now, expires=now + KEPT),
            listed=len(bill.content["listed"]),
            first_seen=now,
            settled_at=None if state == WAITING else now,
        )
        row.save(force_insert=True)
        self._add(Open(row=row, bill=bill))

    def know(self, row: Parcel, bill: Bill) -> None:
        """A bill that was settled comes again: what it lists is no stray, and is not kept again."""
        self._add(Open(row=row, bill=bill))

    def bill_of(self, row: Parcel) -> Bill | None:
        """The bill with which it was opened; None once it is not kept."""
        waiting = self.waiting.get(row.pk)
        return waiting.bill if waiting else next((one.bill for one in _opened([row])), None)

    def place(self, content: Mapping[str, Any]) -> list[tuple[Open, int]] | None:
        """Where an object belongs: to each bill that lists it, waiting or settled. None: no bill here lists it.

        Raises: ObjectDiffers.
        """
        lines = self._names.get((str(content.get("id")), version_of(content)))
        if lines is None:
            return None
        digest = digest_of(dict(content))
        fits = [(one, place) for one, place, listed in lines if listed == digest]
        waiting = [one for one, _, _ in lines if one.row.state == WAITING]
        if waiting and not fits:
            raise ObjectDiffers(waiting[0])
        return fits

    def keep(self, objects: Iterable[tuple[Open, int, bytes]], now: dt.datetime) -> None:
        """Seal what came, each place once: a part for each parcel. In the caller's transaction."""
        by_parcel: dict[str, dict[int, bytes]] = {}
        for one, place, body in objects:
            if place not in one.came:
                by_parcel.setdefault(one.row.pk, {})[place] = body
        # Settled meanwhile, by another way: then it needs nothing more.
        live = Parcel.objects.select_for_update().filter(pk__in=by_parcel, state=WAITING)
        for bill_id in list(live.values_list("pk", flat=True)):
            parts = by_parcel[bill_id]
            box = vault.seal("parcel", write_envelope(parts.values()), now=now, expires=now + KEPT)
            Part.objects.create(parcel_id=bill_id, box=box, places=list(parts))
            self.waiting[bill_id].came |= parts.keys()

    def over(self, now: dt.datetime) -> Iterator[Open]:
        """Those that are waited for no longer, the oldest first."""
        for one in list(self.waiting.values()):
            if one.is_over(now):
                yield one

    def close(self, one: Open, *, state: str, reason: str = "", now: dt.datetime) -> None:
        """It is stored, or refused: what lay sealed is destroyed. A refused bill is remembered for a while."""
        self.waiting.pop(one.row.pk, None)
        boxes = [box for box in one.row.parts.values_list("box", flat=True) if box is not None]
        if state == STORED and one.row.bill_box_id is not None:
            boxes.append(one.row.bill_box_id)
        with transaction.atomic():
            one.row.parts.all().delete()
            one.row.state, one.row.reason, one.row.settled_at = state, reason, now
            if state == STORED:
                one.row.bill_box = None
            one.row.save()
        vault.destroy(Box.objects.filter(pk__in=boxes))  # or the sweep, once they have expired


def forget_refused(party: str) -> None:
    """Have refused bills looked at again, should they come again."""
    Parcel.objects.filter(party=party, state=REFUSED).delete()


def _opened(rows: Sequence[Parcel]) -> Iterator[Open]:
    opened = vault.opened_many([row.bill_box for row in rows if row.bill_box is not None])
    for row in rows:
        if row.bill_box_id is not None and row.bill_box_id in opened:
            came = {
                place for places in row.parts.exclude(box=None).values_list("places", flat=True) for place in places
            }
            yield Open(row=row, bill=read_bill(opened[row.bill_box_id]), came=came)


def _expired(line: Mapping[str, Any], now: dt.datetime) -> bool:
    return "expires" in line and parse_instant(line["expires"]) <= now

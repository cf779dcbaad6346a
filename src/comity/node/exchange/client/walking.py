"""Walking through a partner's collections, page by page, from where the last visit was kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from comity.node import clock
from comity.node.config import current
from comity.node.exchange.arrivals import Arrivals
from comity.node.exchange.client.partner import Page, Partner
from comity.node.exchange.client.refusals import PagesRepeat
from comity.node.exchange.incoming.pausing import is_paused
from comity.node.exchange.models import Cursor
from comity.node.exchange.taxii import Collection, format_timestamp, parse_timestamp

PAUSED, MORE, FULL = "paused", "more-to-read", "too-many-waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a walk stands."""

    after: dt.datetime | None  # what the pages of this walk were asked for
    next: str = ""  # as the last page gave it
    last: dt.datetime | None  # date_added of the last object that is kept


class Visit:
    """One visit: every collection that the partner shows us, for as long as there is time.

    Args: until: real time at which it ends, between two pages.
    """

    def __init__(self, partner: Partner, arrivals: Arrivals, *, until: dt.datetime) -> None:
        self._partner = partner
        self._arrivals = arrivals
        self._until = until

    def make(self, now: dt.datetime) -> str:
        """Returns: what held it up, a code; "" when everything was read. Raises: CallError, PartnerError."""
        self._arrivals.settle(now)
        for collection in self._collections():
            if held_up := self._walk(collection, now):
                return held_up
        return ""

    def _collections(self) -> list[Collection]:
        """Material first: a message can be about a release that has just come."""
        messages = f"messages to {current().party}"  # what `border.partner_collections` calls it
        readable = [collection for collection in self._partner.collections() if collection.can_read]
        return sorted(readable, key=lambda collection: (collection.title == messages, collection.title))

    def _walk(self, collection: Collection, now: dt.datetime) -> str:
        """INVARIANT: where we stand is written with what is kept, in one transaction, and never without it."""
        cursor, _ = Cursor.objects.get_or_create(party=self._partner.party, collection=collection.id)
        began = parse_timestamp(cursor.added_after) if cursor.added_after else None
        place: Place | None = Place(after=began, last=began)
        while place is not None:
            if is_paused(self._partner.party.pk):
                return PAUSED
            if clock.real() >= self._until:
                return MORE
            page = self._partner.page(collection.id, after=place.after, next=place.next)
            if page.last is not None and place.last is not None and page.last <= place.last:
                raise PagesRepeat(party=self._partner.party.pk)
            if not self._keep(page, cursor, now):
                return PAUSED if is_paused(self._partner.party.pk) else FULL
            place = _onward(page, place)
        return ""

    def _keep(self, page: Page, cursor: Cursor, now: dt.datetime) -> bool:
        """Whether all of the page was, and the next one may be read."""
        if page.last is None:
            return True
        place, moved = format_timestamp(page.last), False

        def move() -> None:
            nonlocal moved
            moved = True
            Cursor.objects.filter(pk=cursor.pk).update(added_after=place)

        self._arrivals.take(page.objects, now=now, also=move)
        return moved


def _onward(page: Page, place: Place) -> Place | None:
    """None where the walk ends: nothing more is there, or nothing says where it would be."""
    last = page.last or place.last
    if not page.more or not (page.next or page.last):
        return None
    return Place(after=place.after if page.next else last, next=page.next, last=last)

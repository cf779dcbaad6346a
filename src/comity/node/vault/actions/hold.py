"""hold: keep from deletion what a law or a court wants kept, on a stated ground, until a person lifts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from comity.canon import Json, format_instant
from comity.node.people.models import Person
from comity.node.vault.actions.entries import record
from comity.node.vault.actions.kinds import GROUNDS, must_be_known
from comity.node.vault.chunks import chunks
from comity.node.vault.models import Box, Holding

HELD, LIFTED = "vault:holding:held", "vault:holding:lifted"


def hold(
    holdings: Iterable[Holding], ground: str, review_at: dt.datetime, *, now: dt.datetime, by: Person | None = None
) -> int:
    """How many of them are on hold now. `review_at` (business time) is when a person looks at the ground again.

    Nothing lapses by itself: `for_review` lists what is due. Holding does not make a thing readable that was deleted.
    Raises: UnknownCode.
    """
    must_be_known(ground, GROUNDS, "ground to keep")
    facts: dict[str, Json] = {"ground": ground, "review_at": format_instant(review_at)}
    return _set(HELD, holdings, {"hold": ground, "hold_review": review_at}, facts, now, by)


def unhold(holdings: Iterable[Holding], *, now: dt.datetime, by: Person | None = None) -> int:
    """How many of them a deletion takes from now on, the next sweep included where their time is over."""
    return _set(LIFTED, holdings, {"hold": "", "hold_review": None}, {}, now, by)


def for_review(now: dt.datetime) -> QuerySet[Holding]:
    """Holdings whose hold a person must look at again."""
    return Holding.objects.filter(deleted_at=None, box__hold_review__lte=now).exclude(box__hold="")


@transaction.atomic
def _set(
    event: str,
    holdings: Iterable[Holding],
    changes: dict[str, str | dt.datetime | None],
    facts: dict[str, Json],
    now: dt.datetime,
    by: Person | None,
) -> int:
    ids: list[UUID] = sorted({holding.pk for holding in holdings})
    live = Holding.objects.filter(deleted_at=None).exclude(box=None).order_by("pk").select_for_update()
    found = [holding for some in chunks(ids) for holding in live.filter(pk__in=some)]
    for some in chunks([holding.box_id for holding in found if holding.box_id]):
        Box.objects.filter(pk__in=some).update(**changes)
    record(event, found, facts, now=now, by=by)
    return len(found)

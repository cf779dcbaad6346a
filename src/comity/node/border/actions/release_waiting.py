"""release_waiting: send what only waited for proof, once partners have witnessed the log again. Due work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from comity.canon import ComityError
from comity.node.border.actions.release import cross_again
from comity.node.border.keeping import STALE_PROOF
from comity.node.border.models import Crossing
from comity.node.due import actions as due

KIND = "release-waiting"


def release_waiting(crossing: Crossing, *, now: dt.datetime) -> Crossing:
    """Cross it again: who submitted it has said that it may go, and only proof was wanting. No person is named.

    Raises: as `release`.
    """
    (kept,) = cross_again(crossing.submission, [crossing.flow], by=None, now=now)
    return kept.crossing


def schedule_waiting(now: dt.datetime) -> None:
    """One piece of work for each, so that none holds up another."""
    for pk in Crossing.objects.filter(latest=True, waits=STALE_PROOF).values_list("pk", flat=True):
        due.schedule(KIND, str(pk), now, {"crossing": str(pk)})


def release_waiting_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """A crossing that was done again meanwhile, or whose material is gone, is passed over."""
    rows = Crossing.objects.select_related("submission", "flow")
    crossing = rows.filter(pk=facts["crossing"], latest=True, waits=STALE_PROOF).first()
    if crossing is None or crossing.submission.source_id is None:
        return
    try:
        release_waiting(crossing, now=now)
    except ComityError as error:
        # Whatever refuses it now (an agreement that ended, say) is what `release` will tell the person who asks.
        raise due.Again(now + dt.timedelta(minutes=5), type(error).__name__) from error

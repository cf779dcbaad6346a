"""What belongs to no release: known already, deleted on terms, or set apart for a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from comity.canon import digest_of
from comity.node.border import actions as border
from comity.node.border.models import Quarantined
from comity.node.exchange.incoming.pausing import pause
from comity.node.treaties.models import Flow, Party
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding

MOST = 1000  # of one partner in quarantine: more is an attack on our disk
TOO_MANY, NO_BILL, TOMBSTONED, NOT_AN_OBJECT = "too-many-strays", "no-bill", "tombstoned", "invalid-object"


def version_of(content: Mapping[str, Any]) -> str | None:
    """As bills list it; None for an observable."""
    version = content.get("modified") or content.get("created")
    return None if version is None else str(version)


def refusal_of(party: Party, content: Mapping[str, Any]) -> str:
    """Why an object without a release is not kept: a code; "" where it is held as it came, and nothing is to be done.

    INVARIANT: what was deleted on terms is not even set apart (attack A81).
    """
    object_id, version = str(content.get("id"))[:120], (version_of(content) or "")[:40]
    held = Holding.objects.filter(partner=party.pk, direction=vault.RECEIVED, object_id=object_id, deleted_at=None)
    if held.filter(version=version, digest=digest_of(dict(content))).exists():
        return ""
    agreements = Flow.objects.filter(partner=party).values_list("agreement", flat=True).distinct()
    if vault.buried((agreement, object_id, version) for agreement in agreements):
        return TOMBSTONED
    return NO_BILL


def set_apart(party: Party, strays: Sequence[tuple[str, bytes, str]], now: dt.datetime) -> None:
    """Quarantine them: (id, the object as it came, code). Beyond `MOST` nothing is kept, and the partner is paused."""
    if not strays:
        return
    room = MOST - Quarantined.objects.filter(partner=party.pk, bill_id="").exclude(box=None).count()
    if len(strays) > room:
        pause(party.pk, TOO_MANY, now)
    border.quarantine(party.pk, strays[: max(room, 0)], now=now)

"""quarantine: set apart what a partner sent that belongs to no release. It is used for nothing until a person looks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.db import transaction

from comity.canon import Json
from comity.material import is_identifier
from comity.node.border.actions.receive import QUARANTINE_KEPT
from comity.node.border.codes import QUARANTINE, known
from comity.node.border.models import Quarantined
from comity.node.journal import actions as journal
from comity.node.vault import actions as vault

SET_APART = "border:stray:quarantined"


def quarantine(partner: str, strays: Sequence[tuple[str, bytes, str]], *, now: dt.datetime) -> None:
    """Seal each apart, with its reason.

    Args:   strays: (STIX id or anything else, the object as it came, a code of `codes.QUARANTINE`).
    Raises: UnknownCode.
    """
    if not strays:
        return
    codes = [known(code, QUARANTINE, "reason for quarantine") for _, _, code in strays]
    with transaction.atomic():
        boxes = vault.seal_many([("quarantine", body, now + QUARANTINE_KEPT) for _, body, _ in strays], now)
        Quarantined.objects.bulk_create(
            Quarantined(
                partner=partner,
                object_id=vault.once_gone(object_id) if is_identifier(object_id) else "",
                reason=code,
                box=box,
                at=now,
            )
            for (object_id, _, code), box in zip(strays, boxes, strict=True)
        )
        facts: dict[str, Json] = {"from": partner, "quarantined": dict(Counter(codes))}
        journal.record(SET_APART, partner, kind="import", facts=facts, now=now)

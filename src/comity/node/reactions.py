"""One table: what happened, and what must run upward because of it. No signals, and no imports that dodge the order.

`journal.actions.record` schedules the due work "react" for an event that stands here, in the transaction of what it
tells of; so a reaction is as durable as what it follows. Each function is `name(subject, now) -> None`, idempotent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.module_loading import import_string

REACTIONS: Mapping[str, tuple[str, ...]] = {
    "vault:holding:deleted": ("comity.node.border.actions.after_deletion",),
    "treaties:consent:withdrawn": ("comity.node.border.actions.withdraw_for_consent",),
    "treaties:text:accepted": (
        "comity.node.border.actions.open_collections",
        "comity.node.border.actions.keep_to_term",
        "comity.node.exchange.actions.meet",
    ),
    "border:message:shelved": ("comity.node.exchange.actions.deliver",),
}


def react(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work. `facts`: the event, and the subject of its entry."""
    for name in REACTIONS[facts["event"]]:
        import_string(name)(facts["subject"], now)

"""Things to keep: invented objects whose content says a value that can be searched for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from comity.node.vault import actions
from comity.node.vault.models import Box, BoxKey, Holding

DAY = dt.timedelta(days=1)


def fields(name: str = "a", /, **changes: Any) -> dict[str, Any]:
    """Of one holding, received from cert-br; `changes` over them. `expires` is a must."""
    return {
        "agreement": "ee-br-csirt",
        "partner": "cert-br",
        "direction": actions.RECEIVED,
        "bill": "bill-1",
        "object_id": f"indicator--{name}",
        "object_type": "indicator",
        "version": "2026-11-20T00:00:00.000Z",
        "data": f'{{"secret":"planted-{name}"}}'.encode(),
        "clauses": ["csirt-baseline:S1"],
        **changes,
    }


def keep(node: Any, name: str = "a", /, **changes: Any) -> Holding:
    return actions.keep(now=node.now, **{"expires": node.now + 30 * DAY, **fields(name, **changes)})


def live_keys() -> set[Any]:
    return set(BoxKey.objects.filter(destroyed_at=None).values_list("box_id", flat=True))


def boxes() -> set[Any]:
    return set(Box.objects.values_list("pk", flat=True))

"""Why objects stayed home, from the record of a crossing: counted, in sentences, without a name."""

from __future__ import annotations

from collections import Counter

from comity.canon import loads
from comity.crossing import Reason
from comity.node.border.models import Crossing
from comity.node.vault import actions as vault


def stayed(crossing: Crossing) -> dict[str, int]:
    """Reasons -> how many objects. Empty once the record is deleted."""
    if crossing.record is None:
        return {}
    record = vault.opened_many([crossing.record]).get(crossing.record.pk, b"")
    found: Counter[str] = Counter()
    for line in record.splitlines():
        decision = loads(line)
        if decision["outcome"] == "deny":
            found["; ".join(Reason(code).text for code in decision["reasons"])] += 1
    return dict(found.most_common())

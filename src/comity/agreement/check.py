"""check: everything that a careful reader would say about an agreement, with code, place, law and remedy."""

from __future__ import annotations

import datetime as dt

from comity.agreement.agreement import Agreement
from comity.agreement.checks import Finding, run
from comity.agreement.setting import Setting
from comity.law import Law


def check(agreement: Agreement, law: Law, on: dt.date, baseline: Agreement | None = None) -> list[Finding]:
    """Check an agreement, over its baseline if it extends one, on a day. Raises nothing: what is wrong is a finding."""
    return run(Setting(agreement=agreement, baseline=baseline, law=law, on=on))

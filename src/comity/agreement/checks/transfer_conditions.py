"""C306: a transfer tool open on conditions, or whose assessment is out of date."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.lawfulness import crossing, reassessment_due
from comity.agreement.setting import Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for flow in setting.flows:
        for rows in setting.transfers(flow):
            for said, row in rows:
                found = crossing(setting, flow, row, said.clause)
                if found.open and found.conditional:
                    yield check.finding(
                        said, f"{row.instrument} is open on conditions: {found.detail}", law=found.grounds.law
                    )
                if reassessment_due(setting, row):
                    words = f"assessed on {row.assessed}, to be assessed again after {row.reassess}"
                    yield check.finding(said, words, do="assess the transfer again, and write the day under `assessed`")


CHECK = Check(
    code="C306",
    title="transfer to be looked at again",
    severity=Severity.WARNING,
    why="Conditions and circumstances change; an assessment that is out of date assures nobody.",
    do="record why the conditions are met",
    run=_run,
)

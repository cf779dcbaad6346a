"""C601: a partner must hear of a breach in time to keep its own clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting
from comity.canon import Duration, midnight

_HOUR = dt.timedelta(hours=1)


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    stated = [
        (text, Duration(text.text.breach.tell_partner_within)) for text in setting.texts if text.text.breach is not None
    ]
    codes = [party.jurisdiction for party in setting.agreement.text.parties]
    strictest = setting.law.strictest("personal-data-breach", codes, on=setting.on, who="controller")
    if not stated:
        yield check.finding(Said(setting.agreement, ("breach",)), "no partner is told of a breach", do="add `breach`")
        return
    text, notice = min(stated, key=lambda pair: pair[1])
    if strictest is None or strictest.at is None:
        return
    told = notice.after(midnight(setting.on))
    if told >= strictest.at:
        hours = (strictest.at - midnight(setting.on)) / _HOUR
        words = (
            f"told within {notice}, a partner may hear of it after its own clock has run out: "
            f"{strictest.duty.row.citation} is due {hours:g} hours after awareness"
        )
        yield check.finding(Said(text, ("breach",)), words, law=(strictest.duty.fact,))


CHECK = Check(
    code="C601",
    title="partner told of a breach too late",
    severity=Severity.ERROR,
    why="Each party's clock to its authority can start when the other tells it; the notice must come before the "
    "strictest of these clocks runs out, counted by due instant and not by bare duration.",
    do="shorten `breach.tell-partner-within`",
    run=_run,
)

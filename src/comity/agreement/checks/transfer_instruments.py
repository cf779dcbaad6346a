"""C301 to C305: each direction in which personal data can flow needs an instrument that holds on the day."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.lawfulness import crossing, inside_one_law
from comity.agreement.setting import Said, Setting

FRAMEWORK = 3  # from so many parties on, a text without any transfer clause is a frame for annexes


def _missing(check: Check, setting: Setting) -> Iterator[Finding]:
    if not setting.shares_personal_data:
        return
    text = setting.agreement
    if not any(one.text.transfers for one in setting.texts) and len(text.text.parties) >= FRAMEWORK:
        words = "this text names no transfer instrument: under it alone no personal data crosses; its annexes name them"
        yield check.finding(Said(text, ("parties",)), words, severity=Severity.NOTE, do="nothing, if annexes follow")
        return
    for flow in setting.flows:
        if not setting.transfers(flow) and inside_one_law(setting, flow) is None:
            words = f"nothing lets personal data go from {flow.origin.id} to {flow.destination.id}"
            law = (setting.law[flow.origin.jurisdiction].cite_section("transfers"),)
            yield check.finding(Said(text, ("transfers",)), words, law=law)


def _shut(check: Check, setting: Setting) -> Iterator[Finding]:
    for flow in setting.flows:
        for rows in setting.transfers(flow):
            found = [(said, crossing(setting, flow, row, said.clause)) for said, row in rows]
            if any(one.open for _, one in found):
                continue
            for said, one in found:
                if one.code == check.code:
                    words = f"{flow.origin.id} to {flow.destination.id}: {one.detail}"
                    yield check.finding(said, words, law=one.grounds.law)


MISSING = Check(
    code="C301",
    title="no transfer instrument",
    severity=Severity.ERROR,
    why="Personal data leave a jurisdiction only on an instrument its law knows (GDPR Chapter V, LGPD art 33, APPI art "
    "28, and their like); each direction needs its own. Without personal data none is needed.",
    do="add a clause under `transfers` for this direction, or set `personal-data: none` on every share clause",
    run=_missing,
)
NOT_COVERED = Check(
    code="C302",
    title="adequacy does not cover this recipient",
    severity=Severity.ERROR,
    why="A decision covers who it names, from the day it was taken until it ends: a partial one may cover "
    "companies and not ministries, one under the GDPR never covers police.",
    do="name another instrument, or wait for the decision",
    run=_shut,
)
NOT_OPEN = Check(
    code="C303",
    title="transfer instrument not open",
    severity=Severity.ERROR,
    why="Not every law knows every instrument, and some are open to public authorities or to companies only.",
    do="name an instrument that the law of the sending side opens to this party (`comity law show`)",
    run=_shut,
)
INCOMPLETE = Check(
    code="C304",
    title="transfer instrument incomplete",
    severity=Severity.ERROR,
    why="An instrument between public bodies needs public bodies and binding words (GDPR art 46(2)(a)); an "
    "administrative arrangement needs the supervisory authority's authorisation (art 46(3)(b)).",
    do="complete it, or name another instrument",
    run=_shut,
)
RECURRENT = Check(
    code="C305",
    title="derogation used as a standing flow",
    severity=Severity.ERROR,
    why="Derogations are for single cases (GDPR art 49, recital 111); an agreement's flow is not one.",
    do="name an instrument, and keep the derogation for one-off transfers by the privacy officer",
    run=_shut,
)

"""Whether a direction is lawful for personal data: each side's legal basis, and the instrument that lets it cross.

Check reports what is missing and compile cites what is there; both ask here, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.agreement.grammar.lawfulness import Authority, Transfer
from comity.agreement.grammar.parties import Party
from comity.agreement.plan import Grounds
from comity.agreement.setting import Flow, Setting
from comity.canon import Duration, midnight
from comity.law import AdequacyFinding, BasisFinding, Standing, UnknownTerm

# What a legal basis must be open for, by purpose. A purpose that is not here has no lawful use that we know of.
USES = {
    "threat-detection": ("share_indicators",),
    "threat-sharing": ("share_indicators",),
    "misuse-prevention": ("share_indicators",),
    "security": ("share_indicators",),
    "vulnerability-handling": ("share_indicators",),
    "incident-response": ("share_incident_report", "share_indicators"),
    "victim-notification": ("victim_notification",),
    "public-security": ("law_enforcement_referral",),
}
# Bases that exist only where a law gives the task (GDPR art 6(3) and its like).
PUBLIC_TASKS = ("public-interest", "official-authority", "legal-obligation")
CONSENT = ("consent",)
NEEDS_AUTHORISATION = ("admin-arrangement", "authority-approval")
BETWEEN_PUBLIC_BODIES = ("public-instrument", "admin-arrangement")
ONE_OFF = "derog-"
ADEQUACY = "adequacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a party's authority comes to, for one purpose."""

    open: bool
    detail: str
    grounds: Grounds
    finding: BasisFinding | None = None


def basis(setting: Setting, party: Party, authority: Authority, clause: str, purpose: str) -> Basis:
    """Whether an authority clause carries a purpose for a party of that form and capacity.

    A provision that is open on conditions counts only where the clause names it (`rests-on`).
    """
    try:
        found = setting.law.bases(party.jurisdiction, authority.basis, party.form, party.capacity)
    except UnknownTerm as error:
        return Basis(open=False, detail=error.sentence, grounds=Grounds())
    if authority.rests_on:
        found = tuple(row for row in found if row.fact == authority.rests_on)
    uses = USES.get(purpose)
    if uses is None:
        return Basis(open=False, detail=f"no lawful use is known for the purpose {purpose}", grounds=Grounds())
    if not found:
        where = authority.rests_on or authority.basis
        return Basis(open=False, detail=f"the law of {party.jurisdiction} has no {where}", grounds=Grounds())
    fitting = [row for row in found if row.open and set(uses) & set(row.use)]
    if not fitting:
        shut = next((row for row in found if not row.open), None)
        detail = f"{shut.citation}: {shut.detail}" if shut else f"{found[0].citation} is not open for {purpose}"
        return Basis(open=False, detail=detail, grounds=Grounds(), finding=shut or found[0])
    best = fitting[0]
    if best.availability != "yes" and not authority.rests_on:
        detail = f"{best.citation} is open on conditions only, and the clause does not say it rests on {best.fact}"
        return Basis(open=False, detail=detail, grounds=Grounds(), finding=best)
    law = (best.fact, authority.laid_down_in.law) if authority.laid_down_in else (best.fact,)
    return Basis(open=True, detail=best.detail, grounds=Grounds(clauses=(clause,), law=law), finding=best)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What a transfer clause comes to on the day."""

    open: bool
    code: str  # the check that speaks of it, when it is not open
    detail: str
    grounds: Grounds
    conditional: bool = False
    adequacy: AdequacyFinding | None = None


def regime_of(setting: Setting, flow: Flow, transfer: Transfer) -> str | None:
    """The regime a transfer stands under: its own, or that of the origin's authority."""
    if transfer.regime:
        return transfer.regime
    stated = setting.authority(flow.origin.id)
    return stated[-1][1][0].regime if stated else None


def crossing(setting: Setting, flow: Flow, transfer: Transfer, clause: str) -> Crossing:
    """Whether a transfer clause lets personal data cross: tool, scope, form, regime and date."""
    law, origin, destination = setting.law, flow.origin, flow.destination

    def shut(code: str, detail: str, *facts: str) -> Crossing:
        return Crossing(open=False, code=code, detail=detail, grounds=Grounds(clauses=(clause,), law=facts))

    try:
        tool = law.mechanism(origin.jurisdiction, transfer.instrument, origin.form, origin.capacity, setting.on)
    except UnknownTerm as error:
        return shut("C303", error.sentence)
    if transfer.instrument.startswith(ONE_OFF):
        return shut("C305", "a derogation covers single cases, not an agreement's standing flow", *tool.facts)
    facts: tuple[str, ...] = ()
    finding = None
    if transfer.instrument == ADEQUACY:
        finding = _adequacy(setting, flow, transfer)
        if not finding.covered:
            return shut("C302", f"{finding.citation}: {finding.detail}", *finding.facts)
        facts = finding.facts
        if finding.standing is Standing.NO_TRANSFER:
            return Crossing(
                open=True,
                code="",
                detail=finding.detail,
                grounds=Grounds(clauses=(clause,), law=facts),
                adequacy=finding,
            )
    if not tool.open:
        return shut("C303", f"{tool.citation}: {tool.detail}", *tool.facts)
    if transfer.instrument in BETWEEN_PUBLIC_BODIES and destination.form != "public-authority":
        return shut("C304", f"it stands between public bodies, and {destination.id} is {destination.form}", *tool.facts)
    if transfer.instrument == "public-instrument" and not setting.agreement.text.instrument.binding:
        return shut("C304", "it must be legally binding, and `instrument` says that it is not", *tool.facts)
    if transfer.instrument in NEEDS_AUTHORISATION and not transfer.authorised:
        return shut("C304", "it needs the supervisory authority's authorisation, and names none", *tool.facts)
    if tool.availability == "conditional" and not transfer.authorised:
        return shut("C304", f"{tool.citation} is open on conditions, and `authorised` names nothing that meets them")
    return Crossing(
        open=True,
        code="",
        detail=tool.detail,
        grounds=Grounds(clauses=(clause,), law=(*facts, *tool.facts)),
        conditional=tool.availability == "conditional",
        adequacy=finding,
    )


def _adequacy(setting: Setting, flow: Flow, transfer: Transfer) -> AdequacyFinding:
    return setting.law.adequacy(
        flow.origin.jurisdiction,
        flow.destination.jurisdiction,
        setting.on,
        regime_of(setting, flow, transfer),
        form=flow.destination.form,
        capacity=flow.destination.capacity,
        certifications=flow.destination.certifications or (),
    )[0]


def inside_one_law(setting: Setting, flow: Flow) -> AdequacyFinding | None:
    """Exchange that is no transfer at all, as inside the EEA or one country, under every regime of the origin."""
    origin, destination = flow.origin, flow.destination
    regimes = {one.regime for _, options in setting.authority(origin.id) for one in options}
    found: list[AdequacyFinding] = []
    for regime in sorted(regimes):
        try:
            found += setting.law.adequacy(origin.jurisdiction, destination.jurisdiction, setting.on, regime)[:1]
        except UnknownTerm:
            return None
    if not found or any(one.standing is not Standing.NO_TRANSFER for one in found):
        return None
    return found[0]


def reassessment_due(setting: Setting, transfer: Transfer) -> bool:
    """Whether the parties should have looked at this transfer again by now."""
    if not (transfer.assessed and transfer.reassess):
        return False
    return Duration(transfer.reassess).after(midnight(transfer.assessed)).date() < setting.on

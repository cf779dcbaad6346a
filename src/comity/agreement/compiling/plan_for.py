"""compile: (agreement, baseline, law, flow, date) -> Plan. A pure function; what does not hold raises by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from comity.agreement.agreement import Agreement
from comity.agreement.checks import Severity, run
from comity.agreement.compiling import limits
from comity.agreement.compiling.answers import answers, law_floor
from comity.agreement.compiling.grants import grants
from comity.agreement.compiling.promises import obligations
from comity.agreement.coverage import COVERAGE, uses
from comity.agreement.gates import gates
from comity.agreement.grammar.parties import Party, proves
from comity.agreement.lawfulness import basis, crossing, inside_one_law
from comity.agreement.plan import FlowParty, Grounds, Plan, Refusal
from comity.agreement.setting import Flow, Setting
from comity.canon import Duration, InputError, Tlp, midnight, printable
from comity.law import Law


class NoEvaluator(InputError):
    what = "{agreement} does not compile"
    why = "nothing evaluates these terms yet: {terms}"
    do = "leave them out until they have an evaluator (`comity agreement check` says which and why)"


class CheckFailed(InputError):
    what = "{agreement} does not compile"
    why = "the check finds {count} errors, the first {code} at {clause}: {text}"
    do = "{remedy}; `comity agreement check` lists them all"


class UnknownFlow(InputError):
    what = "{agreement} has no flow from {origin} to {destination}"
    why = "the parties are {parties}"
    do = "name two of them"


def plan_for(
    agreement: Agreement,
    law: Law,
    flow: tuple[str, str],
    on: dt.date,
    baseline: Agreement | None = None,
) -> Plan:
    """Compile one direction at a day.

    Args:   flow: ids of origin and destination. baseline: what the agreement extends, if it extends anything.
    Raises: UnknownFlow, NoEvaluator, CheckFailed. A plan that is made may still refuse everything (`standing`), as
            outside its term.
    """
    setting = Setting(agreement=agreement, baseline=baseline, law=law, on=on)
    direction = _flow(agreement, flow)
    _refuse_terms_to_come(setting)
    _refuse_errors(setting)
    return _plan(setting, direction)


def _flow(agreement: Agreement, flow: tuple[str, str]) -> Flow:
    origin, destination = (agreement.party(party) for party in flow)
    if origin is None or destination is None or origin.id == destination.id:
        known = ", ".join(party.id for party in agreement.text.parties)
        raise UnknownFlow(
            agreement=agreement.id, origin=printable(flow[0]), destination=printable(flow[1]), parties=known
        )
    return Flow(origin, destination)


def _refuse_terms_to_come(setting: Setting) -> None:
    missing = [f"{text.id}:{term}" for text in setting.texts for term, _ in uses(text) if COVERAGE[term].to_come]
    if missing:
        raise NoEvaluator(agreement=setting.agreement.id, terms=", ".join(dict.fromkeys(missing)))


def _refuse_errors(setting: Setting) -> None:
    errors = [finding for finding in run(setting) if finding.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        raise CheckFailed(
            at=first.place,
            agreement=setting.agreement.id,
            count=len(errors),
            code=first.code,
            clause=first.clause,
            text=first.text,
            remedy=first.do,
        )


def _plan(setting: Setting, flow: Flow) -> Plan:
    refer_below, _ = limits.DOUBT.of(setting)
    epoch, _ = limits.EPOCH.of(setting)
    personal = setting.retention("personal-data")
    ends = [text.text.term.sunset for text in setting.texts if text.text.term.sunset]
    return Plan(
        agreement=setting.agreement.ref,
        baseline=setting.baseline.ref if setting.baseline else None,
        origin=_party(flow.origin),
        destination=_party(flow.destination),
        on=setting.on,
        law_version=setting.law.version,
        law_digest=setting.law.digest,
        standing=_standing(setting),
        personal_data=_personal_refusals(setting, flow),
        personal_grounds=_personal_grounds(setting, flow),
        purposes=_purposes(setting, flow),
        grants=grants(setting, flow),
        answers=answers(setting, flow),
        marked_never=_marked_never(setting),
        unmarked=limits.UNMARKED.of(setting)[0],
        free_text=limits.FREE_TEXT.of(setting)[0],
        on_doubt=limits.ON_DOUBT.of(setting)[0],
        refer_below=refer_below,
        extensions=_extensions(setting),
        formats=_formats(setting),
        confidence_at_least=limits.CONFIDENCE.of(setting)[0],
        epoch=epoch,
        epoch_began=_epoch_began(epoch, setting.agreement.text.term.from_, setting.on),
        witnessed_within=limits.WITNESSED.of(setting)[0],
        special=frozenset(law_floor(setting, flow).special),
        caveats=_caveats(setting),
        conceal_source=all_or_silent(text.text.origin.conceal_source for text in setting.texts if text.text.origin),
        restrictions=_restrictions(setting, flow),
        term_grounds=Grounds(clauses=tuple(text.cite("term") for text in setting.texts)),
        sections=_sections(setting),
        retention_personal=personal[0] if personal else None,
        sunset=min(ends, default=None),
        obligations=obligations(setting),
    )


def _sections(setting: Setting) -> dict[str, Grounds]:
    said: dict[str, Grounds] = {}
    for text in setting.texts:
        for section in text.data:
            said[section] = said.get(section, Grounds()).join(Grounds(clauses=(text.cite(section),)))
    return said


def all_or_silent(stated: Iterable[bool]) -> bool:
    """The source is concealed where any text says so, and where none speaks."""
    values = list(stated)
    return any(values) or not values


def _party(party: Party) -> FlowParty:
    return FlowParty(
        id=party.id,
        name=party.name,
        jurisdiction=party.jurisdiction,
        form=party.form,
        capacity=party.capacity,
        key=party.key or "",
        constituency=frozenset(party.constituency or (party.jurisdiction,)),
    )


def _standing(setting: Setting) -> tuple[Refusal, ...]:
    refusals = []
    for text in setting.texts:
        term, grounds = text.text.term, Grounds(clauses=(text.cite("term"),))
        if setting.on < term.from_:
            detail = f"{text.id} begins on {term.from_}"
            refusals.append(Refusal(code="agreement-not-begun", detail=detail, grounds=grounds))
        if term.sunset and setting.on > term.sunset:
            detail = f"{text.id} ended on {term.sunset}"
            refusals.append(Refusal(code="agreement-ended", detail=detail, grounds=grounds))
    return tuple(refusals)


def _personal_refusals(setting: Setting, flow: Flow) -> tuple[Refusal, ...]:
    refusals = []
    if not setting.transfers(flow) and inside_one_law(setting, flow) is None:
        detail = f"no transfer instrument from {flow.origin.id} to {flow.destination.id}"
        fact = setting.law[flow.origin.jurisdiction].cite_section("transfers")
        refusals.append(Refusal(code="no-transfer-instrument", detail=detail, grounds=Grounds(law=(fact,))))
    for party in flow:
        if not setting.authority(party.id):
            detail = f"{party.id} states no legal basis"
            refusals.append(Refusal(code="no-legal-basis", detail=detail, grounds=Grounds()))
    if not proves(flow.destination):
        clause = setting.agreement.cite("parties", setting.agreement.text.parties.index(flow.destination))
        detail = f"{flow.destination.id} cannot prove what it receives and deletes"
        refusals.append(Refusal(code="partner-cannot-prove", detail=detail, grounds=Grounds(clauses=(clause,))))
    return tuple(refusals)


def _personal_grounds(setting: Setting, flow: Flow) -> Grounds:
    """What makes personal data lawful to send. Check has failed before, if any of it does not hold."""
    grounds = Grounds()
    for party in flow:
        for purpose in setting.purposes:
            grounds = grounds.join(_basis(setting, party, purpose))
    for rows in setting.transfers(flow):
        opened = [found for said, row in rows if (found := crossing(setting, flow, row, said.clause)).open]
        grounds = grounds.join(opened[0].grounds) if opened else grounds
    if not setting.transfers(flow) and (inside := inside_one_law(setting, flow)):
        grounds = grounds.join(Grounds(law=inside.facts))
    for code in (flow.origin.jurisdiction, flow.destination.jurisdiction):
        fact = setting.law[code].cite_section("personal_data", "special_categories")
        grounds = grounds.join(Grounds(law=(fact,)))
    return grounds


def _basis(setting: Setting, party: Party, purpose: str) -> Grounds:
    grounds = Grounds()
    for said, alternatives in setting.authority(party.id):
        found = [basis(setting, party, authority, said.clause, purpose) for authority in alternatives]
        opened = next((one for one in found if one.open), None)
        grounds = grounds.join(opened.grounds) if opened else grounds
    return grounds


def _purposes(setting: Setting, flow: Flow) -> dict[str, Grounds]:
    clauses = tuple(text.cite("purposes") for text in setting.texts if text.text.purposes)
    named = Grounds(clauses=clauses)
    if not setting.shares_personal_data:
        return dict.fromkeys(setting.purposes, named)
    return {
        purpose: named.join(_basis(setting, flow.origin, purpose)).join(_basis(setting, flow.destination, purpose))
        for purpose in setting.purposes
    }


def _marked_never(setting: Setting) -> tuple[tuple[Tlp, Grounds], ...]:
    return tuple(
        (Tlp.of(clause.marked), Grounds(clauses=(f"{text.id}:{clause.id}",)))
        for text in setting.texts
        for clause in text.text.never or ()
        if clause.marked is not None
    )


def _extensions(setting: Setting) -> frozenset[str]:
    """Grants intersect: an entry stands if every text that names any allows it."""
    named = [text.text.extensions.allowed for text in setting.texts if text.text.extensions is not None]
    if not named:
        return frozenset()
    entries = {entry for allowed in named for entry in allowed}
    return frozenset(
        entry for entry in entries if all(any(_covers(one, entry) for one in allowed) for allowed in named)
    )


def _covers(allowed: str, entry: str) -> bool:
    return allowed == entry or (allowed.endswith("*") and entry.startswith(allowed[:-1]))


def _formats(setting: Setting) -> frozenset[str]:
    named = [frozenset(text.text.formats) for text in setting.texts if text.text.formats is not None]
    return frozenset.intersection(*named) if named else frozenset({"stix-2.1"})


def _caveats(setting: Setting) -> tuple[str, ...]:
    stated = (text.text.origin.caveats or () for text in setting.texts if text.text.origin)
    return tuple(dict.fromkeys(caveat for caveats in stated for caveat in caveats))


def _restrictions(setting: Setting, flow: Flow) -> tuple[tuple[str, Grounds], ...]:
    return tuple(
        (word, Grounds(law=(gate.fact,))) for gate in gates(setting, flow) if gate.stands for word in gate.data
    )


def _epoch_began(epoch: Duration, first: dt.date, on: dt.date) -> dt.date:
    """The start of the epoch that `on` lies in; epochs follow each other from the agreement's first day."""
    began = first
    while (following := epoch.after(midnight(began)).date()) <= on and following > began:
        began = following
    return began

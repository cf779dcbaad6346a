"""Share clauses as grants: one layer a text, because an object needs a grant in each text that shares."""

from __future__ import annotations

from comity.agreement.agreement import Agreement
from comity.agreement.grammar.parties import proves
from comity.agreement.grammar.sharing import Share as ShareClause
from comity.agreement.grammar.words import many
from comity.agreement.plan import Grounds, Share
from comity.agreement.setting import Flow, Setting
from comity.canon import Duration, Tlp

# INVARIANT (promise 10): nothing is promised for a partner that cannot keep it.
UNPROVED_CEILING = Tlp.GREEN


def grants(setting: Setting, flow: Flow) -> tuple[tuple[Share, ...], ...]:
    """A layer for each text that has share clauses, the baseline's first. A text that shares nothing adds no layer."""
    return tuple(
        tuple(
            _grant(setting, flow, text, clause)
            for clause in text.text.share
            if _regime_holds(setting, flow, clause) and _purposes(setting, clause)
        )
        for text in setting.texts
        if text.text.share is not None
    )


def _grant(setting: Setting, flow: Flow, text: Agreement, clause: ShareClause) -> Share:
    cited = f"{text.id}:{clause.id}"
    kept = setting.retention(clause.id)
    ceiling = Tlp.of(clause.ceiling)
    proved = proves(flow.destination)
    return Share(
        clause=cited,
        classes=frozenset(many(clause.what)),
        purposes=_purposes(setting, clause),
        ceiling=ceiling if proved else min(ceiling, UNPROVED_CEILING),
        approved=clause.release == "approved",
        personal_data=clause.personal_data != "none",
        on_detect=clause.on_detect,
        consent=clause.consent.of if clause.consent else None,
        collected_by=frozenset((clause.collected.by if clause.collected else None) or ()),
        collected_never=frozenset((clause.collected.never if clause.collected else None) or ()),
        properties=frozenset(clause.properties) if clause.properties is not None else None,
        # Check refuses a share clause without a period (C504); should one come this far, it is kept for a day.
        retention=kept[0] if kept else Duration("P1D"),
        grounds=Grounds(clauses=(cited, *(kept[1] if kept else ()))),
    )


def _purposes(setting: Setting, clause: ShareClause) -> frozenset[str]:
    return frozenset(many(clause.for_) or setting.purposes) & frozenset(setting.purposes)


def _regime_holds(setting: Setting, flow: Flow, clause: ShareClause) -> bool:
    """A clause of one regime is open only between parties that stand under it."""
    if clause.regime is None:
        return True
    return all(
        any(one.regime == clause.regime for _, options in setting.authority(party.id) for one in options)
        for party in flow
    )

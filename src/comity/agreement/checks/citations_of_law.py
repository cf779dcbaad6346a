"""C105: a law that an agreement cites must be in the law pack, and in force."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Setting


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for party in setting.agreement.text.parties:
        statutes = {row.id: row for row in setting.law[party.jurisdiction].facts.statutes}
        for said, alternatives in setting.authority(party.id):
            for authority in alternatives:
                if authority.rests_on and not setting.law.has(authority.rests_on):
                    yield check.finding(said, f"`{authority.rests_on}` is not in the law pack")
                if not authority.laid_down_in:
                    continue
                cited = authority.laid_down_in.law
                if not setting.law.has(cited):
                    yield check.finding(said, f"`{cited}` is not in the law pack")
                elif cited not in statutes:
                    text = f"`{cited}` is no statute of {party.jurisdiction}, where {party.id} is"
                    yield check.finding(said, text, law=(cited,))
                elif statutes[cited].in_force in ("no", "lapsed", "pending"):
                    text = f"{statutes[cited].title} is not in force ({statutes[cited].in_force})"
                    yield check.finding(said, text, law=(cited,))
                elif statutes[cited].in_force == "unknown":
                    text = f"whether {statutes[cited].title} is in force could not be confirmed"
                    do = "have counsel confirm it, and update the law pack"
                    yield check.finding(said, text, law=(cited,), severity=Severity.WARNING, do=do)


CHECK = Check(
    code="C105",
    title="law that does not resolve",
    severity=Severity.ERROR,
    why="Decisions cite the law by an id that anybody can look up; a law that is not in force carries nothing.",
    do="cite a statute of that party's jurisdiction by its id in the law pack (`comity law show`)",
    run=_run,
)

"""C604: telling a person later needs a ground that the law knows."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting
from comity.canon import Duration


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        rights = text.text.rights
        if rights is None or rights.defer_notice is None:
            continue
        said = Said(text, ("rights", "defer-notice"))
        defer = rights.defer_notice
        for party in setting.agreement.text.parties:
            home = setting.law[party.jurisdiction]
            if defer.ground.replace("-", "_") not in home.facts.rights.security_refusal_grounds:
                law = (home.cite_section("rights", "security_refusal_grounds"),)
                yield check.finding(said, f"{home.name} does not know the ground {defer.ground}", law=law)
        if Duration(defer.review) > Duration(defer.at_most):
            yield check.finding(said, "it would first be looked at again after it has ended", do="review it sooner")


CHECK = Check(
    code="C604",
    title="deferral without a ground in law",
    severity=Severity.WARNING,
    why="Notice and access may be deferred only on grounds that the law lists (GDPR art 23, LED art 13(3) and "
    "their like).",
    do="name a ground that the law of every party knows",
    run=_run,
)

"""C603: answers come within the strictest legal deadline."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.setting import Said, Setting
from comity.canon import BadDuration, Duration


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    deadlines: list[tuple[Duration, str, str]] = []
    for party in setting.agreement.text.parties:
        home = setting.law[party.jurisdiction]
        try:
            deadline = Duration(home.facts.rights.response_deadline)
        except BadDuration:  # an open one, as `without-undue-delay`
            continue
        deadlines.append((deadline, home.name, home.cite_section("rights", "response_deadline")))
    if not deadlines:
        return
    strictest, name, fact = min(deadlines)
    for text in setting.texts:
        rights = text.text.rights
        if rights is None:
            continue
        for term, span in (("answer-within", rights.answer_within), ("relay-within", rights.relay_within)):
            if span and Duration(span).at_least > strictest.at_least:
                words = f"{term} {span} is later than the law of {name} allows ({strictest})"
                yield check.finding(Said(text, ("rights", term)), words, law=(fact,))


CHECK = Check(
    code="C603",
    title="answers later than the law allows",
    severity=Severity.ERROR,
    why="A person may turn to any party; the shortest of the legal deadlines is the one that all can keep.",
    do="shorten it",
    run=_run,
)

"""Promises between the parties, as sentences that travel with every release. No rule decides them; people keep them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from comity.agreement.agreement import Agreement
from comity.agreement.grammar.text import AgreementText
from comity.agreement.plan import Obligation
from comity.agreement.setting import Setting

Lines = Iterator[tuple[str, str]]

_PART = re.compile(r"(\d+)([YMWDH])")
_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day", "TH": "hour", "TM": "minute"}


def span_in_words(span: str) -> str:
    """An ISO 8601 duration as people say it: `P30D` is "30 days"."""
    date, _, time = span.removeprefix("P").partition("T")
    parts = [(number, _UNITS[unit]) for number, unit in _PART.findall(date)]
    parts += [(number, _UNITS["T" + unit]) for number, unit in _PART.findall(time)]
    return " and ".join(f"{number} {unit}{'' if number == '1' else 's'}" for number, unit in parts)


def obligations(setting: Setting) -> tuple[Obligation, ...]:
    """Of every text: where both promise, both stand, and the stricter is the one to keep."""
    return tuple(
        Obligation(clause=_clause(text, kind), kind=kind, text=sentence)
        for text in setting.texts
        for lines in _LINES
        for kind, sentence in lines(text.text)
        if not kind.startswith("contacts.") or setting.agreement.party(kind.removeprefix("contacts."))
    )


def _clause(text: Agreement, kind: str) -> str:
    return text.cite(*kind.split("."))


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(word.replace("-", " ") for word in words)


def _instrument(text: AgreementText) -> Lines:
    which = "The signed paper prevails over" if text.instrument.prevails == "paper" else "This text prevails over"
    other = "this text" if text.instrument.prevails == "paper" else "the signed paper"
    yield "instrument", f"{which} {other} where they differ."


def _origin(text: AgreementText) -> Lines:
    if origin := text.origin:
        who = "whoever shared it first" if origin.control == "first-originator" else "the sender"
        yield "origin", f"Control stays with {who}; its caveats travel with it."


def _onward(text: AgreementText) -> Lines:
    if onward := text.onward:
        to = {"nobody": "nobody", "constituents": "constituents", "parties": "the parties"}[onward.to]
        others = "nobody else" if onward.others == "never" else "anybody else only if the originator agrees"
        yield "onward", f"It may be passed on to {to}, and to {others}; always on the same terms."


def _use(text: AgreementText) -> Lines:
    if not (use := text.use):
        return
    if use.forbid:
        yield "use.forbid", f"It must not be used for {_words(use.forbid)}."
    if use.evidence_via:
        yield "use.evidence-via", f"Evidence is asked for by {_words((use.evidence_via,))} only."
    if use.report_within:
        yield "use.report-within", f"What was done with it is reported within {span_in_words(use.report_within)}."
    if use.feedback_within:
        yield "use.feedback-within", f"Whether it was of use is told within {span_in_words(use.feedback_within)}."


def _automated(text: AgreementText) -> Lines:
    if not (automated := text.automated):
        return
    if automated.may:
        span = f", for {span_in_words(automated.at_most)} at most without a person" if automated.at_most else ""
        yield "automated.may", f"Machines may {_words(automated.may)}{span}."
    if automated.decisions_about_persons == "forbidden":
        yield "automated.decisions-about-persons", "No machine decides about a person."
    if automated.appeal:
        yield "automated.appeal", f"Who is blocked can turn to the {_words((automated.appeal,))}."


def _rights(text: AgreementText) -> Lines:
    if not (rights := text.rights):
        return
    if rights.answer_within:
        yield "rights.answer-within", f"People who ask are answered within {span_in_words(rights.answer_within)}."
    if rights.relay_within:
        yield (
            "rights.relay-within",
            f"A request that concerns the partner is relayed within {span_in_words(rights.relay_within)}.",
        )
    if rights.answer == "neither-confirm-nor-deny":
        yield "rights.answer", "Where an answer would warn an attacker, it neither confirms nor denies."
    if defer := rights.defer_notice:
        yield (
            "rights.defer-notice",
            f"Notice may wait on the ground of {_words((defer.ground,))}, for {span_in_words(defer.at_most)} at most, "
            f"looked at again every {span_in_words(defer.review)}.",
        )


def _disclosure(text: AgreementText) -> Lines:
    if access := text.compelled_access:
        challenge = " and the demand is challenged" if access.challenge else ""
        told = f"the partner is told within {span_in_words(access.notify_partner)}"
        yield "compelled-access", f"If a state demands it, {told}{challenge}."
    if records := text.public_records:
        asked = f"the originator is consulted for {span_in_words(records.consult_originator)}"
        exempt = f"exempt under {records.exempt_under}"
        yield "public-records", f"Before a public records answer {asked}; {exempt}."
    if breach := text.breach:
        yield (
            "breach",
            f"The partner is told of a breach that touches it within {span_in_words(breach.tell_partner_within)}.",
        )


def _contacts(text: AgreementText) -> Lines:
    for party, stated in (text.contacts or {}).items():
        if stated.escalation:
            yield (
                f"contacts.{party}",
                f"Who does not reach {party} escalates to {_words(stated.escalation)}, in this order.",
            )


def _end(text: AgreementText) -> Lines:
    if text.term.survives_end:
        yield "term.survives-end", f"These survive the end: {_words(text.term.survives_end)}."
    if text.term.notice:
        yield "term.notice", f"Either side may end the agreement at {span_in_words(text.term.notice)} of notice."
    if text.retention:
        stays = text.retention.get("on-sunset", "delete")
        words = "it is deleted" if stays == "delete" else "it is kept until its period runs out"
        yield "retention.on-sunset", f"When the agreement ends, {words}."
    if review := text.review:
        when = f", and when: {_words(review.when)}" if review.when else ""
        yield "review", f"The parties review the agreement every {span_in_words(review.every)}{when}."


_LINES: tuple[Callable[[AgreementText], Lines], ...] = (
    _instrument,
    _origin,
    _onward,
    _use,
    _automated,
    _rights,
    _disclosure,
    _contacts,
    _end,
)

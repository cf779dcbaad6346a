"""What stands behind a code, in words: why something is asked, what a clause says, which provision a law id names."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from comity.agreement import Agreement, parse
from comity.canon import InputError
from comity.crossing import Reason
from comity.law import Law
from comity.node.border.actions import APPROVE_GROUNDS, REFUSE_GROUNDS
from comity.node.border.models import Question
from comity.node.treaties.models import Flow, Text

_CODES = {reason.value: reason.text for reason in Reason}
_FOR = frozenset(one.text for one in (Reason.PERMITTED, Reason.CARRIED, Reason.REDUCED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A citation with what it says. `says` is empty where the text or the law pack has no more."""

    id: str
    says: str
    more: str = ""
    doubt: str = ""  # of law: "partly" or "unverified" where nobody has checked all of it against its source


def asked(question: Question) -> str:
    """The question in one sentence, of codes and names of ours alone: nothing of the material is in it."""
    kind = question.object_id.partition("--")[0].replace("-", " ")
    partner = question.flow.partner.name
    if question.path == "":
        return f"May this {kind} go to {partner}?"
    return f"May what is in doubt in this {kind} go to {partner}?"


def reasons(question: Question) -> list[str]:
    """Why a person is asked, a sentence a reason; of a doubtful place first what it may be."""
    return [_CODES.get(code) or f"it may be somebody’s {code.replace('-', ' ')}" for code in question.reasons]


def why(question: Question, explanations: Iterable[str]) -> list[str]:
    """Why it is asked, and whatever else keeps the object or a part of it; what speaks for it is left out."""
    return list(dict.fromkeys((*reasons(question), *(one for one in explanations if one not in _FOR))))


def outcome(question: Question) -> str:
    """What was answered, and why, in a sentence."""
    if question.state == Question.EXPIRED:
        return f"No: {REFUSE_GROUNDS['unanswered']}"
    answer = getattr(question, "answer", None)
    if answer is None:
        return ""
    grounds = APPROVE_GROUNDS if answer.yes else REFUSE_GROUNDS
    return f"{'Yes' if answer.yes else 'No'}: {grounds.get(answer.ground, answer.ground)}"


def clauses(ids: Iterable[str], flow: Flow) -> list[Cited]:
    """Each clause with what the signed text says."""
    texts = [text for text in (flow.text, flow.text.baseline) if text is not None]
    read = {text.agreement: _read(text) for text in texts}
    return [Cited(id=one, says=_says(read.get(one.partition(":")[0]), one)) for one in ids]


def law(ids: Iterable[str], pack: Law) -> list[Cited]:
    """Each fact of law with the provision that it rests on."""
    found = []
    for one in ids:
        if not pack.has(one):
            found.append(Cited(id=one, says="", doubt="unverified"))
            continue
        fact = pack.fact(one)
        doubt = "" if fact.confidence == "verified" else fact.confidence
        found.append(Cited(id=one, says=fact.citation, more=fact.text, doubt=doubt))
    return found


def beyond(ids: Iterable[str], common: Iterable[str]) -> list[str]:
    """The citations that are not said once for all."""
    said = set(common)
    return [one for one in ids if one not in said]


def _read(text: Text) -> Agreement | None:
    return _parsed(text.digest, bytes(text.source), text.agreement)


@functools.lru_cache(maxsize=64)
def _parsed(digest: str, source: bytes, name: str) -> Agreement | None:
    """A text never changes under its digest."""
    del digest
    try:
        return parse(source, name)
    except InputError:  # it was accepted, so an older program could read it; its id has to do
        return None


def _says(text: Agreement | None, clause: str) -> str:
    if text is None or clause not in text.clauses:
        return ""
    value: Any = text.data
    for step in text.clauses[clause]:
        value = value[step]
    return _flow_style(value, outermost=True)


def _flow_style(value: Any, *, outermost: bool = False) -> str:
    """As the YAML has it on one line, without the outermost brackets."""
    if isinstance(value, dict):
        inside = ", ".join(f"{key}: {_flow_style(one)}" for key, one in value.items())
        return inside if outermost else f"{{{inside}}}"
    if isinstance(value, list):
        inside = ", ".join(_flow_style(one) for one in value)
        return inside if outermost else f"[{inside}]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)

"""Closed lists of codes: why something was refused, seen, or set apart. The ledger has the code."""

from __future__ import annotations

from collections.abc import Mapping

from comity.canon import InputError, printable

APPROVE_GROUNDS: Mapping[str, str] = {
    "needed-for-purpose": "the receiver needs it for the purpose, and less would not do",
    "not-personal": "what was in doubt is not personal data",
    "attacker-side": "what was in doubt is the attacker's",
    "consented": "the person or organisation it is about has agreed",
    "duty-to-share": "a law or the agreement makes us share it",
}
REFUSE_GROUNDS: Mapping[str, str] = {
    "personal-data": "it is personal data that the purpose does not need",
    "not-necessary": "the purpose does not need it",
    "source-at-risk": "it would lead to a source or a method",
    "ongoing-investigation": "it would hinder an investigation",
    "third-party-rights": "it would harm the rights of others",
    "national-security": "it would harm national or public security",
    "unreliable": "it is not sure enough to be told",
    "no-consent": "whoever it is about has not agreed",
    "unanswered": "nobody answered in time, and silence is no",
}
ACCESS_REASONS: Mapping[str, str] = {
    "approval": "to answer what was referred",
    "incident": "to respond to an incident",
    "audit": "to audit a disclosure",
    "subject-request": "to answer somebody whom it is about",
    "correction": "to correct or withdraw what was shared",
}
QUARANTINE: Mapping[str, str] = {
    "no-bill": "it came without a release: no bill that is known lists it",
    "invalid-object": "it is not valid STIX 2.1",
    "from-the-future": "its version lies more than five minutes ahead of the clock (attack A09)",
    "foreign-creator": "it would change an object of another creator's (attacks A07, A11)",
    "conflict": "the same version is held with other content (attack A08)",
    "rolled-back": "it would undo a revocation, which is final (attack A10)",
    "identifier-reused": "its identifier is that of an object of another type",
    "marking-lowered": "it is marked more openly than the version that is held (attack A14)",
    "unknown-marking": "it bears a marking that nobody here can read (attack A17)",
    "above-ceiling": "its marking is stricter than any clause lets the sender send",
    "not-shared": "no clause lets the sender send material of this class for this purpose",
    "unknown-type": "its type is not one that the agreement lets through",
    "no-expiry": "its bill does not say when it has to be deleted",
    "kept-too-long": "its bill lets it stay longer than the agreement does",
    "clause-unknown": "its bill names no clause of the agreement that lets it cross",
}


class UnknownCode(InputError):
    what = "{code} is no {list}"
    why = "what is written in the ledger is one of a closed list: {known}"
    do = "choose one of them"


def known(code: str, codes: Mapping[str, str], name: str) -> str:
    """The code. Raises: UnknownCode."""
    if code not in codes:
        raise UnknownCode(code=printable(code), list=name, known=", ".join(codes))
    return code

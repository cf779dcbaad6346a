"""C101: every word that the grammar leaves open must stand in the harmonised vocabulary."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.agreement import Agreement
from comity.agreement.checks.finding import Check, Finding, Severity
from comity.agreement.grammar.words import many
from comity.agreement.setting import Said, Setting
from comity.agreement.strict_yaml import Path
from comity.law import UnknownTerm


def _run(check: Check, setting: Setting) -> Iterator[Finding]:
    for text in setting.texts:
        for family, word, path in _words(text):
            try:
                setting.law.term(word, family)
            except UnknownTerm as error:
                yield check.finding(Said(text, path), error.sentence)
    # An annex may leave a purpose of its baseline out; the baseline's rules for it then speak to nothing.
    named = {word for text in setting.texts for word in text.text.purposes or ()}
    for said, word in _purposes_used(setting):
        if word not in named:
            yield check.finding(said, f"`{word}` is not among the agreement's purposes")


def _words(text: Agreement) -> Iterator[tuple[str, str, Path]]:
    """Family, word and place of every open word."""
    terms = text.text
    for index, purpose in enumerate(terms.purposes or ()):
        yield "purpose", purpose, ("purposes", index)
    for party, stated in (terms.authority or {}).items():
        for authority in stated if isinstance(stated, tuple) else (stated,):
            yield "legal_basis", authority.basis, ("authority", party)
            yield "regime", authority.regime, ("authority", party)
    for index, transfer in enumerate(terms.transfers or ()):
        yield "transfer_tool", transfer.instrument, ("transfers", index, "instrument")
        if transfer.regime:
            yield "regime", transfer.regime, ("transfers", index, "regime")
    for index, share in enumerate(terms.share or ()):
        if share.regime:
            yield "regime", share.regime, ("share", index, "regime")
    for index, never in enumerate(terms.never or ()):
        if never.unless and never.unless.regime:
            yield "regime", never.unless.regime, ("never", index, "unless", "regime")
    for index, party_row in enumerate(terms.parties):
        for word in party_row.certifications or ():
            yield "certification", word, ("parties", index, "certifications")
    if terms.rights and terms.rights.defer_notice:
        yield "refusal_ground", terms.rights.defer_notice.ground, ("rights", "defer-notice", "ground")


def _purposes_used(setting: Setting) -> Iterator[tuple[Said, str]]:
    for text in setting.texts:
        for index, share in enumerate(text.text.share or ()):
            for word in many(share.for_):
                yield Said(text, ("share", index, "for")), word
        for index, rule in enumerate(text.text.protect or ()):
            for word in many(rule.for_):
                yield Said(text, ("protect", index, "for")), word
            for word in many(rule.unless.for_) if rule.unless else ():
                yield Said(text, ("protect", index, "unless", "for")), word
        for index, request in enumerate(text.text.requests or ()):
            yield Said(text, ("requests", index, "for")), request.for_


CHECK = Check(
    code="C101",
    title="unknown term",
    severity=Severity.ERROR,
    why="A word that is not in the harmonised vocabulary means something else to each party, or nothing.",
    do="use the nearest word of the vocabulary, or have the word added there with its standard counterpart",
    run=_run,
    needs_places=False,
)

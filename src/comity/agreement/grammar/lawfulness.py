"""Why it is lawful: the instrument, each party's authority, and what lets personal data cross each way."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from comity.agreement.grammar.words import Allowance, Digest, FactId, Id, Language, Span, Term, Text, Word

Regime = Word  # gdpr, led, lgpd, appi ...: as the law pack's statutes and adequacy decisions name it


class Extends(Term, frozen=True, kw_only=True):
    """The baseline this annex extends. The digest must be that of the very text it was written against."""

    agreement: Id
    version: int
    digest: Digest


class Instrument(Term, frozen=True, kw_only=True):
    """What this text is beside the signed paper, and which of them rules where they differ."""

    binding: bool
    prevails: Literal["paper", "code"]
    text: Digest | None = None
    authentic: tuple[Language, ...]


class LaidDown(Term, frozen=True, kw_only=True):
    """The law that gives a party its task: a statute of the law pack, and the section."""

    law: FactId
    section: Text


class Authority(Term, frozen=True, kw_only=True):
    """A party's legal basis for this exchange."""

    basis: Word
    rests_on: FactId | None = None
    """The very provision of the law pack. Needed where that provision is open on conditions only: who names it
    takes the position that they are met."""
    laid_down_in: LaidDown | None = None
    regime: Regime


class Transfer(Term, frozen=True, kw_only=True):
    """The instrument that makes one direction lawful for personal data."""

    from_: Id = msgspec.field(name="from")
    to: Id
    instrument: Word
    regime: Regime | None = None
    assessed: dt.date | None = None
    reassess: Span | None = None
    authorised: Text | None = None
    """The supervisory authority's authorisation, where the instrument needs one; else what meets its conditions."""


class Derogation(Term, frozen=True, kw_only=True):
    """A one-off transfer that no instrument covers (GDPR art 49)."""

    ground: Word
    recognised_in: Text
    one_off: bool
    at_most: Allowance
    by: Id
    safeguards: Text | None = None
    reassess: Span | None = None

"""What the parties promise each other about what they receive: carried with every release, cited, and explained."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from comity.agreement.grammar.words import Span, Term, Text, Word

Caveat = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9 /+-]{1,99}(?![\s\S])", description="as REL-TO EE BR")]


class Origin(Term, frozen=True, kw_only=True):
    """Whose it stays: who controls it, the caveats that travel with it, whether the source is named."""

    control: Literal["first-originator", "sender"] = "first-originator"
    caveats: tuple[Caveat, ...] | None = None
    conceal_source: bool = True


class Onward(Term, frozen=True, kw_only=True):
    """To whom the receiver may pass it."""

    to: Literal["nobody", "constituents", "parties"]
    others: Literal["never", "ask-originator"] = "never"
    then: Literal["same-terms"] = "same-terms"


ForbiddenUse = Literal[
    "evidence",
    "enforcement-against-reporter",
    "immigration",
    "profiling",
    "commercial",
    "intelligence",
    "training-models",
    "offensive-operations",
]


class Use(Term, frozen=True, kw_only=True):
    """What it may not be used for, and what the receiver tells of its use."""

    report_within: Span | None = None
    feedback_within: Span | None = None
    forbid: tuple[ForbiddenUse, ...] = ()
    evidence_via: Literal["mutual-legal-assistance", "originator-consent"] | None = None


class Automated(Term, frozen=True, kw_only=True):
    """What machines may do with it, and that none decides about a person."""

    may: tuple[Literal["block-address", "block-domain", "alert", "hunt"], ...] = ()
    at_most: Span | None = None
    """How long an automatic block may last without a person."""
    decisions_about_persons: Literal["forbidden", "allowed"] = "forbidden"
    appeal: Literal["contact", "supervisory-authority"] | None = None


RefusalGround = Word


class DeferNotice(Term, frozen=True, kw_only=True):
    """Telling the person later: on which ground, how long at most, looked at again how often."""

    ground: RefusalGround
    at_most: Span
    review: Span


class Rights(Term, frozen=True, kw_only=True):
    """How the people it is about can ask."""

    contact: Literal["each", "first", "lead"]
    answer_within: Span | None = None
    """Within the strictest legal deadline when the text is silent."""
    relay_within: Span | None = None
    redress: tuple[Literal["supervisory-authority", "court", "ombudsperson", "arbitration"], ...] = ()
    supervised_by: tuple[Annotated[str, msgspec.Meta(min_length=2, max_length=40)], ...] = ()
    answer: Literal["plain", "neither-confirm-nor-deny"] = "plain"
    defer_notice: DeferNotice | None = None


class CompelledAccess(Term, frozen=True, kw_only=True):
    """What a party does when its state demands the partner's data."""

    notify_partner: Span
    challenge: bool


class PublicRecords(Term, frozen=True, kw_only=True):
    """What a party does when somebody asks for it under freedom-of-information law."""

    exempt_under: Text
    consult_originator: Span


class Breach(Term, frozen=True, kw_only=True):
    """How soon the partner is told of a breach that touches what it sent."""

    tell_partner_within: Span

"""Who agreed: parties with their form and capacity, what each can prove, whom to call."""

from __future__ import annotations

from typing import Literal

import msgspec

from comity.agreement.grammar.words import Country, Id, PublicKey, Term, Text, Url, Word

# What an organisation is in law; it decides which legal bases and transfer instruments are open to it.
Form = Literal["public-authority", "private-nonprofit", "private-company", "international-organisation"]
# What it does here.
Capacity = Literal["csirt", "law-enforcement", "intelligence", "regulator", "isac", "operator"]


class Hosting(Term, frozen=True, kw_only=True):
    """Where its node runs, who runs it, and where its keys are."""

    in_: Country = msgspec.field(name="in")
    operator: Text
    keys_in: Country


class Signatory(Term, frozen=True, kw_only=True):
    """Who signs the paper, and the statute or act that gives them the power to."""

    office: Text
    power: Text


class Capability(Term, frozen=True, kw_only=True):
    """What a party's system can prove. What it cannot, lowers what may be sent to it (promise 10)."""

    receipts: Literal["signed", "none"]
    deletes: Literal["proved", "stated", "none"]
    witnesses: Literal["yes", "no"]


class Party(Term, frozen=True, kw_only=True):
    """An organisation bound by the agreement."""

    id: Id
    name: Text
    legal_entity: Text
    form: Form
    jurisdiction: Country
    capacity: Capacity
    constituency: tuple[Country, ...] | None = None
    """Countries it answers for; its own jurisdiction when the text is silent."""
    hosting: Hosting | None = None
    key: PublicKey | None = None
    url: Url | None = None
    signatory: Signatory | None = None
    capability: Capability | None = None
    certifications: tuple[Word, ...] | None = None
    """Those it states it holds, where a transfer rests on one (`dpf-certification`)."""


def proves(party: Party) -> bool:
    """Whether a party can keep what is promised for it: signed receipts, and deletions with proof."""
    stated = party.capability
    return stated is not None and stated.receipts == "signed" and stated.deletes == "proved"


ControllerRole = Literal["independent-controllers", "joint-controllers", "processor"]


class Roles(Term, frozen=True, kw_only=True):
    """Who is controller of what: by default, and for shared insight."""

    default: ControllerRole
    insight: ControllerRole | None = None


class Contacts(Term, frozen=True, kw_only=True):
    """Whom to call at one party. Addresses of functions, not of people."""

    duty_officer: Text
    privacy_officer: Text
    security: Text | None = None
    postal: Text | None = None
    escalation: tuple[Id, ...] | None = None

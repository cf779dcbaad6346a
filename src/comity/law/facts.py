"""The shape of a jurisdiction file: what it may say of each subject (pack/SCHEMA.md).

These classes are the validator too: an unknown key or value does not become a fact.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from comity.law.shapes import (
    Actor,
    Address,
    Availability,
    Calendar,
    ClockStart,
    Code,
    Confidence,
    Deadline,
    DutyStatus,
    Event,
    Extension,
    FactId,
    InForce,
    Period,
    Row,
    StageName,
    Target,
    Token,
)


class Statute(Row, frozen=True, kw_only=True):
    id: FactId
    title: str
    citation: str
    kind: Literal[
        "data_protection", "law_enforcement", "cybersecurity", "sectoral", "sharing", "criminal_procedure", "state",
        "proposal",
    ]  # fmt: skip
    in_force: InForce
    in_force_from: dt.date | None = None
    in_force_until: dt.date | None = None
    url: str | None = None
    note: str | None = None


class Authority(Row, frozen=True, kw_only=True):
    role: Literal["supervisory", "national_csirt", "cyber_competent", "law_enforcement_supervisor", "sector"]
    name: str
    abbr: str | None = None
    url: str | None = None


class International(Row, frozen=True, kw_only=True):
    convention_108: Literal["party", "signed", "invited", "none", "unknown"]
    convention_108_plus: Literal["ratified", "signed", "none", "unknown"]
    budapest: Literal["party", "signed", "invited", "none", "unknown"]
    budapest_second_protocol: Literal["ratified", "signed", "none", "unknown"]
    un_cybercrime_convention: Literal["ratified", "signed", "none", "unknown"]
    global_cbpr: Literal["member", "associate", "no", "unknown"]
    note: str | None = None


class PersonalData(Row, frozen=True, kw_only=True):
    ip_address: Literal["always", "contextual", "no", "unknown"]
    ip_address_note: str
    legal_persons: Literal["yes", "partly", "no", "unknown"]
    deceased: Literal["yes", "partly", "no", "unknown"]
    special_categories: tuple[str, ...]
    criminal_data: Literal["special", "separate_regime", "excluded_if_public_security", "none", "unknown"]
    citation: str
    note: str | None = None


class LegalBasis(Row, frozen=True, kw_only=True):
    id: FactId
    dpv: Literal[
        "dpv:Consent", "dpv:Contract", "dpv:LegalObligation", "dpv:LegitimateInterest",
        "dpv:LegitimateInterestOfController", "dpv:LegitimateInterestOfThirdParty",
        "dpv:LegitimateInterestOfDataSubject", "dpv:PublicInterest", "dpv:OfficialAuthorityOfController",
        "dpv:VitalInterest", "dpv:VitalInterestOfNaturalPerson",
    ]  # fmt: skip
    actor: Actor
    availability: Availability
    use: tuple[
        Literal[
            "share_indicators", "share_incident_report", "victim_notification", "law_enforcement_referral",
            "cross_border_exchange",
        ],
        ...,
    ]  # fmt: skip
    citation: str
    conditions: str | None = None
    legal_ext: str | None = None


class Exemptions(Row, frozen=True, kw_only=True):
    national_security: Literal["full", "partial", "none", "unknown"]
    law_enforcement: Literal["separate_regime", "exempt", "partial", "none", "unknown"]
    citation: str
    note: str | None = None


class Mechanism(Row, frozen=True, kw_only=True):
    id: str
    availability: Availability
    actor: Actor
    citation: str
    applies_from: dt.date | None = None
    applies_until: dt.date | None = None
    note: str | None = None


class Onward(Row, frozen=True, kw_only=True):
    rule: Literal[
        "same_protection", "accountable_exporter", "written_undertaking", "authority_approval", "purpose_bound",
        "contract_bound", "separate_consent_and_contract", "unspecified", "unknown",
    ]  # fmt: skip
    citation: str
    note: str | None = None


class Transfers(Row, frozen=True, kw_only=True):
    model: Literal[
        "adequacy_plus_safeguards", "accountability", "consent_centred", "consent_plus_safeguards",
        "free_with_blacklist", "approval", "none_general", "unknown",
    ]  # fmt: skip
    adequacy_full: tuple[Token, ...]
    adequacy_partial: tuple[Token, ...]
    citation: str
    mechanisms: tuple[Mechanism, ...]
    onward: Onward
    adequacy_law_enforcement: tuple[Token, ...] = ()
    adequacy_organisations: tuple[str, ...] = ()
    note: str | None = None


class Localisation(Row, frozen=True, kw_only=True):
    level: Literal["none", "conditional", "strict", "unknown"]
    data: tuple[str, ...]
    citation: str
    note: str | None = None


class Restriction(Row, frozen=True, kw_only=True):
    id: FactId
    direction: Literal["out", "in", "both"]
    effect: Literal["prohibit", "prior_approval", "condition", "notify"]
    data: tuple[str, ...]
    to: tuple[Target, ...]  # empty: the power exists and nobody is listed
    status: Literal["in_force", "pending", "unknown", "lapsed"]
    citation: str
    note: str | None = None


class Stage(Row, frozen=True, kw_only=True):
    stage: StageName
    deadline: Deadline
    clock_start: ClockStart
    calendar: Calendar
    note: str | None = None


class BreachDuty(Row, frozen=True, kw_only=True):
    id: FactId
    regime: Event
    status: DutyStatus
    who: str
    to: Literal[
        "authority", "csirt", "data_subject", "sector", "competent_authority", "controller", "partner",
        "foreign_partner", "foreign_csirt", "recipient_of_service", "customer", "law_enforcement", "public",
    ]  # fmt: skip
    recipient: str
    trigger: str
    threshold: Literal[
        "any", "risk", "high_risk", "significant", "substantial", "severe", "major", "material", "serious_harm"
    ]
    deadline: Deadline
    deadline_kind: Literal["hard", "target", "guidance"]
    calendar: Calendar
    clock_start: ClockStart
    citation: str
    confidence: Confidence
    stages: tuple[Stage, ...]
    applies_from: dt.date | None = None
    applies_until: dt.date | None = None
    note: str | None = None


class Right(Row, frozen=True, kw_only=True):
    available: Availability
    deadline: Deadline | None = None
    extension: Extension | None = None
    citation: str | None = None
    note: str | None = None


class Rights(Row, frozen=True, kw_only=True):
    response_deadline: Deadline
    extension: Extension
    clock_start: ClockStart
    calendar: Calendar
    citation: str
    security_refusal_grounds: tuple[
        Literal[
            "national_security", "defence", "public_security", "crime_prevention", "crime_investigation",
            "judicial_proceedings", "third_party_rights", "security_of_systems", "legal_privilege", "legal_obligation",
            "regulatory_function", "manifestly_unfounded", "disproportionate", "unidentifiable_subject",
            "business_impediment", "trade_secret", "economic_welfare", "unknown",
        ],
        ...,
    ]  # fmt: skip
    access: Right
    rectification: Right
    erasure: Right
    restriction: Right
    objection: Right
    portability: Right
    complaint: Right
    judicial_redress: Right
    security_refusal_citation: str | None = None
    note: str | None = None


class LogDuty(Row, frozen=True, kw_only=True):
    """Something that must be kept at least this long."""

    what: str
    period: Period
    kind: Literal["minimum"]
    citation: str
    who: str | None = None


class Retention(Row, frozen=True, kw_only=True):
    principle: Literal["storage_limitation", "statutory_period", "none", "unknown"]
    citation: str
    logs: tuple[LogDuty, ...] = ()
    note: str | None = None


class Governance(Row, frozen=True, kw_only=True):
    dpia: Literal[
        "required", "required_high_risk", "required_conditional", "required_public_sector", "required_on_request",
        "recommended", "no", "unknown",
    ]  # fmt: skip
    dpo: Literal["required", "required_conditional", "recommended", "no", "unknown"]
    records: Literal["required", "recommended", "no", "unknown"]
    citation: str
    note: str | None = None


class Framework(Row, frozen=True, kw_only=True):
    id: FactId
    title: str
    citation: str
    note: str | None = None


class CtiSharing(Row, frozen=True, kw_only=True):
    safe_harbour: Literal["yes", "conditional", "no", "lapsed", "unknown"]
    cross_border_incident_law: str
    citation: str
    safe_harbour_until: dt.date | None = None
    frameworks: tuple[Framework, ...] = ()
    note: str | None = None


class Change(Row, frozen=True, kw_only=True):
    date: dt.date
    event: str
    status: Literal["in_force", "pending", "proposed", "lapsed", "unknown"]


class Source(Row, frozen=True, kw_only=True):
    title: str
    publisher: str
    address: Address


class JurisdictionFacts(Row, frozen=True, kw_only=True):
    """A jurisdiction with everything it inherits."""

    schema_version: Literal["1.0"]
    code: Code
    name: str
    kind: Literal["state", "regional_regime"]
    inherits: tuple[Code, ...]
    as_of: dt.date
    evidence_horizon: dt.date
    confidence: Confidence
    headline: str
    statutes: tuple[Statute, ...]
    authorities: tuple[Authority, ...]
    international: International
    personal_data: PersonalData
    legal_bases: tuple[LegalBasis, ...]
    exemptions: Exemptions
    transfers: Transfers
    localisation: Localisation
    breach_duties: tuple[BreachDuty, ...]
    rights: Rights
    retention: Retention
    governance: Governance
    cti_sharing: CtiSharing
    sources: tuple[Source, ...]
    unverified: tuple[str, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    changes: tuple[Change, ...] = ()

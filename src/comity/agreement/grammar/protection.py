"""What is done to personal data that is found, and how sure one must be."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from comity.agreement.grammar.words import ClauseId, DataWord, Share01, Span, Term, Words
from comity.canon import Kind, Remains, Role, Treatment


class Remaining(Term, frozen=True, kw_only=True):
    """How much of a value is left; what is not named is removed."""

    ipv4: Annotated[int, msgspec.Meta(ge=1, le=32)] | None = None
    ipv6: Annotated[int, msgspec.Meta(ge=1, le=128)] | None = None
    email: Literal["domain"] | None = None
    host: Literal["registrable-domain"] | None = None
    phone: Literal["country"] | None = None
    date: Literal["year"] | None = None
    place: Literal["country"] | None = None


class Generalise(Term, frozen=True, kw_only=True):
    """Leave part of the value, as a network's first bits."""

    generalise: Remaining


TreatmentTerm = Literal["keep", "pseudonymise", "redact", "withhold"] | Generalise


def treatment(term: TreatmentTerm) -> Treatment:
    """The element of the lattice that a term names."""
    if not isinstance(term, Generalise):
        return Treatment(Kind(term))
    left = term.generalise
    return Treatment(
        Kind.GENERALISE,
        Remains(
            ipv4=left.ipv4 or 0,
            ipv6=left.ipv6 or 0,
            email=int(left.email is not None),
            host=int(left.host is not None),
            phone=int(left.phone is not None),
            date=int(left.date is not None),
            place=int(left.place is not None),
        ),
    )


Subject = Literal["recipient-constituency"]


class Except(Term, frozen=True, kw_only=True):
    """When a rule does not speak: every condition named must hold."""

    for_: Words | None = msgspec.field(name="for", default=None)
    subject_in: Subject | None = None


class ProtectFloor(Term, frozen=True, kw_only=True):
    """The least that an annex must keep where it rules instead."""

    treatment: TreatmentTerm
    expires: Span | None = None


class Protect(Term, frozen=True, kw_only=True):
    """A limit: what is done to data of a kind, of people in a role. No rule for a detection: withhold."""

    id: ClauseId
    data: DataWord | tuple[DataWord, ...]
    role: Role | tuple[Role, ...] | None = None
    """Whose data; anybody's when the clause is silent."""
    for_: Words | None = msgspec.field(name="for", default=None)
    subject_in: Subject | None = None
    unless: Except | None = None
    treatment: TreatmentTerm
    expires: Span | None = None
    attribution: Literal["allowed", "forbidden"] = "allowed"
    adaptable: ProtectFloor | None = None


class Subjects(Term, frozen=True, kw_only=True):
    """Whom the rules protect beyond living adults."""

    minors: Literal["strictest"] = "strictest"
    deceased: Literal["as-living"] = "as-living"
    legal_persons: Literal["as-law", "as-persons"] = "as-persons"


class FreeText(Term, frozen=True, kw_only=True):
    """Descriptions, notes and other prose: searched, or held back whole."""

    treatment: Literal["screen", "withhold"]
    on_doubt: Literal["strip-and-refer", "withhold"] = "withhold"


class DoubtFloor(Term, frozen=True, kw_only=True):
    """The least that an annex must keep."""

    refer_below: Share01


class Doubt(Term, frozen=True, kw_only=True):
    """A detection less sure than this is stripped and shown to an officer."""

    refer_below: Share01
    adaptable: DoubtFloor | None = None


class PseudonymsFloor(Term, frozen=True, kw_only=True):
    """The longest epoch an annex may set."""

    epoch: Span


class Pseudonyms(Term, frozen=True, kw_only=True):
    """How long the same value keeps the same pseudonym."""

    epoch: Span
    adaptable: PseudonymsFloor | None = None

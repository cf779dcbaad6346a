"""The whole grammar: every term an agreement may use, in the order in which a lawyer would read it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from comity.agreement.grammar.keeping import Extensions, Format, Markings, Proof, Quality, RetentionMap
from comity.agreement.grammar.lawfulness import Authority, Derogation, Extends, Instrument, Transfer
from comity.agreement.grammar.parties import Contacts, Party, Roles
from comity.agreement.grammar.period import Period, Review
from comity.agreement.grammar.promises import (
    Automated,
    Breach,
    CompelledAccess,
    Onward,
    Origin,
    PublicRecords,
    Rights,
    Use,
)
from comity.agreement.grammar.protection import Doubt, FreeText, Protect, Pseudonyms, Subjects
from comity.agreement.grammar.running import Crisis, Insight, Reciprocity, Request, SuspendEvent
from comity.agreement.grammar.sharing import Never, Share
from comity.agreement.grammar.words import Id, Term, Text, Word


class AgreementText(Term, frozen=True, kw_only=True):
    """A data sharing agreement as code. What it does not say takes the strict default, never the convenient one."""

    comity: Literal[1]
    """The version of this grammar."""
    id: Id
    version: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    title: Text
    extends: Extends | None = None
    instrument: Instrument
    parties: Annotated[tuple[Party, ...], msgspec.Meta(min_length=2, max_length=100)]
    roles: Roles | None = None
    contacts: dict[Id, Contacts] | None = None
    purposes: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)] | None = None
    authority: dict[Id, Authority | tuple[Authority, ...]] | None = None
    transfers: tuple[Transfer, ...] | None = None
    term: Period
    review: Review | None = None
    share: tuple[Share, ...] | None = None
    never: tuple[Never, ...] | None = None
    protect: tuple[Protect, ...] | None = None
    subjects: Subjects | None = None
    free_text: FreeText | None = msgspec.field(name="free_text", default=None)
    doubt: Doubt | None = None
    pseudonyms: Pseudonyms | None = None
    proof: Proof | None = None
    extensions: Extensions | None = None
    quality: Quality | None = None
    markings: Markings | None = None
    retention: RetentionMap | None = None
    formats: tuple[Format, ...] | None = None
    origin: Origin | None = None
    onward: Onward | None = None
    use: Use | None = None
    automated: Automated | None = None
    rights: Rights | None = None
    compelled_access: CompelledAccess | None = None
    public_records: PublicRecords | None = None
    breach: Breach | None = None
    derogation: Derogation | None = None
    crisis: Crisis | None = None
    requests: tuple[Request, ...] | None = None
    reciprocity: Reciprocity | None = None
    insight: Insight | None = None
    suspend_if: tuple[SuspendEvent, ...] | None = None

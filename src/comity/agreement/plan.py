"""A plan: one flow of an agreement compiled at a date, with every question a crossing can ask already answered.

Made by `compile` and by nothing else. Flat, frozen and hashable; no dates are left to compare on the hot path.
Clauses are cited as `<agreement>:<clause>` (`ee-br-csirt:P2`), law by the id of a fact in the law pack (`eu.gdpr`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from comity.canon import Category, Duration, Role, Tlp, Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What an answer rests on. INVARIANT: an answer that permits anything has at least one clause."""

    clauses: tuple[str, ...] = ()
    law: tuple[str, ...] = ()

    def join(self, other: Grounds) -> Grounds:
        return Grounds(clauses=_union(self.clauses, other.clauses), law=_union(self.law, other.law))


def _union(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRef:
    id: str
    version: int
    digest: str  # sha256 of the JCS form of the parsed text


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowParty:
    """One end of a flow, with what a decision may need to know of it."""

    id: str
    name: str
    jurisdiction: str  # ISO 3166-1 alpha-2, EU or EEA
    form: str
    capacity: str
    key: str  # "ed25519:<base64>", the key its bills are signed with
    constituency: frozenset[str]  # country codes it answers for; its own jurisdiction unless the agreement says more


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing at all, or no personal data, may cross on this date."""

    code: str  # a Reason's value, as `agreement-ended`
    detail: str  # one sentence without personal data
    grounds: Grounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One grant: material of these classes, for these purposes, up to this marking."""

    clause: str
    classes: frozenset[str]  # material classes, see `comity.material.classes`
    purposes: frozenset[str]
    ceiling: Tlp
    approved: bool  # release: approved (a person decides) or automatic
    personal_data: bool  # False: `personal-data: none`
    on_detect: str  # "withhold-and-refer" or "treat": what to do when personal data is found under `none`
    consent: str | None  # whose: originator, victim-organisation, data-subject
    collected_by: frozenset[str]  # empty: however collected
    collected_never: frozenset[str]
    properties: frozenset[str] | None  # necessity: only these; None: all that are not refused otherwise
    retention: Duration
    grounds: Grounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A promise between the parties that travels with every release: people and nodes keep it, no rule decides it."""

    clause: str
    kind: str  # as `onward`, `use.forbid`, `breach`
    text: str  # one plain sentence
    law: tuple[str, ...] = ()


class Question(NamedTuple):
    """What the crossing asks of a detection."""

    category: Category
    role: Role
    purpose: str
    in_constituency: bool  # whether the subject is known to be in the recipient's constituency


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What becomes of a detection. No rule for it: withhold, with the reason `no-rule`."""

    treatment: Treatment
    grounds: Grounds
    ruled: bool = True  # False: no clause speaks of it
    expires: Duration | None = None
    attribution_forbidden: bool = False

    def join(self, other: Answer) -> Answer:
        """The stricter of each: treatment, the earlier expiry, a ban on attribution, and that no clause speaks."""
        spans = [span for span in (self.expires, other.expires) if span is not None]
        return Answer(
            treatment=self.treatment.join(other.treatment),
            grounds=self.grounds.join(other.grounds),
            ruled=self.ruled and other.ruled,
            expires=min(spans, default=None),
            attribution_forbidden=self.attribution_forbidden or other.attribution_forbidden,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """See the module. `grants` has one layer per text that shares (baseline first): an object needs one in each."""

    agreement: AgreementRef
    baseline: AgreementRef | None
    origin: FlowParty
    destination: FlowParty
    on: dt.date
    law_version: str
    law_digest: str
    standing: tuple[Refusal, ...]  # not empty: nothing crosses
    personal_data: tuple[Refusal, ...]  # not empty: no personal data crosses (no transfer instrument, no basis ...)
    personal_grounds: Grounds  # what makes personal data lawful to send: authority, basis, transfer instrument
    purposes: Mapping[str, Grounds] = field(hash=False)
    grants: tuple[tuple[Share, ...], ...]
    answers: Mapping[Question, Answer] = field(hash=False)  # total over categories x roles x purposes x constituency
    marked_never: tuple[tuple[Tlp, Grounds], ...]  # markings that never cross, at this level or above
    unmarked: Tlp  # what an object without any marking counts as; never CLEAR
    free_text: str  # "screen" or "withhold"
    on_doubt: str  # "strip-and-refer" or "withhold"
    refer_below: float  # confidence under which a detection is doubtful
    extensions: frozenset[str]  # ids of extension definitions and custom names let through; a final * is a prefix
    formats: frozenset[str]
    confidence_at_least: int  # STIX confidence; 0 when the agreement is silent
    epoch: Duration  # of pseudonyms
    epoch_began: dt.date  # the day the epoch of `on` began, counted from the agreement's first day
    witnessed_within: Duration | None
    special: frozenset[Category]  # special categories by the law of either side
    caveats: tuple[str, ...]
    conceal_source: bool
    restrictions: tuple[tuple[str, Grounds], ...]  # data words that hard gates of law keep home, as `traffic_data`
    term_grounds: Grounds
    sections: Mapping[str, Grounds] = field(hash=False)  # where each section is said: `quality`, `extensions` ...
    retention_personal: Duration | None = None  # of what holds personal data, where that is shorter
    sunset: dt.date | None = None  # the last day of the agreement (or of its baseline, if that is earlier)
    obligations: tuple[Obligation, ...] = ()

    def answer(self, category: Category, role: Role, purpose: str, in_constituency: bool) -> Answer:
        """Raises: KeyError for a purpose the agreement does not name; check `purposes` first."""
        return self.answers[Question(category, role, purpose, in_constituency)]

    def section(self, name: str) -> Grounds:
        """The clauses that say what this section says; the term of the agreement where no text has the section."""
        return self.sections.get(name, self.term_grounds)

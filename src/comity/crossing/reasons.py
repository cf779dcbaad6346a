"""Why a decision fell as it did: one code for programs and one sentence for people."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The value is the code in the record; `text` is what a person reads."""

    PERMITTED = "permitted"
    CARRIED = "carried"
    NO_AGREEMENT = "no-agreement"
    PURPOSE_NOT_AGREED = "purpose-not-agreed"
    FORMAT_NOT_AGREED = "format-not-agreed"
    STALE_PROOF = "stale-proof"
    NOT_OBSERVED = "not-observed"
    INVALID = "invalid-object"
    FROM_THE_FUTURE = "from-the-future"
    UNKNOWN_TYPE = "unknown-type"
    UNKNOWN_MARKING = "unknown-marking"
    MARKED_NEVER = "marked-never"
    ABOVE_CEILING = "above-ceiling"
    PART_ABOVE_CEILING = "part-above-ceiling"
    NOT_SHARED = "not-shared"
    RELEASE_APPROVED = "release-needs-approval"
    NO_CONSENT = "no-consent"
    COLLECTION_UNKNOWN = "collection-unknown"
    COLLECTED_OTHERWISE = "collected-otherwise"
    LOW_CONFIDENCE = "low-confidence"
    ORIGINATOR_TERMS = "originator-terms"
    SOURCE_CONCEALED = "source-concealed"
    PERSONAL_DATA_NOT_SHARED = "personal-data-not-shared"
    NO_TRANSFER_GROUND = "no-transfer-ground"
    NO_RULE = "no-rule"
    WITHHELD_BY_RULE = "withheld-by-rule"
    NOTHING_LEFT = "nothing-left"
    FREE_TEXT_WITHHELD = "free-text-withheld"
    DOUBT = "doubt"
    REDUCED = "reduced"
    PROPERTY_UNKNOWN = "property-unknown"
    NOT_NEEDED = "not-needed"
    REFERENCE_REMOVED = "reference-removed"
    REFERENCE_LOST = "reference-lost"
    RESIDUE = "residue"
    REDUCED_AGAIN = "reduced-again"
    RESULT_INVALID = "result-invalid"
    APPROVED = "approved"
    CONTESTED_ROLE = "contested-role"
    SUPERSEDED = "superseded"
    ADDED = "added"
    NOTHING_BEARS_IT = "nothing-bears-it"

    @property
    def text(self) -> str:
        return _TEXTS[self]


_TEXTS = {
    Reason.PERMITTED: "a share clause covers it",
    Reason.CARRIED: "it goes where the objects it ties go",
    Reason.NO_AGREEMENT: "no agreement in force permits anything on this flow today",
    Reason.PURPOSE_NOT_AGREED: "the agreement does not name this purpose",
    Reason.FORMAT_NOT_AGREED: "the agreement does not let STIX 2.1 cross",
    Reason.STALE_PROOF: "no checkpoint was witnessed within the agreed time, so nothing is released",
    Reason.NOT_OBSERVED: "the circumstances were observed on other material, so nobody knows whose data it holds",
    Reason.INVALID: "it is not valid STIX 2.1",
    Reason.FROM_THE_FUTURE: "its version lies more than five minutes ahead of the clock",
    Reason.UNKNOWN_TYPE: "its type is not one the agreement lets through",
    Reason.UNKNOWN_MARKING: "it bears a marking nobody here can read, which ranks above TLP:RED",
    Reason.MARKED_NEVER: "it bears a marking that never crosses",
    Reason.ABOVE_CEILING: "its marking is stricter than the ceiling of every clause that would share it",
    Reason.PART_ABOVE_CEILING: "parts of it bear a marking above the ceiling and were left out",
    Reason.NOT_SHARED: "no share clause covers material of this class for this purpose",
    Reason.RELEASE_APPROVED: "the share clause lets a person decide",
    Reason.NO_CONSENT: "the consent that the share clause asks for is not recorded",
    Reason.COLLECTION_UNKNOWN: "the share clause asks how it was collected, and nobody says",
    Reason.COLLECTED_OTHERWISE: "it was collected in a way the share clause excludes",
    Reason.LOW_CONFIDENCE: "its confidence is below what the agreement asks for",
    Reason.ORIGINATOR_TERMS: "the terms it was received under do not allow this",
    Reason.SOURCE_CONCEALED: "the agreement conceals who reported or analysed",
    Reason.PERSONAL_DATA_NOT_SHARED: "the share clause carries no personal data, and some was found",
    Reason.NO_TRANSFER_GROUND: "nothing makes a transfer of personal data lawful in this direction",
    Reason.NO_RULE: "no clause says what to do with personal data of this kind and role",
    Reason.WITHHELD_BY_RULE: "a protect clause withholds objects that hold this",
    Reason.NOTHING_LEFT: "what the object needs to exist was removed",
    Reason.FREE_TEXT_WITHHELD: "the agreement withholds free text",
    Reason.DOUBT: "doubtful spans were taken out and wait for an officer",
    Reason.REDUCED: "personal data was reduced as the protect clauses say",
    Reason.PROPERTY_UNKNOWN: "properties that neither STIX nor the agreement names were left out",
    Reason.NOT_NEEDED: "properties that the purpose does not need were left out",
    Reason.REFERENCE_REMOVED: "references to what does not cross were left out",
    Reason.REFERENCE_LOST: "what it refers to does not cross, and it cannot stand without",
    Reason.REDUCED_AGAIN: "a value that was treated in another object stood in it too and was taken out",
    Reason.RESIDUE: "after treatment a treated value was still found in it",
    Reason.RESULT_INVALID: "what treatment leaves is not valid STIX 2.1",
    Reason.APPROVED: "an officer approved what was referred",
    Reason.CONTESTED_ROLE: "the same value is said to be a victim's and an attacker's",
    Reason.SUPERSEDED: "a newer version of it stands in the same material; a release carries whole states",
    Reason.NOTHING_BEARS_IT: "nothing that crosses bears this marking",
    Reason.ADDED: "it was not in the material: what crosses refers to it",
}

_GRANTING = frozenset((Reason.PERMITTED, Reason.CARRIED, Reason.REDUCED))


def refusing(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """The reasons that tell why something stays: what spoke for it is left out."""
    return tuple(reason for reason in reasons if reason not in _GRANTING)

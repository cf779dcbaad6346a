"""What a box can hold, why a holding is deleted, and on what ground it may have to stay. Closed lists of codes."""

from __future__ import annotations

from collections.abc import Mapping

from comity.canon import InputError, printable

OBJECT = "object"

KINDS: Mapping[str, str] = {
    OBJECT: "an object version that a holding keeps, as received or as released",
    "submission": "what somebody proposes to share, as a STIX bundle",
    "circumstances": "the circumstances of a crossing",
    "record": "the decisions of a crossing, a line each",
    "bill": "a bill, signed",
    "receipt": "a partner's receipt for a release",
    "message": "another message that partners exchange",
    "parcel": "a part of a release that waits for the rest of it",
    "post": "an envelope that a partner posted, until it was looked at",
    "quarantine": "what a partner sent and its agreement does not let it send",
    "words": "what a person wrote: a reason, a note",
}

EXPIRY, KEY_DESTROYED = "expiry", "key-destroyed"

WHYS: Mapping[str, str] = {
    EXPIRY: "its time was over",
    "retraction": "its originator took it back",
    "sunset": "its agreement ended",
    "withdrawal": "the consent it rested on was withdrawn",
    "erasure": "the person it is about had it erased",
    KEY_DESTROYED: "its key was destroyed before, and the deletion broke off; the sweep finished it",
}

GROUNDS: Mapping[str, str] = {
    "legal-claims": "it is needed to establish, exercise or defend legal claims (GDPR Art. 17(3)(e), 18(1)(c))",
    "legal-obligation": "a law requires that it be kept (GDPR Art. 17(3)(b))",
    "court-order": "a court ordered that it be kept",
    "supervisory-order": "a supervisory authority ordered that it be kept (GDPR Art. 58)",
    "criminal-investigation": "an investigating authority had it preserved (Budapest Convention Art. 16)",
    "accuracy-contested": "its accuracy is contested and being verified (GDPR Art. 18(1)(a))",
}


class UnknownCode(InputError):
    what = "{code} is not a {list} of the vault"
    why = "it knows {known}"
    do = "use one of them, or add the new one to the list with what it means"


def must_be_known(code: str, codes: Mapping[str, str], name: str) -> None:
    """Raises: UnknownCode."""
    if code not in codes:
        raise UnknownCode(code=printable(code), list=name, known=", ".join(codes))

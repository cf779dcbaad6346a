"""What can go wrong with an outgoing call.

    CallError
    ├── CallNotAllowed     refused by our own rules before a connection: the same call will always be refused
    │   ├── BadUrl, OtherOrigin                                  (origins)
    │   ├── UnknownParty, PlainHttp, BadRequest                  (caller)
    │   └── AddressRefused                                       (addresses)
    ├── PartnerNotReached  no answer came; nothing says that the partner did anything wrong
    │   ├── NoAddress                                            (resolving)
    │   └── NotConnected, TlsRefused, TooSlow                    (connections, deadlines)
    └── BadAnswer          an answer came and was thrown away, none of it used
        ├── Redirected, BrokenAnswer, AnswerTooLarge             (answers)
        ├── BadCoding, DecompressionBomb                         (codings)
        └── UnprovedAnswer                                       (caller)

A delivery or a pull tries again after `PartnerNotReached` and `BadAnswer`, and tells a person after `CallNotAllowed`.
No message holds a query, a header's value or content; of a URL that is refused only its beginning is shown.
"""

from __future__ import annotations

from comity.canon import ComityError, InputError, ProofError


class CallError(ComityError):
    """An outgoing call that gave nothing. `party` is always among its fields."""


class CallNotAllowed(CallError, InputError):
    do = "look at the address of {party} in the agreement, and at what named this one; nothing was sent"


class PartnerNotReached(CallError):
    do = "it is tried again; if it lasts, ask the duty officer of {party}"


class BadAnswer(CallError, ProofError):
    do = "nothing of the answer was used; if it lasts, ask the duty officer of {party}"

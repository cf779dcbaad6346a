"""Why a partner's answer is not used, beyond what `outgoing` refuses before it is read.

PartnerError
├── PartnerRefused      it answered with another status than the one that was wanted
├── NotTaxii            what it answered is no TAXII
├── PagesRepeat         its pages do not go on: the same place is given again
├── TooMuch             more than anybody agreed to send at once
└── NoInbox             it shows no collection that takes our messages
"""

from __future__ import annotations

from comity.canon import ProofError


class PartnerError(ProofError):
    do = "nothing of it was used, and it is tried again; if it lasts, ask the duty officer of {party}"


class PartnerRefused(PartnerError):
    what = "{party} did not answer what was asked"
    why = "its status was {status}"


class NotTaxii(PartnerError):
    what = "{party} answered something else than TAXII"
    why = "{reason}"


class PagesRepeat(PartnerError):
    what = "the pages of {party} do not go on"
    why = "a page ends where one before it ended, or does not say where it ends"


class TooMuch(PartnerError):
    what = "{party} sends more than is taken"
    why = "{reason}"


class NoInbox(PartnerError):
    what = "{party} takes no messages from this node"
    why = "it shows no collection that we may write to"

"""The values that pack files share: closed lists, durations, codes. A value outside them is no fact."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Confidence = Literal["verified", "partly", "unverified"]
Availability = Literal["yes", "conditional", "no", "unknown"]
Actor = Literal["any", "private", "public_authority", "csirt", "law_enforcement"]
InForce = Literal["yes", "no", "partly", "pending", "lapsed", "unknown"]
Calendar = Literal["elapsed", "calendar_days", "business_days"]
ClockStart = Literal[
    "awareness", "discovery", "determination", "reasonable_belief", "classification", "assessment", "suspicion",
    "occurrence", "payment", "receipt", "request", "previous_report", "remedy_available", "handling_end",
    "deadline_expiry",
]  # fmt: skip
StageName = Literal[
    "assessment", "early_warning", "notification", "intermediate", "update", "supplemental", "escalation",
    "action_plan", "proof", "final",
]  # fmt: skip
Event = Literal["personal_data_breach", "cyber_incident", "vulnerability", "ransom_payment"]
DutyStatus = Literal["in_force", "pending", "proposed", "not_commenced", "lapsed", "not_applicable", "unknown"]
RIGHTS = (
    "access", "rectification", "erasure", "restriction", "objection", "portability", "complaint", "judicial_redress",
)  # fmt: skip

_DURATION = r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?)?"
_OPEN = "immediate|without-undue-delay|promptly|as-soon-as-practicable|on-request|unknown"
Period = Annotated[str, Meta(pattern=rf"^{_DURATION}$")]
Deadline = Annotated[str, Meta(pattern=rf"^({_DURATION}|{_OPEN})$")]
Extension = Annotated[str, Meta(pattern=rf"^({_DURATION}|none|notified-extension|extension-reasonable|unknown)$")]
FactId = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(\.[a-z0-9_-]+)+$")]
Code = Annotated[str, Meta(pattern=r"^[A-Z]{2}$|^EEA$")]
Token = Annotated[str, Meta(pattern=r"^[A-Z]{2}$|^EEA$|^EPO$|^\*108$|^\*list$")]  # a code, a group, or a list unseen
Target = Annotated[str, Meta(pattern=r"^[A-Z]{2}$|^\*$")]
Address = Annotated[str, Meta(pattern=r"^https?://[^/]+\.[^/]+")]


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a pack file: an unknown key is an error."""

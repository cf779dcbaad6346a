"""What is done with agreements: sign and accept a text, ask its plan, suspend a flow, record and withdraw consents."""

from comity.node.treaties.actions.accept import (
    Expired,
    NoBaseline,
    NotOurs,
    NotSigned,
    NotYetBegun,
    OlderVersion,
    OtherKeyOfOurs,
    accept,
)
from comity.node.treaties.actions.consent import BadConsent, consents_for, record_consent, withdraw_consent
from comity.node.treaties.actions.pin import KeyChanged, PlainAddress
from comity.node.treaties.actions.plans import law, plan_for
from comity.node.treaties.actions.sign import sign_text
from comity.node.treaties.actions.suspend import (
    REPLACED,
    SUSPENSIONS,
    Replaced,
    UnknownSuspension,
    in_force,
    in_term,
    resume,
    suspend,
)
from comity.node.treaties.actions.witnesses import witnessing
from comity.node.treaties.texts import TextChanged

__all__ = [
    "REPLACED",
    "SUSPENSIONS",
    "BadConsent",
    "Expired",
    "KeyChanged",
    "NoBaseline",
    "NotOurs",
    "NotSigned",
    "NotYetBegun",
    "OlderVersion",
    "OtherKeyOfOurs",
    "PlainAddress",
    "Replaced",
    "TextChanged",
    "UnknownSuspension",
    "accept",
    "consents_for",
    "in_force",
    "in_term",
    "law",
    "plan_for",
    "record_consent",
    "resume",
    "sign_text",
    "suspend",
    "withdraw_consent",
    "witnessing",
]

"""outgoing: the one way by which this node calls another. Knows no framework.

Only origins that agreements name are called, at addresses that were checked, and nothing else is ever followed.
"""

from comity.node.exchange.outgoing.addresses import AddressRefused
from comity.node.exchange.outgoing.answers import AnswerTooLarge, BrokenAnswer, Limits, Redirected, Reply
from comity.node.exchange.outgoing.caller import BadRequest, Caller, PlainHttp, Signing, UnknownParty, UnprovedAnswer
from comity.node.exchange.outgoing.codings import BadCoding, DecompressionBomb
from comity.node.exchange.outgoing.connections import NotConnected, TlsRefused
from comity.node.exchange.outgoing.deadlines import Timeouts, TooSlow
from comity.node.exchange.outgoing.errors import BadAnswer, CallError, CallNotAllowed, PartnerNotReached
from comity.node.exchange.outgoing.origins import BadUrl, Origin, OtherOrigin
from comity.node.exchange.outgoing.resolving import NoAddress, Resolver, system_resolver
from comity.node.exchange.outgoing.trust import BadTrust, Trust, client_context

__all__ = [
    "AddressRefused",
    "AnswerTooLarge",
    "BadAnswer",
    "BadCoding",
    "BadRequest",
    "BadTrust",
    "BadUrl",
    "BrokenAnswer",
    "CallError",
    "CallNotAllowed",
    "Caller",
    "DecompressionBomb",
    "Limits",
    "NoAddress",
    "NotConnected",
    "Origin",
    "OtherOrigin",
    "PartnerNotReached",
    "PlainHttp",
    "Redirected",
    "Reply",
    "Resolver",
    "Signing",
    "Timeouts",
    "TlsRefused",
    "TooSlow",
    "Trust",
    "UnknownParty",
    "UnprovedAnswer",
    "client_context",
    "system_resolver",
]

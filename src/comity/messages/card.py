"""The card of a node: where it is, whose it is, and with which keys its log and its witness sign.

Plain JSON at a well-known path, signed with the key that the agreement pins for the party, so that log and witness keys
hang on that key and can be changed without a new agreement. It carries no material and names no partner.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import Limits, format_instant, parse_instant
from comity.ledger import Algorithm, BadKey, VerifierKey, public_key_text
from comity.messages.signed import SignedJson

MAX_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(SignedJson):
    """A card whose form was checked; nothing more is known of it until `verify_card` has passed."""

    KIND: ClassVar[str] = "card"
    SIGNER: ClassVar[str] = "party"
    LIMITS: ClassVar[Limits] = Limits(max_bytes=MAX_BYTES, max_depth=4)

    @property
    def party(self) -> str:
        return str(self.content["party"])

    @property
    def url(self) -> str:
        return str(self.content["url"])

    @property
    def log(self) -> VerifierKey:
        """Name and key with which its log signs checkpoints."""
        return VerifierKey.parse(self.content["log"])

    @property
    def witness(self) -> VerifierKey:
        """Name and key with which it cosigns its partners' checkpoints."""
        return VerifierKey.parse(self.content["witness"])

    @property
    def serial(self) -> int:
        """Rises with each card of a node."""
        return int(self.content["serial"])

    @property
    def issued_at(self) -> dt.datetime:
        return parse_instant(self.content["issued_at"])

    @property
    def valid_until(self) -> dt.datetime:
        """First moment at which it no longer holds."""
        return parse_instant(self.content["valid_until"])

    @property
    def development(self) -> bool:
        return bool(self.content["development"])

    def _misfit(self) -> str | None:
        if self.valid_until <= self.issued_at:
            return "it ends before it begins"
        return _bad_url(self.url, self.development) or _bad_keys(self.content["log"], self.content["witness"])


def make_card(
    *,
    url: str,
    party: str,
    log: VerifierKey,
    witness: VerifierKey,
    serial: int,
    issued_at: dt.datetime,
    valid_until: dt.datetime,
    development: bool,
    key: Ed25519PublicKey,
) -> Card:
    """A card, not yet signed: `sign_message` signs it.

    Args:   url: of the node, `https://...`; plain HTTP only in development.
            serial: higher than that of every earlier card of this node; at least 1.
            key: the party's public key, which the agreement pins.
    Raises: MalformedMessage; NaiveTime.
    """
    return Card(
        content={
            "card": 1,
            "url": url,
            "party": party,
            "log": str(log),
            "witness": str(witness),
            "serial": serial,
            "issued_at": format_instant(issued_at),
            "valid_until": format_instant(valid_until),
            "development": development,
            "signed_by": public_key_text(key),
        }
    )


def read_card(data: bytes, *, at: str | None = None) -> Card:
    """A card in canonical form and no other, so that two nodes that saw one card saw the same bytes.

    Raises: StrictJsonError; MalformedMessage.
    """
    card = Card.read(data, at=at)
    if bytes(card) != data:
        raise Card.malformed("it is not in canonical form", at)
    return card


def _bad_url(url: str, development: bool) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # reading it checks it
    except ValueError:
        return "its URL cannot be read"
    if parts.scheme != "https" and not (parts.scheme == "http" and development):
        return "its URL is not https, which only a node in development may do without"
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        return "its URL names no host, or holds more than host, port and path"
    return None


def _bad_keys(log: str, witness: str) -> str | None:
    wanted = {"log": (log, Algorithm.ED25519), "witness": (witness, Algorithm.COSIGNATURE)}
    for member, (text, algorithm) in wanted.items():
        try:
            key = VerifierKey.parse(text)
        except BadKey as error:
            return f"the key of its {member} cannot be used: {error.sentence}"
        if key.algorithm is not algorithm:
            return f"the key of its {member} is of another kind than a {member} signs with"
    return None

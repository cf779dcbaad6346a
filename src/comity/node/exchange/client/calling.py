"""Our own caller: with our key, to the addresses and with the keys that agreements name."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.ledger import read_public_key
from comity.node.config import current
from comity.node.exchange.outgoing import Caller, Limits, Origin, Signing, Timeouts
from comity.node.exchange.outgoing.trust import client_context
from comity.node.exchange.signatures import SigningKey
from comity.node.keyring import held
from comity.node.treaties.models import Party

TIMES = Timeouts(connect=3.0, read=8.0, write=8.0, total=15.0)  # a piece of due work has a minute
QUICK = Timeouts(connect=2.0, read=4.0, write=4.0, total=5.0)  # for a short answer that others wait for
LIMITS = Limits(received=24 * 1024 * 1024, decoded=48 * 1024 * 1024)


def caller(times: Timeouts = TIMES) -> Caller:
    """A caller that knows the partners as they are now: made anew for each piece of work, so that none outlives a text.

    Raises: BadTrust.
    """
    rows = Party.objects.exclude(url="").exclude(pk=current().party).values_list("pk", "url")
    return Caller(
        allowed=Addresses(dict(rows)),
        development=current().development,
        trust=_tls(),
        timeouts=times,
        limits=LIMITS,
    )


class Addresses(Mapping[str, Origin]):
    """Party -> origin, read when it is asked for: one party's bad URL is nobody else's trouble."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls

    def __getitem__(self, party: str) -> Origin:
        """Raises: KeyError; BadUrl."""
        return Origin.read(self._urls[party], party=party)

    def __iter__(self) -> Iterator[str]:
        return iter(self._urls)

    def __len__(self) -> int:
        return len(self._urls)


def our_key() -> SigningKey:
    """The agreements pin a party's key under the party's own name."""
    return SigningKey(keyid=current().party, private=held().signing)


def proved(party: Party) -> Signing:
    """Our signature, and the party's own asked for under its answer."""

    def keys(keyid: str) -> Ed25519PublicKey | None:
        return read_public_key(party.key) if keyid == party.pk else None

    return Signing(key=our_key(), answered_by=keys)


@functools.cache
def _tls() -> ssl.SSLContext:
    return client_context(current().trust)

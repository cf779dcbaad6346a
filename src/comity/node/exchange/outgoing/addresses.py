"""Which addresses a partner can have. Everything that lies on our own side of the border is refused (attack A31)."""

from __future__ import annotations

import ipaddress
from typing import TypeAlias

from comity.node.exchange.outgoing.errors import CallNotAllowed

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# The IANA special-purpose registries (RFC 6890) as far as a packet to them can arrive anywhere, and what clouds put
# elsewhere. Documentation networks (RFC 5737, RFC 3849) are routed nowhere and are left in: examples live there.
_REFUSED_4 = {
    "0.0.0.0/8": "unspecified",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "a provider's shared space, or a cloud's metadata",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's metadata",
    "169.254.0.0/16": "link-local, where clouds answer for metadata",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments, or a cloud's metadata",
    "192.88.99.0/24": "a 6to4 relay",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarking",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved, or broadcast",
}
_REFUSED_6 = {
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::ffff:0:0/96": "an IPv4 address in another dress",
    "64:ff9b::/96": "an IPv4 address behind NAT64",
    "64:ff9b:1::/48": "an IPv4 address behind NAT64",
    "2001::/23": "protocol assignments, Teredo among them",
    "2002::/16": "an IPv4 address behind 6to4",
    "fc00::/7": "private (unique local)",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_TABLE_4 = [(ipaddress.IPv4Network(network), kind) for network, kind in _REFUSED_4.items()]
_TABLE_6 = [(ipaddress.IPv6Network(network), kind) for network, kind in _REFUSED_6.items()]


class AddressRefused(CallNotAllowed):
    what = "{party} was not called"
    why = "{host} stands for {address}, which is {kind}"
    do = (
        "ask {party} which public address its node has; a partner on this machine is called by a development node "
        "only, and only where the agreement's URL says localhost or a loopback address"
    )


def refused_kind(address: Address) -> str | None:
    """What keeps an address from being a partner's; None when nothing does. NAT64 behind a provider's own prefix
    (RFC 6052 section 2.2) looks like any other address and is not told apart."""
    if isinstance(address, ipaddress.IPv4Address):
        return next((kind for network, kind in _TABLE_4 if address in network), None)
    kind = next((kind for network, kind in _TABLE_6 if address in network), None)
    return kind or (None if address in _GLOBAL_6 else "outside of global unicast space")


def check_address(address: Address, *, host: str, party: str, loopback: bool) -> None:
    """Raises: AddressRefused. `loopback`: the node is in development and the agreement's URL itself names loopback."""
    kind = refused_kind(address)
    if kind is None or (kind == "loopback" and loopback):
        return
    raise AddressRefused(party=party, host=host, address=address, kind=kind)

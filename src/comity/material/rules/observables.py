"""What single types of cyber-observables demand beyond their schema (STIX 2.1 chapter 6)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from comity.material.rules.breach import Breach, Content, breach


def address(content: Content) -> Iterator[Breach]:
    """Sections 6.9 and 6.10: one address, or a network in CIDR notation, of the type's own family."""
    stix_type, value = content.get("type"), content.get("value")
    if not isinstance(value, str):
        return
    host, slash, bits = value.partition("/")
    widest = 32 if stix_type == "ipv4-addr" else 128
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        found = None
    if found is None or found.max_prefixlen != widest or (slash and not _prefix(bits, widest)):
        yield breach("6", "/value", "is no address or network of this type")


def _prefix(bits: str, widest: int) -> bool:
    return bits.isascii() and bits.isdigit() and str(int(bits[:4])) == bits and int(bits) <= widest


def traffic(content: Content) -> Iterator[Breach]:
    """Section 6.12: at least one end, no end time while it goes on, ports within 16 bits, counts not negative."""
    if "src_ref" not in content and "dst_ref" not in content:
        yield breach("6.12", "", "has neither src_ref nor dst_ref")
    if content.get("is_active") is True and "end" in content:
        yield breach("6.12", "/end", "is set while the traffic is active")
    for name in ("src_byte_count", "dst_byte_count", "src_packets", "dst_packets"):
        value = content.get(name)
        if isinstance(value, int) and value < 0:
            yield breach("6.12", f"/{name}", "is negative")


def message_body(content: Content) -> Iterator[Breach]:
    """Section 6.6: body without parts, or parts without body, as is_multipart says."""
    multipart = content.get("is_multipart")
    if multipart is True and "body" in content:
        yield breach("6.6", "/body", "is set though is_multipart is true")
    if multipart is False and "body_multipart" in content:
        yield breach("6.6", "/body_multipart", "is set though is_multipart is false")


def artifact_content(content: Content) -> Iterator[Breach]:
    """Section 6.1: payload or URL, not both; a URL with hashes; a key only with its algorithm."""
    if ("payload_bin" in content) == ("url" in content):
        yield breach("6.1", "", "has not exactly one of payload_bin and url")
    if "url" in content and "hashes" not in content:
        yield breach("6.1", "", "has a url without hashes")
    if "decryption_key" in content and "encryption_algorithm" not in content:
        yield breach("6.1", "/decryption_key", "is set without encryption_algorithm")

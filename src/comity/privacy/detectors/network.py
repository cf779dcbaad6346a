"""IP and MAC addresses: dotted, hexadecimal, reversed for DNS, mapped into IPv6; not versions, OIDs or netmasks.

Left alone: addresses that are nobody's line (loopback, unspecified, multicast, netmasks, public resolvers) and
networks too wide to single anyone out.
"""
# ruff: noqa: SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import TEXT, Detector, Found, Place

_V4 = Linear(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_V4_HEX = Linear(r"\b0x[0-9A-Fa-f]{8}\b")
_V6 = Linear(
    r"(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?::[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9]{0,3}(?:\.[0-9]{1,3}){3})?"
)
_MAC = Linear(r"(?i)[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}")
_REVERSED = Linear(r"(?i)\b([0-9]{1,3}(?:\.[0-9]{1,3}){3})\.in-addr\.arpa")
_VERSION = Linear(
    r"(?i)(?:versions?|build|release|rev(?:ision)?|firmware|kernel|sections?|chapter|clause|oid|§|sürüm(?:üne)?|versión|versão|wersj[aię]|верс\pL+|バージョン|الإصدار|إصدار|versioon|[a-z]/|\bv|sensor|agent|update|patch)[\s:=.]*$"
)
_VERSION_AFTER = Linear(r"(?i)^\s*(?:sürüm|バージョン|versions?\b|build\b|update\b)")
_PUBLIC_RESOLVERS = frozenset(
    "8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220".split()
)
_WIDEST_LINE = 28  # a network of more than 16 addresses singles out nobody


def find_ipv4(text: str, place: Place) -> Iterator[Found]:
    reversed_spans = []
    for match in _REVERSED.finditer(text):
        address = _v4(".".join(reversed(match.group(1).split("."))))
        if address is not None:
            reversed_spans.append(match.start())
            yield _found4(match.start(), match.end(), address, 0.95, "an IPv4 address written for reverse DNS")
    for match in _V4.finditer(text):
        start, end = match.span()
        if start in reversed_spans or not _stands_alone(text, start, end):
            continue
        address = _v4(match.group())
        if address is None or _is_version(text, start, end):
            continue
        confidence = 0.95
        if all(int(part) < 20 for part in match.group().split(".")):
            confidence = 0.6  # four small numbers are as often a version or a paragraph
        if text[end : end + 1] == "/":
            width = Linear(r"/([0-9]{1,2})\b").match(text[end : end + 4])
            if width is not None and int(width.group(1)) < _WIDEST_LINE:
                continue
        yield _found4(start, end, address, confidence, "an IPv4 address")
    for match in _V4_HEX.finditer(text):
        # Eight hexadecimal digits are an address only where a host stands; elsewhere they are memory or a magic number.
        if match.end() - match.start() == len(text.strip()) or text[: match.start()].endswith("//"):
            address = ipaddress.IPv4Address(int(match.group(), 16))
            yield _found4(match.start(), match.end(), address, 0.8, "an IPv4 address in hexadecimal")


def find_ipv6(text: str, place: Place) -> Iterator[Found]:
    for match in _V6.finditer(text):
        start, end = match.span()
        said = match.group()
        while said.endswith(":") and not said.endswith("::"):
            said, end = said[:-1], end - 1
        if _hexish(text[start - 1 : start]) or _hexish(
            text[end : end + 1].replace(":", "") if said == match.group() else ""
        ):
            continue
        if (
            text[end : end + 1] == ":"
            and text[end + 1 : end + 2].isalnum()
            and text[start - 1 : start] != "["
            and said.count(":") == 7
        ):
            continue  # more groups than an address has: a fingerprint
        try:
            address = ipaddress.IPv6Address(said)
        except ValueError:
            continue
        inner = address.ipv4_mapped
        if inner is not None:
            yield _found4(start, end, inner, 0.95, "an IPv4 address mapped into IPv6")
            continue
        if address.is_loopback or address.is_unspecified or address.is_multicast or int(address) < 1 << 32:
            continue
        if "::" in said and sum(map(bool, said.split(":"))) < 2:
            continue
        yield Found(start, end, Category.IPV6_ADDRESS, 0.95, "an IPv6 address", str(address))
        low = int(address) & 0xFFFFFFFFFFFFFFFF
        if (low >> 24) & 0xFFFF == 0xFFFE:
            mac = ((low >> 40) ^ 0x020000) << 24 | low & 0xFFFFFF
            value = ":".join(f"{mac >> shift & 0xFF:02x}" for shift in range(40, -1, -8))
            yield Found(
                start, end, Category.MAC_ADDRESS, 0.85, "an IPv6 address that spells a hardware address (EUI-64)", value
            )


def find_mac(text: str, place: Place) -> Iterator[Found]:
    for match in _MAC.finditer(text):
        start, end = match.span()
        if _hexish(text[start - 1 : start]) or _hexish(text[end : end + 1]):
            continue
        digits = "".join(c for c in match.group().lower() if c.isalnum())
        if len(set(digits)) == 1:
            continue
        value = ":".join(digits[i : i + 2] for i in range(0, 12, 2))
        yield Found(start, end, Category.MAC_ADDRESS, 0.95, "a hardware address", value)


def _v4(said: str) -> ipaddress.IPv4Address | None:
    try:
        address = ipaddress.IPv4Address(said)
    except ValueError:
        return None
    nobody = (
        address.is_loopback
        or said == "169.254.169.254"
        or address.is_unspecified
        or address.is_multicast
        or said in _PUBLIC_RESOLVERS
    )
    return None if nobody or said.startswith(("255.", "0.", "1.3.6.1", "2.5.29.")) else address


def _found4(start: int, end: int, address: ipaddress.IPv4Address, confidence: float, why: str) -> Found:
    return Found(start, end, Category.IPV4_ADDRESS, confidence, why, str(address))


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 2]
    if before and ((before.isascii() and before.isalnum()) or before in {".", "_"}):
        return False
    if after[:1].isascii() and after[:1].isalnum():
        return False
    return not (after[:1] in {".", "-"} and after[1:2].isdecimal())


def _is_version(text: str, start: int, end: int) -> bool:
    return _VERSION.search(text[max(0, start - 24) : start]) is not None or (
        _VERSION_AFTER.search(text[end : end + 12]) is not None
    )


def _hexish(char: str) -> bool:
    return bool(char) and (char in "0123456789abcdefABCDEF:-" or char.isalnum())


IPV4 = Detector("ipv4-address", 1, r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|0x[0-9A-Fa-f]{8}", find_ipv4, TEXT)
IPV6 = Detector("ipv6-address", 1, r"(?i)[0-9a-f:]:[0-9a-f]{0,4}:[0-9a-f]{1,4}", find_ipv6, TEXT)
MAC = Detector(
    "mac-address",
    1,
    r"(?i)[0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-]|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}",
    find_mac,
    TEXT,
)

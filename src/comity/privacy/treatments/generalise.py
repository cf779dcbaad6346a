"""What is left of a value when it is generalised: a network, a domain, a calling code, a year, a country."""

from __future__ import annotations

import functools
import ipaddress
import re

import phonenumbers
from publicsuffixlist import PublicSuffixList

from comity.canon import Category, Remains

_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
_PHONE_DIGITS = re.compile(r"[^\d+]")
_HOST_OF_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@)?([^/?#:\[\]]+)")


def generalise(category: Category, value: str, remains: Remains, countries: frozenset[str] = frozenset()) -> str | None:
    """What may be told of the value, or None where nothing is left and it has to be redacted.

    Args:    value: the detection's normalised value. countries: where its subject is known to be.
    Returns: a network in CIDR form, a registrable domain, "+420", a year of four digits, or a country code.
    """
    if category in {Category.IPV4_ADDRESS, Category.IPV6_ADDRESS}:
        return _network(value, remains)
    if category is Category.EMAIL_ADDRESS:
        domain = value.rpartition("@")[2].casefold()
        return domain if remains.email and "@" in value and domain else None
    if category in {Category.HOSTNAME, Category.DOMAIN_NAME}:
        return registrable_domain(value) if remains.host else None
    if category is Category.URL:
        host = _HOST_OF_URL.match(value)
        return registrable_domain(host.group(1)) if remains.host and host else None
    if category is Category.PHONE_NUMBER:
        return _calling_code(value) if remains.phone else None
    if category in {Category.DATE_OF_BIRTH, Category.TRAFFIC_DATA}:
        years = set(_YEAR.findall(value)) if remains.date else set()
        return years.pop() if len(years) == 1 else None
    if category in {Category.POSTAL_ADDRESS, Category.GPS_POSITION}:
        return next(iter(countries)) if remains.place and len(countries) == 1 else None
    return None


def registrable_domain(host: str) -> str | None:
    """The domain somebody registered, by the Public Suffix List; None for an address, a bare label or a suffix."""
    name = host.casefold().rstrip(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return _suffixes().privatesuffix(name) if "." in name else None
    return None


def _network(value: str, remains: Remains) -> str | None:
    try:
        given = ipaddress.ip_interface(value)
    except ValueError:
        return None
    bits = remains.ipv4 if given.version == 4 else remains.ipv6
    if bits <= 0:
        return None
    # A network that is wider already stays as wide; an address of which every bit may stay is an address.
    length = min(bits, given.network.prefixlen)
    if length == given.max_prefixlen and "/" not in value:
        return str(given.ip)
    return str(ipaddress.ip_network(f"{given.ip}/{length}", strict=False))


def _calling_code(value: str) -> str | None:
    try:
        number = phonenumbers.parse(_PHONE_DIGITS.sub("", value), None)
    except phonenumbers.NumberParseException:
        return None
    return f"+{number.country_code}"


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)

"""Pseudonyms: keyed, the same for one value under one agreement and epoch, and like nothing that exists.

    key of the agreement --HKDF-SHA-256(epoch)--> key of the epoch --HMAC-SHA-256(form, normal form)--> token

Two agreements have two keys, so what one says is nothing under the other; an epoch ends the link within one agreement.
Nobody can go back from a pseudonym without the key, and this room keeps no table to go back with: that is the origin's.

Every form lives where nothing real lives, so that a partner who blocks one blocks no stranger:

    IPv4       240.0.0.0/4       RFC 1112 section 4: reserved
    IPv6       fd00::/8          RFC 4193: unique local
    hosts      .invalid          RFC 6761 section 6.4: never resolves
    MAC        locally administered, unicast   IEEE 802-2014 section 8.2
    telephone  +999              ITU-T E.164.1: never assigned

How unlikely two values are to share one: tokens have 65 bits, IPv6 120. Three forms have room for fewer, and a
collision joins two persons into one: MAC 46 bits, telephone 39, IPv4 28. Among a thousand treated IPv4 addresses of
one agreement and epoch two are alike with a chance of 0.2 %, among ten thousand 17 %: where it matters, agree on
generalising addresses or a shorter epoch.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.canon import Category, InputError
from comity.privacy.normal_form import normal_form

MIN_KEY_BYTES = 32  # as long as the hash is wide: RFC 2104 section 3
TOKEN = 13  # base 32 letters, 65 bits

_BROADCAST = "255.255.255.255"


class WeakKey(InputError):
    what = "no pseudonyms can be made with this key"
    why = "it has {length} bytes, and fewer than {least} can be guessed"
    do = "give {least} random bytes that no other agreement uses"


@dataclass(frozen=True, slots=True)
class _Form:
    """A sort of pseudonym. Categories that share a form share the pseudonym of an equal value."""

    name: str
    build: Callable[[bytes], str]


def _token(digest: bytes) -> str:
    return base64.b32encode(digest).decode().lower()[:TOKEN]


def _worded(prefix: str) -> _Form:
    return _Form(prefix, lambda digest: prefix + _token(digest))


def _ipv4(digest: bytes) -> str:
    for start in range(0, len(digest) - 3, 4):
        address = str(ipaddress.IPv4Address(0xF0000000 | int.from_bytes(digest[start : start + 4], "big") >> 4))
        if address != _BROADCAST:
            return address
    return "240.0.0.1"  # eight broadcasts in one digest: a chance of 2^-224


def _ipv6(digest: bytes) -> str:
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))


def _mac(digest: bytes) -> str:
    return bytes([digest[0] & 0xFC | 0x02, *digest[1:6]]).hex(":")


def _phone(digest: bytes) -> str:
    return f"+999{int.from_bytes(digest[:16], 'big') % 10**12:012d}"


_HOST = _Form("host", lambda digest: f"host-{_token(digest)}.invalid")
_ACCOUNT = _worded("user-")
_SPECIAL = _worded("attribute-")

_FORMS: dict[Category, _Form] = {
    Category.PERSON_NAME: _worded("Person "),
    Category.EMAIL_ADDRESS: _Form("mail", lambda digest: f"user-{_token(digest)}@mail.invalid"),
    Category.PHONE_NUMBER: _Form("phone", _phone),
    Category.POSTAL_ADDRESS: _worded("Address "),
    Category.SOCIAL_HANDLE: _worded("handle-"),
    Category.IPV4_ADDRESS: _Form("ipv4", _ipv4),
    Category.IPV6_ADDRESS: _Form("ipv6", _ipv6),
    Category.MAC_ADDRESS: _Form("mac", _mac),
    Category.HOSTNAME: _HOST,
    Category.DOMAIN_NAME: _HOST,
    Category.URL: _Form("url", lambda digest: f"https://link-{_token(digest)}.invalid/"),
    Category.USERNAME: _ACCOUNT,
    Category.ACCOUNT_ID: _ACCOUNT,
    Category.DEVICE_ID: _worded("device-"),
    Category.VEHICLE_ID: _worded("vehicle-"),
    Category.GPS_POSITION: _worded("position-"),
    Category.NATIONAL_ID: _worded("national-id-"),
    Category.PASSPORT: _worded("passport-"),
    Category.DATE_OF_BIRTH: _worded("birth-"),
    Category.IBAN: _worded("bank-account-"),
    Category.PAYMENT_CARD: _worded("card-"),
    Category.CRYPTO_WALLET: _worded("wallet-"),
    Category.PASSWORD: _worded("password-"),
    Category.API_KEY: _worded("api-key-"),
    Category.SESSION_TOKEN: _worded("session-"),
    Category.MESSAGE_CONTENT: _worded("message-"),
    Category.TRAFFIC_DATA: _worded("traffic-"),
    Category.HEALTH: _SPECIAL,
    Category.ETHNICITY: _SPECIAL,
    Category.RELIGION: _SPECIAL,
    Category.POLITICS: _SPECIAL,
    Category.TRADE_UNION: _SPECIAL,
    Category.SEXUAL_ORIENTATION: _SPECIAL,
    Category.BIOMETRIC: _worded("biometric-"),
    Category.GENETIC: _worded("genetic-"),
    Category.CRIME_VICTIM: _SPECIAL,
    Category.OFFENCE: _worded("offence-"),
    Category.PRIVILEGED: _worded("privileged-"),
    Category.TRADE_SECRET: _worded("secret-"),
    Category.UNREADABLE: _worded("content-"),
}


# What stands before a token, for those who must not take our own words for somebody's.
PREFIXES = frozenset({"user-", "host-", "link-"} | {form.name for form in _FORMS.values() if form.name[-1] in "- "})


class Pseudonyms:
    """The pseudonyms of one agreement in one epoch."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes, epoch: str) -> None:
        """Args:    key: secret of this agreement alone, at least 32 bytes. epoch: its name, e.g. "2026".
        Raises:  WeakKey: the key is too short.
        """
        if len(key) < MIN_KEY_BYTES:
            raise WeakKey(length=len(key), least=MIN_KEY_BYTES)
        info = b"comity pseudonyms 1\x00" + epoch.encode()
        self._key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(key)

    def of(self, category: Category, value: str) -> str:
        """The pseudonym of a value: the same for every spelling of it, in the form its category has."""
        form = _FORMS[category]
        mac = HMAC(self._key, hashes.SHA256())
        mac.update(form.name.encode() + b"\x00" + normal_form(category, value).encode("utf-8", "surrogatepass"))
        return form.build(mac.finalize())

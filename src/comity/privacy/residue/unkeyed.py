"""What anybody can compute from a value without a key, and so undo by trying all values (attack A50).

Computed here only to be recognised in what is about to leave: nothing in this file is ever given out.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator

from comity.canon import Category
from comity.material import deterministic_id
from comity.privacy.normal_form import normal_form

_DIGESTS = ("md5", "sha1", "sha256", "sha512")
_NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}
# Observables whose deterministic id is a hash of one value (STIX 2.1 section 2.9).
_OBSERVABLES: dict[Category, tuple[str, ...]] = {
    Category.IPV4_ADDRESS: ("ipv4-addr",),
    Category.IPV6_ADDRESS: ("ipv6-addr",),
    Category.MAC_ADDRESS: ("mac-addr",),
    Category.EMAIL_ADDRESS: ("email-addr",),
    Category.HOSTNAME: ("domain-name",),
    Category.DOMAIN_NAME: ("domain-name",),
    Category.URL: ("url",),
}
_ACCOUNTS = frozenset({Category.USERNAME, Category.ACCOUNT_ID, Category.SOCIAL_HANDLE, Category.EMAIL_ADDRESS})
_ACCOUNT_TYPES = (None, "ldap", "openid", "unix", "windows-local", "windows-domain")


def unkeyed(category: Category, value: str, text: str, salts: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Each (kind, spelling) of what a partner could compute: digests in hexadecimal, and identifiers.

    Args:    salts: those that are known to others; a digest with a salt nobody here knows is not recognised.
    """
    spelled = sorted({value, text, normal_form(category, value), text.lower(), text.upper()})
    salts = list(salts)
    for one in spelled:
        raw = one.encode("utf-8", "surrogatepass")
        for message in (raw, *(salt + raw for salt in salts), *(raw + salt for salt in salts)):
            for name in _DIGESTS:
                yield _NAMES[name], hashlib.new(name, message, usedforsecurity=False).hexdigest()
    for one in {value, text}:
        for space in (uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL):
            yield "UUID", str(uuid.uuid5(space, one))
        for content in _observables(category, one):
            identifier = deterministic_id(content)
            if identifier is not None:
                yield "STIX id", identifier.partition("--")[2]


def _observables(category: Category, value: str) -> Iterator[dict[str, str]]:
    for kind in _OBSERVABLES.get(category, ()):
        yield {"type": kind, "value": value}
    if category in _ACCOUNTS:
        for account_type in _ACCOUNT_TYPES:
            base = {"type": "user-account"} | ({"account_type": account_type} if account_type else {})
            yield base | {"account_login": value}
            yield base | {"user_id": value}
            yield base | {"account_login": value, "user_id": value}
    if category is Category.USERNAME:
        yield {"type": "directory", "path": f"C:\\Users\\{value}"}
        yield {"type": "directory", "path": f"/home/{value}"}

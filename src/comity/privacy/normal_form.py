"""One spelling for one value, by category: what a pseudonym is made from and what residue is compared by.

`Jan.Novak@Example.CZ` and `jan.novak@example.cz` are one mailbox; `+420 601 234 567` and `+420601234567` one telephone.
"""

from __future__ import annotations

import ipaddress
import unicodedata

from comity.canon import Category

_SPACED = frozenset({
    Category.PHONE_NUMBER, Category.NATIONAL_ID, Category.PASSPORT, Category.IBAN, Category.PAYMENT_CARD,
    Category.DEVICE_ID, Category.VEHICLE_ID,
})  # fmt: skip
_EXACT = frozenset({
    Category.PASSWORD, Category.API_KEY, Category.SESSION_TOKEN, Category.CRYPTO_WALLET, Category.URL,
})  # fmt: skip
_SEPARATORS = str.maketrans("", "", " \t\u00a0-./()_")
_MAC_SEPARATORS = str.maketrans("", "", ":-. ")
_ADDRESSES = frozenset({Category.IPV4_ADDRESS, Category.IPV6_ADDRESS})


def normal_form(category: Category, value: str) -> str:
    """The value's one spelling; a value that is not what its category says is only folded."""
    text = unicodedata.normalize("NFKC", value).strip()
    if category in _EXACT:
        return text
    if category in _ADDRESSES:
        return _address(text)
    if category is Category.MAC_ADDRESS:
        return text.casefold().translate(_MAC_SEPARATORS)
    if category in _SPACED:
        return text.casefold().translate(_SEPARATORS)
    return " ".join(text.casefold().split()).rstrip("." if category.family == "host" else "")


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_interface(text)) if "/" in text else str(ipaddress.ip_address(text))
    except ValueError:
        return text.casefold()

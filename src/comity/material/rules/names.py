"""Members of objects: their names, references, encodings and sizes (STIX 2.1 chapters 2 and 3)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from encodings.aliases import aliases
from typing import Any

import re2

from comity.material.identifiers import is_identifier
from comity.material.limits import LIMITS
from comity.material.rules.breach import Breach, Content, breach

# Unambiguous at every character, so Python's engine, which is quicker to call than RE2, is linear on them.
_NAME = re.compile(r"[a-z][a-z0-9_]{2,249}")
_KEY = re.compile(r"[a-zA-Z0-9_-]{1,250}")
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
# RFC 5646 well-formed, not looked up in the registry: language, script, region, variants, extensions, private use.
_LANGUAGE = re2.compile(
    r"^(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[A-WYZa-wyz0-9](?:-[A-Za-z0-9]{2,8})+)*(?:-x(?:-[A-Za-z0-9]{1,8})+)?$"
)
_CHARSETS = frozenset(aliases) | frozenset(aliases.values()) | {"ascii", "latin_1", "utf_8"}
# Section 3.1: what STIX 1 and CybOX meant by these words would be guessed wrongly.
RESERVED = frozenset({"severity", "action", "username", "phone_number", "phone_numbers"})


def something(value: Any) -> str | None:
    """Chapter 2: lists and dictionaries are not empty, and there is no null. Endless ones are refused by us (A28)."""
    if value is None:
        return "is null, which STIX does not know"
    if isinstance(value, (list, Mapping)):
        if not value:
            return "is empty"
        if len(value) > LIMITS.max_members:
            return f"has {len(value)} members, more than {LIMITS.max_members}"
    return None


def reference(value: Any) -> str | None:
    """Sections 2.9 and 3.7: `_ref` holds an identifier."""
    return None if is_identifier(value) else "is no identifier (type, two dashes, a lower-case UUID)"


def references(value: Any) -> str | None:
    """Sections 2.9 and 3.7: `_refs` holds a list of identifiers."""
    if isinstance(value, list) and all(is_identifier(item) for item in value):
        return None
    return "is no list of identifiers (type, two dashes, a lower-case UUID)"


def hexadecimal(value: Any) -> str | None:
    """Section 2.7: `_hex` is an even number of lower-case digits."""
    return (
        None if isinstance(value, str) and _HEX.fullmatch(value) else "is not hexadecimal, lower case, of even length"
    )


def binary(value: Any) -> str | None:
    """Section 2.1: `_bin` is base64 (RFC 4648)."""
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return "is not base64"
    return None


def charset(value: Any) -> str | None:
    """Chapter 6: `_enc` names a character set of the IANA registry (as far as Python knows it)."""
    return None if isinstance(value, str) and _normal(value) in _CHARSETS else "names no character set"


def _normal(charset_name: str) -> str:
    return charset_name.lower().replace("-", "_").replace(".", "_").replace(" ", "_")


def language(value: Any) -> str | None:
    """Section 3.2: `lang` is an RFC 5646 language tag."""
    return None if isinstance(value, str) and _LANGUAGE.match(value) else "is no RFC 5646 language tag"


def languages(value: Any) -> str | None:
    """Section 6.14: `languages` of software is a list of RFC 5646 language tags."""
    if isinstance(value, list) and all(language(tag) is None for tag in value):
        return None
    return "is no list of RFC 5646 language tags"


def property_names(content: Content) -> Iterator[Breach]:
    """Section 3.1: property names are 3 to 250 lower-case letters, digits and underscores, and not reserved."""
    for name in content:
        if name != "id" and not _NAME.fullmatch(name):
            yield breach("3.1", "", "has a property whose name is not 3 to 250 of a-z, 0-9 and _")
        elif name in RESERVED:
            yield breach("3.1", f"/{name}", "is a reserved name")


def key_name(name: str) -> str | None:
    """Section 2.5: dictionary keys, and the names of nested properties, which are a part of them."""
    return None if _KEY.fullmatch(name) else "has a key that is not up to 250 of a-z, A-Z, 0-9, _ and -"

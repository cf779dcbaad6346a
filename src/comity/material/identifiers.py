"""STIX identifiers: `type--UUID`, and the deterministic ones of cyber-observables (STIX 2.1 section 2.9)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from comity.canon import dumps

SCO_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
NIL = "00000000-0000-0000-0000-000000000000"

# Lower case only and RFC 4122's variant (section 2.9; lower case is ours: an upper-case twin compares unequal).
# Unambiguous at every character, so Python's engine, which is quicker to call than RE2, is linear on it.
IDENTIFIER = re.compile(
    r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)

_CONTRIBUTING: dict[str, tuple[str, ...]] = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("from_ref", "subject", "body"),
    "file": ("hashes", "name", "extensions", "parent_directory_ref"),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": ("start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "url": ("value",),
    "user-account": ("account_type", "user_id", "account_login"),
    "windows-registry-key": ("key", "values"),
    "x509-certificate": ("hashes", "serial_number"),
}
_HASH_ORDER = ("MD5", "SHA-1", "SHA-256", "SHA-512")


def is_identifier(text: object) -> bool:
    """Whether this is a well-formed STIX identifier with a lower-case UUID that is not nil."""
    return (
        isinstance(text, str) and len(text) <= 300 and IDENTIFIER.fullmatch(text) is not None and not text.endswith(NIL)
    )


def type_of(identifier: str) -> str:
    """The type an identifier names: `indicator` of `indicator--8e2e2d2b-...`."""
    return identifier.partition("--")[0]


def deterministic_id(content: Mapping[str, Any]) -> str | None:
    """The UUIDv5 identifier that this cyber-observable's content gives, or None where there is none.

    None means: not a cyber-observable of the standard, a process, or no contributing property is present; those
    carry a UUIDv4. Unkeyed, so it betrays the value: never for what was treated.
    Raises: NotCanonical when a contributing value has no canonical form.
    Source: STIX 2.1 section 2.9, and the table of ID Contributing Properties of each type.
    """
    kind = content.get("type")
    names = _CONTRIBUTING.get(kind) if isinstance(kind, str) else None
    if names is None:
        return None
    seed = {name: content[name] for name in names if name in content}
    if "hashes" in seed:
        seed["hashes"] = _one_hash(seed["hashes"])
    if not seed:
        return None
    return f"{kind}--{uuid.uuid5(SCO_NAMESPACE, dumps(seed).decode())}"


def _one_hash(hashes: Any) -> Any:
    """The one hash that contributes: MD5, SHA-1, SHA-256, SHA-512, else the first in sort order."""
    if not isinstance(hashes, Mapping) or not hashes:
        return hashes
    name = next((name for name in _HASH_ORDER if name in hashes), None) or min(hashes)
    return {name: hashes[name]}

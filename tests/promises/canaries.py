"""Planted people: unique mail addresses put where personal data can hide, and a search that finds them anyhow."""

from __future__ import annotations

import base64
import html
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

from comity.material import breaches, kind, known_properties
from promises.cti import Content, sco, sdo

# Disguises that a reader, a mail program or an analyst's tool undoes without being asked (attack A21).
DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "capitals": str.upper,
    "defanged": lambda mail: mail.replace("@", "[@]").replace(".", "[.]"),
    "spelled": lambda mail: mail.replace("@", " (at) ").replace(".", " (dot) "),
    "percent": urllib.parse.quote_plus,
    "every byte percent": lambda mail: "".join(f"%{byte:02x}" for byte in mail.encode()),
    "base64": lambda mail: base64.b64encode(mail.encode()).decode(),
    "base64 in a sentence": lambda mail: base64.b64encode(f"please write to {mail} today".encode()).decode(),
    "hex": lambda mail: mail.encode().hex(),
    "entities": lambda mail: mail.replace("@", "&#64;"),
    "json escape": lambda mail: mail.replace("@", "\\u0040"),
    "full width": lambda mail: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in mail),
    "zero width": "\u200b".join,
    "mailto": lambda mail: f"mailto:{mail}?subject=hello",
    "angle brackets": lambda mail: f"Mari Maasikas <{mail}>",
    "in markup": lambda mail: f'<a href="mailto:{mail}">me</a>',
}


def canary(number: int) -> str:
    """A mail address that nobody has and that occurs nowhere else."""
    return f"mari.{token(number)}@kannatanu.example"


def token(number: int) -> str:
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:05d}")
    return f"maasikas{letters}"


def hidden_in(text: str, number: int) -> list[str]:
    """The disguises under which the canary is still found in what crosses; a search of its own, not the program's."""
    word = token(number)
    folded = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").casefold()
    undone = urllib.parse.unquote(html.unescape(folded))
    found = [name for name, where in (("plain", folded), ("percent or entities", undone)) if word in where]
    if word[::-1] in folded:
        found.append("backwards")
    if word.encode().hex() in folded:
        found.append("hex")
    if any(word.encode() in decoded.lower() for decoded in from_base64(text)):
        found.append("base64")
    return found


def from_base64(text: str) -> Iterator[bytes]:
    """What each run of base64 letters says, begun at each of the four places a reader could begin."""
    for run in re.findall(r"[A-Za-z0-9+/_-]{12,}", text):
        plain = run.replace("-", "+").replace("_", "/")
        for begin in range(4):
            part = plain[begin:]
            yield base64.b64decode(part[: len(part) // 4 * 4])


SDO_MINIMUM: dict[str, Content] = {
    "attack-pattern": {"name": "a"},
    "campaign": {"name": "a"},
    "course-of-action": {"name": "a"},
    "grouping": {"context": "suspicious-activity"},
    "identity": {"name": "a"},
    "incident": {"name": "a"},
    "indicator": {"pattern": "[file:size = 1]", "pattern_type": "stix", "valid_from": "2026-11-01T08:00:00Z"},
    "infrastructure": {"name": "a"},
    "intrusion-set": {"name": "a"},
    "location": {"region": "northern-europe"},
    "malware": {"is_family": True, "name": "a"},
    "malware-analysis": {"product": "a", "result": "malicious"},
    "note": {"content": "a"},
    "observed-data": {
        "first_observed": "2026-11-01T08:00:00Z",
        "last_observed": "2026-11-01T08:00:00Z",
        "number_observed": 1,
    },
    "opinion": {"opinion": "agree"},
    "report": {"name": "a", "published": "2026-11-01T08:00:00Z"},
    "threat-actor": {"name": "a"},
    "tool": {"name": "a"},
    "vulnerability": {"name": "a"},
}
NEEDS_REFERENCES = frozenset({"grouping", "note", "observed-data", "opinion", "report"})
SCO_MINIMUM: dict[str, Content] = {
    "artifact": {"url": "https://files.attacker.example/a", "hashes": {"SHA-256": "0" * 64}},
    "autonomous-system": {"number": 64496},
    "directory": {"path": "/tmp/a"},
    "domain-name": {"value": "c2.attacker.example"},
    "email-addr": {"value": "a@attacker.example"},
    "email-message": {"is_multipart": False},
    "file": {"name": "a.exe"},
    "ipv4-addr": {"value": "203.0.113.77"},
    "ipv6-addr": {"value": "2001:db8::7"},
    "mac-addr": {"value": "00:00:5e:00:53:01"},
    "mutex": {"name": "a"},
    "process": {"pid": 1},
    "software": {"name": "a"},
    "url": {"value": "https://c2.attacker.example/a"},
    "user-account": {"user_id": "a"},
    "windows-registry-key": {"key": "HKEY_LOCAL_MACHINE\\a"},
    "x509-certificate": {"serial_number": "01"},
}
# Names and times that say what an object is; personal data there makes the object invalid.
STRUCTURE = frozenset({"type", "spec_version", "id", "created", "modified", "extensions", "granular_markings", "lang"})


def minimal(stix_type: str, label: str, about: str) -> Content:
    """The least valid object of a type. `about`: an id that reports and notes refer to."""
    if stix_type in SCO_MINIMUM:
        return sco(stix_type, **SCO_MINIMUM[stix_type])
    extra = {"object_refs": [about]} if stix_type in NEEDS_REFERENCES else {}
    return sdo(stix_type, label, **SDO_MINIMUM[stix_type], **extra)


def valid(content: Content) -> bool:
    return not breaches(content)


def planted(stix_type: str, about: str, numbers: Iterator[int]) -> Iterator[tuple[str, int, Content]]:
    """For every property of the type that can hold a text: (property, canary number, a valid object that holds it)."""
    for name in sorted(known_properties(stix_type) - STRUCTURE):
        if name.endswith(("_ref", "_refs")):
            continue
        number = next(numbers)
        mail = canary(number)
        for value in shapes(name, mail):
            content = {**minimal(stix_type, f"{stix_type} {name} {number}", about), name: value}
            if kind(stix_type) == "sco":
                content = sco(
                    stix_type, **{k: v for k, v in content.items() if k not in ("type", "spec_version", "id")}
                )
            if valid(content):
                yield name, number, content
                break


def shapes(name: str, mail: str) -> list[Any]:
    """What STIX lets a property be that holds this text somewhere: a text, a list of texts, parts of objects."""
    return [
        f"[file:name = '{mail}']" if name == "pattern" else mail,
        f"https://c2.attacker.example/login?user={mail}",
        base64.b64encode(f"user {mail} {'.' * 20}".encode()).decode(),
        [mail],
        {"From": [mail]},
        {"USER": mail},
        [{"source_name": "a", "description": f"told by {mail}"}],
        [{"kill_chain_name": mail, "phase_name": "a"}],
        [{"name": mail, "data": mail, "data_type": "REG_SZ"}],
        [{"body": mail, "content_disposition": "inline", "content_type": "text/plain"}],
    ]


ALL_TYPES = [*SDO_MINIMUM, *SCO_MINIMUM]

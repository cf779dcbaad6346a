"""What a cell or line says: an address, a domain, a hash ... and the STIX pattern that finds it.

Lists for people are defanged (`hxxp://evil[.]example`); a pattern needs the real value.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import cache

from publicsuffixlist import PublicSuffixList

from comity.material.hives import full_key
from comity.material.pattern_parts import quoted

_FANGS = (
    (re.compile(r"^h(?:xx|tt|XX|\*\*)p(s?)(?=[:\[])", re.IGNORECASE), r"http\1"),
    (re.compile(r"^f(?:xp|tp)(s?)(?=[:\[])", re.IGNORECASE), r"ftp\1"),
    (re.compile(r"\[://\]|\[:\]//"), "://"),
    (re.compile(r"\[:\]"), ":"),
    (re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\\\.", re.IGNORECASE), "."),
    (re.compile(r"\[@\]|\(@\)|\[at\]|\(at\)", re.IGNORECASE), "@"),
    (re.compile(r"\[/\]"), "/"),
)
_HASHES = {32: "MD5", 40: "'SHA-1'", 64: "'SHA-256'", 128: "'SHA-512'"}
_HEX = re.compile(r"[0-9a-fA-F]+")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_URL = re.compile(r"(?:https?|ftps?|tcp|udp|wss?)://[^\s\"<>]+", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s@<>\"',;]{1,64}@([^\s@<>\"',;]{3,253})")
_REGISTRY = re.compile(r"HK(?:EY_[A-Z_]+|LM|CU|CR|U|CC)\\[^\r\n]+", re.IGNORECASE)


def refang(text: str) -> str:
    """The value as it really is."""
    for defanged, real in _FANGS:
        text = defanged.sub(real, text)
    return text


def pattern_of(value: str, type_word: str = "") -> str | None:
    """The STIX pattern of a value, by its declared type where that fits, else by its own form; None when neither says.

    Args: type_word: what a column calls the type, as `hostname`, `SHA256 Hash`, `IP Address`.
    """
    value = refang(value.strip())
    if not value or len(value) > 2000:
        return None
    declared = type_reader(type_word)
    found = declared(value) if declared else None
    return found or next((made for reader in _BY_FORM if (made := reader(value))), None)


def is_certain(token: str) -> bool:
    """Whether a word can be nothing but an indicator: a hash, or a value that somebody defanged."""
    return _hash(token) is not None or (refang(token) != token and pattern_of(token) is not None)


def type_reader(word: str) -> Callable[[str], str | None] | None:
    """How values of a so-called type are read; None for a word that names no type of indicator."""
    words = re.findall(r"[a-z0-9]+", word.lower())
    for plain in ("".join(words), *reversed(words)):
        if plain in _BY_WORD:
            return _BY_WORD[plain]
    return next((reader for known, reader in _BY_WORD.items() if len(known) > 3 and known in "".join(words)), None)


def _hash(value: str) -> str | None:
    name = _HASHES.get(len(value)) if _HEX.fullmatch(value) else None
    return f"[file:hashes.{name} = {quoted(value.lower())}]" if name else None


def _address(value: str) -> str | None:
    """An address or network, or an IPv4 address with a port."""
    host, colon, port = value.partition(":")
    if colon and value.count(":") == 1 and port.isascii() and port.isdigit() and int(port[:6]) <= 65535 and _v4(host):
        return (
            f"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = {quoted(host)} "
            f"AND network-traffic:dst_port = {int(port)}]"
        )
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None
    return f"[ipv{network.version}-addr:value = {quoted(value)}]"


def _v4(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 4
    except ValueError:
        return False


def _url(value: str) -> str | None:
    return f"[url:value = {quoted(value)}]" if _URL.fullmatch(value) else None


def _bare_url(value: str) -> str | None:
    """A URL without its scheme, as lists of panels write it: a domain or address, a slash and a path."""
    host = value.partition("/")[0].partition(":")[0]
    if "/" in value and not re.search(r"[\s\"'<>]", value) and (_domain(host) or _v4(host)):
        return f"[url:value = {quoted(value)}]"
    return _url(value)


def _mailbox(value: str) -> str | None:
    match = _MAILBOX.fullmatch(value)
    return f"[email-addr:value = {quoted(value)}]" if match and is_domain(match[1]) else None


def _domain(value: str) -> str | None:
    return f"[domain-name:value = {quoted(value.rstrip('.').lower())}]" if is_domain(value) else None


def is_domain(value: str) -> bool:
    """Whether this is a domain under a suffix that exists: `setup.exe` is none, `evil.example.com` is."""
    name = value.rstrip(".").lower()
    labels = name.split(".")
    return (
        len(name) <= 253
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and _suffixes().privatesuffix(name) is not None
    )


@cache
def _suffixes() -> PublicSuffixList:
    """The list as installed; only suffixes that registries run, so that `exe` is no top-level domain."""
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _registry_key(value: str) -> str | None:
    if not _REGISTRY.fullmatch(value):
        return None
    return f"[windows-registry-key:key = {quoted(full_key(value))}]"


def _file_name(value: str) -> str | None:
    name = re.split(r"[/\\]", value)[-1]
    return f"[file:name = {quoted(name)}]" if name else None


def _mutex(value: str) -> str | None:
    return f"[mutex:name = {quoted(value)}]"


def _user_agent(value: str) -> str | None:
    return f"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = {quoted(value)}]"


_BY_FORM = (_hash, _address, _url, _mailbox, _domain, _registry_key, _bare_url)
# Words of column heads and type columns, without case, spaces and punctuation; longer words are found inside others.
_BY_WORD: dict[str, Callable[[str], str | None]] = {
    "sha256": _hash,
    "sha512": _hash,
    "sha1": _hash,
    "md5": _hash,
    "hash": _hash,
    "useragent": _user_agent,
    "filename": _file_name,
    "filepath": _file_name,
    "file": _file_name,
    "email": _mailbox,
    "url": _bare_url,
    "uri": _bare_url,
    "ip": _address,
    "ipv4": _address,
    "ipv6": _address,
    "ipaddress": _address,
    "ipaddr": _address,
    "hostname": _domain,
    "host": _domain,
    "domain": _domain,
    "fqdn": _domain,
    "c2": _domain,
    "registry": _registry_key,
    "mutex": _mutex,
}
